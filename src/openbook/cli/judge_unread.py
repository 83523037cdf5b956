"""Replies of a judge that could not be read: some are told, and where all are, the command fails."""

from collections import Counter

from openbook.cli.judging import Judged
from openbook.cli.screen import plural
from openbook.errors import OpenbookError
from openbook.evaluate.judge.judgement import Judgement, Verdict
from openbook.evaluate.judge.rubric import RUBRIC
from openbook.json_lines import shortened

_REASONS = {
    "leak": "gave the instructions away",
    "missing": "not recorded",
    "failed": "refused by the model",
}


def unread_line(found: Judged) -> str:
    """How many, why, and the first of them; empty where all were read."""
    asked, unread = _asked(found), _unread(found)
    if not unread:
        return ""
    reasons = Counter(one.unread for one in unread).most_common()
    why = ", ".join(f"{count:,} {_REASONS.get(reason, reason)}" for reason, count in reasons)
    line = f"unread: {len(unread):,} of {plural(len(asked), 'judgement')} ({why})"
    return f"{line}; of case {shortened(unread[0].case, 24)} it said: {shortened(unread[0].instead, 100)}"


def refuse_unread(found: Judged) -> None:
    """Raises OpenbookError where a replay lacks judgements, and where no reply at all could be read."""
    asked, unread = _asked(found), _unread(found)
    missing = sum(one.unread == "missing" for one in unread)
    if missing:
        raise OpenbookError(f"not recorded in {found.cache}: {plural(missing, 'judgement')}; ask without --replay")
    if unread and len(unread) == len(asked):
        said = f"no reply of {shortened(found.name)} could be read ({shortened(unread[0].instead, 80)})"
        raise OpenbookError(f"{said}: take a larger model, or one that is held to a JSON schema")


def _asked(found: Judged) -> list[Judgement | Verdict]:
    """What the judge was asked for; a rubric's whole is made of such."""
    every = (*found.judgements, *found.verdicts)
    return [one for one in every if found.method != "rubric" or one.criterion != RUBRIC]


def _unread(found: Judged) -> list[Judgement | Verdict]:
    return [one for one in _asked(found) if one.unread]
