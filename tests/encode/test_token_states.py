"""Token states are the sentence encoder's own: pooled they are its vectors, and long texts are read whole."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from openbook.compress.onnx_outputs import NoSuchTensor, read_before, with_output
from openbook.encode import SentenceEncoder
from openbook.encode.folder import SHIPPED
from openbook.encode.session import load
from openbook.encode.token_states import MOST_TOKENS, TokenEncoder, open_token_encoder
from openbook.errors import OpenbookError

TEXT = "The tenant shall give the landlord written notice of not less than sixty days before the end of the term."


@pytest.fixture(scope="session")
def tokens() -> TokenEncoder:
    return open_token_encoder(threads=2)


@given(st.text(max_size=60))
@settings(max_examples=30, deadline=None)
def test_the_vector_of_a_text_is_the_sentence_encoders_bit_for_bit(
    tokens: TokenEncoder, encoder: SentenceEncoder, text: str
) -> None:
    (found,) = tokens([text])
    assert found.pooled.tobytes() == encoder([text])[0].tobytes()
    assert tokens.digest == encoder.digest
    assert found.vectors.shape == (len(found.ids), tokens.dim)
    assert len(found.spans) == len(found.ids) == len(tokens.ids(text))
    assert np.linalg.norm(found.vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_a_long_text_is_read_to_its_end(tokens: TokenEncoder) -> None:
    text = f"{TEXT} " * 30 + "Zebras graze."
    (found,) = tokens([text])
    assert len(found.ids) > 2 * tokens.window
    assert found.spans == tuple(tokens._tokens.spans(text))
    room = tokens.window - 2
    for first, cut in ((0, text[: found.spans[room - 1][1]]), (len(found.ids) - room, text[found.spans[-room][0] :])):
        (window,) = tokens([cut])
        assert window.ids == found.ids[first : first + room]
        place = 0 if first == 0 else room - 1
        assert window.vectors[place].tobytes() == found.vectors[first + place].tobytes()


def test_a_text_does_not_depend_on_its_neighbours(tokens: TokenEncoder) -> None:
    alone, together = tokens([TEXT])[0], tokens(["", "other words", TEXT])[2]
    assert alone.vectors.tobytes() == together.vectors.tobytes()
    assert tokens([""])[0].vectors.shape == (0, tokens.dim)
    assert tokens([]) == []


def test_a_text_beyond_the_bound_is_refused(tokens: TokenEncoder) -> None:
    for text in ("a " * (MOST_TOKENS + 1), "a" * (64 * MOST_TOKENS + 1)):
        with pytest.raises(OpenbookError, match="split it"):
            tokens([text])
    with pytest.raises(TypeError):
        tokens("text")


def test_another_output_changes_no_byte_and_no_figure() -> None:
    model = (SHIPPED / "model.onnx").read_bytes()
    name = read_before(model, "embedding", 2)
    more = with_output(model, name)
    assert more.startswith(model)
    assert len(more) - len(model) < 100
    ids = {"ids": np.array([101, 2054, 2003, 102], np.int64)}
    plain, both = load(SHIPPED / "model.onnx"), load(SHIPPED / "model.onnx", more)
    embedding, states = both.run(None, ids)
    assert embedding.tobytes() == plain.run(None, ids)[0].tobytes()
    mean = states.mean(axis=0)
    assert mean / np.linalg.norm(mean) == pytest.approx(embedding, abs=1e-6)
    with pytest.raises(NoSuchTensor):
        read_before(model, "nothing", 1)


def test_an_output_of_a_long_name_is_written_as_protobuf_has_it() -> None:
    onnx = pytest.importorskip("onnx")
    for name in ("x", "y" * 200):
        graph = onnx.ModelProto.FromString(with_output(b"", name)).graph
        assert [(out.name, out.type.tensor_type.elem_type) for out in graph.output] == [(name, onnx.TensorProto.FLOAT)]
