"""Rotary settings in config.json, in both of their spellings.

transformers 5 writes ``rope_parameters``, earlier versions ``rope_theta`` and ``rope_scaling``; we read either and
write both. Where a file has both, transformers 5 lets ``rope_scaling`` win, and so do we.
"""

from openbook.model.config import BadCheckpoint, DecoderConfig, RotaryScaling
from openbook.model.families.fields import Fields
from openbook.model.stretch import yarn_attention
from openbook.values import Json

_KINDS = ("default", "linear", "dynamic", "llama3", "yarn")


def read_rope(fields: Fields) -> tuple[float, RotaryScaling | None, int]:
    """θ, how it is stretched, and the context: max_position_embeddings, times the factor for dynamic scaling."""
    given = fields.table("rope_scaling")
    if not given.values:
        given = fields.table("rope_parameters")
    if any(isinstance(value, dict) for value in given.values.values()):
        raise BadCheckpoint(f"{given.where} differs by layer type, which openbook does not have")
    for each in (fields, given):
        each.refuse("partial_rotary_factor", 1)
    theta = given.number("rope_theta", fields.number("rope_theta", 10_000.0))
    context = fields.integer("max_position_embeddings")
    kind = given.one_of("rope_type", _KINDS, given.one_of("type", _KINDS, "default"))
    original = given.integer("original_max_position_embeddings", context)
    original = fields.integer("original_max_position_embeddings", original)
    if kind == "default":
        return theta, None, context
    if kind == "linear":
        return theta, RotaryScaling("linear", given.number("factor")), context
    if kind == "dynamic":
        factor = given.number("factor")
        return theta, RotaryScaling("dynamic", factor, context), _reach(context, factor)
    if kind == "llama3":
        low, high = given.number("low_freq_factor"), given.number("high_freq_factor")
        return theta, RotaryScaling("llama3", given.number("factor"), original, low, high), context
    return theta, _yarn(given, context, original), context


def write_rope(config: DecoderConfig) -> dict[str, Json]:
    """The keys of both spellings, and max_position_embeddings."""
    scaling, context = config.scaling, config.context
    if scaling is None:
        plain: dict[str, Json] = {"rope_type": "default", "rope_theta": config.theta}
        return {
            "max_position_embeddings": context,
            "rope_theta": config.theta,
            "rope_scaling": None,
            "rope_parameters": plain,
        }
    said: dict[str, Json] = {"factor": scaling.factor}
    if scaling.kind in ("llama3", "yarn"):
        said["original_max_position_embeddings"] = scaling.original
    if scaling.kind == "llama3":
        said |= {"low_freq_factor": scaling.low, "high_freq_factor": scaling.high}
    if scaling.kind == "yarn":
        said |= {"beta_slow": scaling.low, "beta_fast": scaling.high}
        said |= {} if scaling.attention is None else {"attention_factor": scaling.attention}
        said |= {} if scaling.truncate else {"truncate": False}
    if scaling.kind == "dynamic":
        context = scaling.original
    # transformers before 4.43 wants these two keys alone, and by the older name
    older = "type" if scaling.kind in ("linear", "dynamic") else "rope_type"
    return {
        "max_position_embeddings": context,
        "rope_theta": config.theta,
        "rope_scaling": {older: scaling.kind, **said},
        "rope_parameters": {"rope_type": scaling.kind, "rope_theta": config.theta, **said},
    }


def _yarn(given: Fields, context: int, original: int) -> RotaryScaling:
    factor = given.number("factor", context / original)
    attention = given.number("attention_factor", 0.0) or None
    scale, of_all = given.number("mscale", 0.0), given.number("mscale_all_dim", 0.0)
    if attention is None and scale and of_all:
        attention = yarn_attention(factor, scale) / yarn_attention(factor, of_all)
    low, high = given.number("beta_slow", 1.0) or 1.0, given.number("beta_fast", 32.0) or 32.0
    return RotaryScaling("yarn", factor, original, low, high, attention, given.flag("truncate", True))


def _reach(context: int, factor: float) -> int:
    """How far dynamic scaling is made to go: beyond, it would go on stretching, worse and worse."""
    return int(min(context * factor, 2**31 - 1))
