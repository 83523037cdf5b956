"""A first look at a bake-off: the same stages with a part of the work, and what must be said of its figures."""

from dataclasses import replace

from openbook.align.compare.recipe import Budget, CompareRecipe


def quickened(recipe: CompareRecipe) -> CompareRecipe:
    """An eighth of every budget, half of the measuring, and intervals as wide as that makes them."""
    judges, proxy, measure, hacking = recipe.annotators, recipe.proxy, recipe.measure, recipe.hacking
    return replace(
        recipe,
        annotators=replace(judges, prompts=max(2, judges.prompts // 4), held=max(2, judges.held // 2)),
        proxy=replace(proxy, members=min(2, proxy.members), steps=max(1, proxy.steps // 3)),
        budget=Budget(max(1, recipe.budget.replies // 8)),
        measure=replace(measure, problems=max(4, measure.problems // 2), checkpoints=min(2, measure.checkpoints)),
        hacking=None if hacking is None else replace(hacking, replies=max(1, hacking.replies // 8)),
    )


def first_look(recipe: CompareRecipe) -> str:
    """What a person must know who reads the figures of this recipe quickened."""
    few = quickened(recipe)
    climbing = (
        f" (the climb too far: {few.hacking.replies:,} in place of {recipe.hacking.replies:,})"
        if recipe.hacking is not None and few.hacking is not None
        else ""
    )
    return (
        f"A first look, by --quick: every method learnt from {few.budget.replies:,} replies, where the recipe gives "
        f"{recipe.budget.replies:,}{climbing}, and was measured on {few.measure.problems:,} problems at "
        f"{few.measure.checkpoints} checkpoints, where it asks for {recipe.measure.problems:,} and "
        f"{recipe.measure.checkpoints}; reward models learnt from fewer choices. Conclude nothing from these figures "
        "about the methods: run it without --quick."
    )
