"""What is run: every method under the budget, and one method that climbs the proxy on purpose, in four ways."""

from dataclasses import dataclass

from openbook.align.compare.proxies import CONTROLLED, ENSEMBLE, PROXY
from openbook.align.compare.recipe import CompareRecipe, Learning, MethodName

PAIRED: tuple[MethodName, ...] = ("dpo", "ipo")
"""Methods that learn from the annotators' pairs, and are never told what the proxy says."""


@dataclass(frozen=True, slots=True)
class Arm:
    """climbs: the reward's name. budget: replies of the policy that it may learn from."""

    name: str
    method: MethodName
    climbs: str
    learning: Learning
    budget: int


def arms(recipe: CompareRecipe) -> tuple[Arm, ...]:
    """The methods, in the recipe's order."""
    return tuple(Arm(name, name, PROXY, getattr(recipe, name), recipe.budget.replies) for name in recipe.methods)


def hacked(recipe: CompareRecipe) -> tuple[Arm, ...]:
    """GRPO without a KL penalty, then with one thing changed each; the ensemble where there is more than one model."""
    plan = recipe.hacking
    if plan is None:
        return ()
    free = Learning(plan.rate, 0.0, plan.batch, plan.group)
    held = Learning(plan.rate, plan.beta, plan.batch, plan.group)
    found = [
        Arm("no KL penalty", "grpo", PROXY, free, plan.replies),
        Arm("KL penalty", "grpo", PROXY, held, plan.replies),
    ]
    if recipe.proxy.members > 1:
        found.append(Arm("ensemble", "grpo", ENSEMBLE, free, plan.replies))
    return (*found, Arm("length control", "grpo", CONTROLLED, free, plan.replies))
