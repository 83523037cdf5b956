"""A model's attention weights while it reads: transformers' own, and the shipped encoder's in numpy."""

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoModelForCausalLM

from benchmarks.parity_models import CASES, Case, make, some_ids
from openbook.compress.bert_reference import embed_by_the_equations
from openbook.compress.minilm import SHIPPED
from openbook.compress.unquantised import unquantised
from openbook.model.attention_maps import attention_maps
from openbook.model.checkpoint import load
from openbook.model.shipped import shipped_encoder
from openbook.see.attention import attention_maps as in_numpy

SEEN = [
    case
    for case in CASES
    if case.corner in ("grouped heads, untied", "windows from a layer on", "tied", "with a pooler")
]


@pytest.mark.parametrize("case", SEEN, ids=[case.family for case in SEEN])
def test_weights_are_those_that_transformers_uses(case: Case, tmp_path: Path) -> None:
    make(case, tmp_path)
    kind = AutoModel if case.family == "bert" else AutoModelForCausalLM
    reference = kind.from_pretrained(tmp_path, attn_implementation="eager").eval()
    ids = some_ids()[:1]
    with torch.no_grad():
        theirs = torch.cat(reference(ids, output_attentions=True).attentions)
    ours = attention_maps(load(tmp_path)[0], ids[0])
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-5)


def test_the_shipped_encoder_is_the_same_in_torch_and_in_numpy() -> None:
    torch.set_num_threads(1)
    bert, ids = unquantised(SHIPPED / "minilm" / "model.onnx"), np.array([101, 1996, 4937, 2938, 102])
    encoder = shipped_encoder()
    torch.testing.assert_close(
        attention_maps(encoder, torch.tensor(ids)), torch.tensor(in_numpy(bert, ids)), atol=1e-5, rtol=1e-4
    )
    with torch.no_grad():
        mean = encoder(torch.tensor(ids)[None])[0].mean(dim=0)
    found = torch.nn.functional.normalize(mean, dim=0)
    torch.testing.assert_close(found, torch.tensor(embed_by_the_equations(bert, ids)), atol=1e-5, rtol=1e-4)
