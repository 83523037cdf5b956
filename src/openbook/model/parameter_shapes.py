"""The parameters of a decoder and their shapes, from its configuration alone: what a file must hold, without torch."""

from openbook.model.config import DecoderConfig

Shapes = dict[str, tuple[int, ...]]


def parameter_shapes(config: DecoderConfig) -> Shapes:
    """By the names of ``Decoder.named_parameters``; of a tied pair the embedding alone."""
    wide, narrow = config.heads * config.head_dim, config.key_value_heads * config.head_dim
    shapes: Shapes = {"embedding.weight": (config.vocabulary, config.width)}
    if config.positions == "learned":
        shapes["position.weight"] = (config.context, config.width)
    for layer in range(config.layers):
        block = f"blocks.{layer}"
        shapes |= _norm(f"{block}.attention_norm", config)
        for name, out in (("query", wide), ("key", narrow), ("value", narrow)):
            shapes |= _linear(f"{block}.attention.{name}", out, config.width, bias=config.bias_attention_in)
        shapes |= _linear(f"{block}.attention.output", config.width, wide, bias=config.bias_attention_out)
        if config.query_key_norm:
            shapes |= {f"{block}.attention.{name}_norm.weight": (config.head_dim,) for name in ("query", "key")}
        shapes |= _norm(f"{block}.feed_forward_norm", config)
        for name in ("gate", "up") if config.activation == "swiglu" else ("up",):
            shapes |= _linear(f"{block}.feed_forward.{name}", config.inner, config.width, bias=config.bias_feed_forward)
        shapes |= _linear(f"{block}.feed_forward.down", config.width, config.inner, bias=config.bias_feed_forward)
    shapes |= _norm("norm", config)
    if not config.tied:
        shapes["unembedding.weight"] = (config.vocabulary, config.width)
    return shapes


def _linear(name: str, out: int, inputs: int, *, bias: bool) -> Shapes:
    return {f"{name}.weight": (out, inputs), **({f"{name}.bias": (out,)} if bias else {})}


def _norm(name: str, config: DecoderConfig) -> Shapes:
    bias = {f"{name}.bias": (config.width,)} if config.norm == "layer" else {}
    return {f"{name}.weight": (config.width,), **bias}
