"""TRL's DPOTrainer over pairs that are tokens already, so that it reads exactly what is read here."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from openbook.align.groups import Group


def rows_of(groups: Sequence[Group]) -> list[dict[str, list[int]]]:
    """The pairs as the trainer has them once they are tokens."""
    return [
        {
            "prompt_ids": group.prompt.tolist(),
            "chosen_ids": group.replies[0].tolist(),
            "rejected_ids": group.replies[1].tolist(),
        }
        for group in groups
    ]


def dpo_trainer(base: Path, groups: Sequence[Group], end: str, place: Path, **settings: Any) -> Any:
    """A trainer of the model in ``base``, in FP32 and in the pairs' own order; adapter: a configuration of PEFT's."""
    import torch
    from datasets import Dataset
    from datasets.table import InMemoryTable
    from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast, PrinterCallback
    from trl import DPOConfig, DPOTrainer

    class AsTokens(DPOTrainer):
        def _prepare_dataset(self, dataset: Any, *_: Any, **__: Any) -> Any:
            return dataset

    adapter, attention = settings.pop("adapter", None), settings.pop("attention", "sdpa")
    told: dict[str, Any] = {
        "output_dir": str(place), "use_cpu": True, "bf16": False, "gradient_checkpointing": False, "report_to": "none",
        "save_strategy": "no", "logging_strategy": "no", "disable_tqdm": True, "lr_scheduler_type": "constant",
        "train_sampling_strategy": "sequential", "max_length": None, "seed": 0,
    }  # fmt: skip
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(base / "tokenizer.json"), eos_token=end, pad_token=end)
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32, attn_implementation=attention)
    trainer = AsTokens(
        model=model,
        args=DPOConfig(**(told | settings)),
        train_dataset=Dataset(InMemoryTable.from_pylist(rows_of(groups)), fingerprint="pairs"),  # unpicklable here
        processing_class=tokenizer,
        peft_config=adapter,
    )
    trainer.remove_callback(PrinterCallback)
    return trainer
