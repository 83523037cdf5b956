"""A run that begins from a trained model: its weights and shape, and nothing in the recipe that says otherwise."""

from dataclasses import fields, replace

from openbook.model import Decoder, DecoderConfig
from openbook.model.compressed import load_any
from openbook.train.base_folder import base_folder
from openbook.train.corpus import CHARACTERS
from openbook.train.problems import TrainProblem
from openbook.train.recipe import Data, Model, TrainRecipe

_NAMED_OTHERWISE = {"biases": "bias_feed_forward"}
"""Keys of the recipe's model that its configuration calls by another name."""


def from_start(model: Model, vocabulary: int) -> Decoder:
    """The decoder in ``model.start``, with the recipe's dropout. vocabulary: of the corpus.

    Raises TrainProblem for another kind of model, one with fewer pieces, or one of another shape than the recipe's.
    """
    found = load_any(base_folder(model.start))
    if not isinstance(found, Decoder):
        raise TrainProblem(f"{model.start} holds no decoder: set model.start to a language model's folder")
    config = found.config
    if config.vocabulary < vocabulary:
        raise TrainProblem(
            f"the corpus has ids up to {vocabulary - 1:,} and the model in {model.start} a vocabulary of "
            f"{config.vocabulary:,}: set data.tokenizer to that model's tokenizer.json"
        )
    _check_shape(model, config)
    if not model.dropout:
        return found
    dropping = Decoder(replace(config, dropout=model.dropout))
    dropping.load_state_dict(found.state_dict())
    return dropping


def read_as_the_start(recipe: TrainRecipe) -> Data:
    """A model that was trained before knows its own pieces: new characters would stand for other embeddings."""
    tokenizer = base_folder(recipe.model.start) / "tokenizer.json"
    if recipe.model.start and recipe.data.tokenizer == CHARACTERS and tokenizer.is_file():
        return replace(recipe.data, tokenizer=str(tokenizer))
    return recipe.data


def _check_shape(model: Model, config: DecoderConfig) -> None:
    """Raises TrainProblem for the first key that was set and that the folder's model differs in."""
    for field in fields(Model):
        value = getattr(model, field.name)
        if field.name in ("start", "dropout") or value == field.default:
            continue
        has = getattr(config, _NAMED_OTHERWISE.get(field.name, field.name))
        if has != value:
            raise TrainProblem(
                f"model.{field.name} is {value!r} and the model in {model.start} has {has!r}: leave it out, since a "
                "trained model's shape stays"
            )
