"""The model families whose Hugging Face checkpoints are read and written, one file each."""

from openbook.model.families.bert import BERT
from openbook.model.families.gpt2 import GPT2
from openbook.model.families.llama import LLAMA
from openbook.model.families.mistral import MISTRAL
from openbook.model.families.qwen2 import QWEN2
from openbook.model.families.qwen3 import QWEN3

DECODERS = {family.name: family for family in (LLAMA, MISTRAL, QWEN2, QWEN3, GPT2)}
ENCODERS = {BERT.name: BERT}

__all__ = ["DECODERS", "ENCODERS"]
