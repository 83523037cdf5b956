"""A strategy by the name that an option gives."""

from dataclasses import dataclass
from typing import Literal, get_args

from openbook.errors import OpenbookError
from openbook.generate.asked import checked
from openbook.generate.reasoning.outcome import Reasoned
from openbook.generate.reasoning.prompts import few_shot_prompt
from openbook.generate.reasoning.several import best_of_n, self_consistency
from openbook.generate.reasoning.single import chain_of_thought, direct, few_shot
from openbook.generate.reasoning.writing import How
from openbook.protocols import LanguageModel
from openbook.values import Prompt

Name = Literal["direct", "cot", "few-shot", "few-shot-answers", "self-consistency", "best-of-n"]
NAMES: tuple[Name, ...] = get_args(Name)


@dataclass(frozen=True, slots=True)
class Strategy:
    """n: texts, of the strategies that draw several; 1 of the others."""

    name: Name
    n: int = 1

    @property
    def shown(self) -> str:
        return f"{self.name}, n {self.n}" if self.several else self.name

    @property
    def several(self) -> bool:
        return self.name in ("self-consistency", "best-of-n")


def check_strategy(strategy: Strategy, how: How) -> None:
    """Before the work: raises OpenbookError for what could not be run on any question."""
    checked(how.decoding)
    if strategy.several and strategy.n > 1 and how.decoding.temperature == 0:
        raise OpenbookError(f"{strategy.name} draws different texts: set a temperature above 0, such as 0.7")
    if strategy.name.startswith("few-shot") and not how.examples:
        raise OpenbookError(f"{strategy.name} shows examples before the question: give a file of them")
    if how.examples and strategy.name not in ("direct", "cot"):
        few_shot_prompt((), how.examples, how.wording, worked=strategy.name != "few-shot-answers")  # refuses bad ones


def reasoned(model: LanguageModel, question: Prompt, strategy: Strategy, how: How) -> Reasoned:
    """One question by one strategy. Raises OpenbookError as the strategies do."""
    match strategy.name:
        case "direct":
            return direct(model, question, how)
        case "cot":
            return chain_of_thought(model, question, how)
        case "few-shot":
            return few_shot(model, question, how)
        case "few-shot-answers":
            return few_shot(model, question, how, worked=False)
        case "self-consistency":
            return self_consistency(model, question, how, strategy.n)
        case "best-of-n":
            return best_of_n(model, question, how, strategy.n)
