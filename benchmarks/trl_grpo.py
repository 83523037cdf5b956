"""TRL's GRPOTrainer on a CPU, without vLLM, over prompts as texts."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any


def grpo_trainer(
    base: Path, prompts: Sequence[str], reward: Callable[..., list[float]], end: str, place: Path, **settings: Any
) -> Any:
    """A trainer of the model in ``base``, in FP32, the prompts in their own order; reward: as TRL calls it.

    The divergence is the paper's unless the settings say otherwise; TRL weighs it by the ratio.
    """
    import torch
    from datasets import Dataset
    from datasets.table import InMemoryTable
    from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast, PrinterCallback
    from trl import GRPOConfig, GRPOTrainer

    told: dict[str, Any] = {
        "output_dir": str(place), "use_cpu": True, "bf16": False, "gradient_checkpointing": False, "report_to": "none",
        "save_strategy": "no", "logging_strategy": "no", "disable_tqdm": True, "lr_scheduler_type": "constant",
        "shuffle_dataset": False, "seed": 0, "log_completions": False, "use_bias_correction_kl": False,
    }  # fmt: skip
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_file=str(base / "tokenizer.json"), eos_token=end, pad_token=end, padding_side="left"
    )
    attention = settings.pop("attention", "sdpa")
    trainer = GRPOTrainer(
        model=AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32, attn_implementation=attention),
        reward_funcs=reward,
        args=GRPOConfig(**(told | settings)),
        train_dataset=Dataset(InMemoryTable.from_pylist([{"prompt": p} for p in prompts]), fingerprint="prompts"),
        processing_class=tokenizer,
    )
    trainer.remove_callback(PrinterCallback)
    return trainer
