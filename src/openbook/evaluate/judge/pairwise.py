"""Two texts compared, always in both orders, so that preferring a place decides nothing (Zheng et al. 2023)."""

from openbook.evaluate.judge.ask import Judge
from openbook.evaluate.judge.case import Case
from openbook.evaluate.judge.criterion import Criterion
from openbook.evaluate.judge.fill import Filled, filled
from openbook.evaluate.judge.form import choice_form
from openbook.evaluate.judge.judgement import Verdict
from openbook.evaluate.judge.prompts import canary, pair_prompt
from openbook.values import Decoding, Prompt

_TURNED = {1: 2, 2: 1, 0: 0}


def questions(criterion: Criterion, case: Case) -> tuple[tuple[Prompt, Decoding], tuple[Prompt, Decoding]]:
    """The texts in the order given, and in the other."""
    decoding = Decoding(32, schema=choice_form().schema)
    given, other = (pair_prompt(criterion, criterion.steps, case, swapped=swapped) for swapped in (False, True))
    return (given, decoding), (other, decoding)


def compared(judge: Judge, criterion: Criterion, case: Case) -> tuple[Verdict, Filled[int]]:
    """The verdict, and a reply that could not be read where there is one."""
    given, other = (
        filled(judge, prompt, decoding, choice_form(), secret=canary(case))
        for prompt, decoding in questions(criterion, case)
    )
    swapped = None if other.value is None else _TURNED[other.value]
    unread = given if given.value is None else other
    return Verdict(case.id, criterion.name, given.value, swapped, unread.unread, unread.instead), unread
