"""Strategies of one text: answer at once, think step by step, follow worked examples."""

from openbook.generate.reasoning.outcome import Reasoned
from openbook.generate.reasoning.prompts import closing_prompt, direct_prompt, few_shot_prompt, steps_prompt
from openbook.generate.reasoning.writing import How, texts_of
from openbook.protocols import LanguageModel
from openbook.values import Prompt


def direct(model: LanguageModel, question: Prompt, how: How) -> Reasoned:
    """The answer without steps: what the others are measured against."""
    return _one("direct", model, direct_prompt(question, how.wording), how)


def chain_of_thought(model: LanguageModel, question: Prompt, how: How) -> Reasoned:
    """Steps, then the answer, from an instruction alone (Kojima et al. 2022); with examples see ``few_shot``."""
    return _one("chain of thought", model, steps_prompt(question, how.wording), how, closing=True)


def few_shot(model: LanguageModel, question: Prompt, how: How, *, worked: bool = True) -> Reasoned:
    """Examples before the question, with their steps (Wei et al. 2022) or answers alone (Brown et al. 2020)."""
    prompt = few_shot_prompt(question, how.examples, how.wording, worked=worked)
    name = "few-shot, worked" if worked else "few-shot, answers"
    return _one(name, model, prompt, how, closing=worked)


def reasoning_prompt(question: Prompt, how: How) -> Prompt:
    """For several texts: worked examples where there are any, else the instruction."""
    if how.examples:
        return few_shot_prompt(question, how.examples, how.wording, worked=True)
    return steps_prompt(question, how.wording)


def _one(name: str, model: LanguageModel, prompt: Prompt, how: How, *, closing: bool = False) -> Reasoned:
    """closing: ask again, after the reasoning, where no answer can be read in it."""
    (first,), spent = texts_of(model, prompt, 1, how.decoding)
    answer = how.reading(first.text)
    if answer is not None or not closing or not how.wording.closing or not first.text.strip():
        return Reasoned(name, answer, (first.text,), (answer,), spent)
    (second,), more = texts_of(model, closing_prompt(prompt, first.text, how.wording), 1, how.decoding)
    answer = how.reading(second.text)
    return Reasoned(name, answer, (first.text, second.text), (None, answer), spent + more)
