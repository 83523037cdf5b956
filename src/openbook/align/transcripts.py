"""Pairs of whole conversations, cut into what both share and the two replies that were compared.

The files of Bai et al. (2022) hold two transcripts that are alike up to their last turn, some beside a prompt that both
repeat. A prompt here ends with the mark of the assistant's turn, so that a reply is what is said in that turn.
"""

TURN = "\n\nAssistant:"


def cut(prompt: str, chosen: str, rejected: str) -> tuple[str, str, str]:
    """Prompt, chosen and rejected reply. Texts that are no transcripts of one conversation stay as they are."""
    begins = (prompt if prompt.endswith(TURN) else prompt + TURN) if prompt else _shared(chosen, rejected)
    if not begins or not chosen.startswith(begins) or not rejected.startswith(begins):
        return prompt, chosen, rejected
    return begins, chosen[len(begins) :], rejected[len(begins) :]


def _shared(one: str, other: str) -> str:
    """What both begin with, up to their last turn of the assistant's that is in it; "" where there is none."""
    most = min(len(one), len(other))
    low, high = 0, most  # the longest common beginning, by halving
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one[:middle] == other[:middle] else (low, middle - 1)
    at = one.rfind(TURN, 0, low)
    return one[: at + len(TURN)] if at >= 0 else ""
