"""What drawn replies are worth: a task's checker, or reward models, with a price on length."""

from collections.abc import Sequence

import numpy as np

from openbook.align import reward_ensemble, reward_model
from openbook.align.online_recipe import Worth
from openbook.align.policy import Policy
from openbook.align.problems import AlignProblem
from openbook.align.task import Reward, Rewards, Rollout, Task, true_reward


def reward_of(worth: Worth, task: Task | None, policy: Policy) -> Reward:
    """The recipe's reward. Raises AlignProblem where a model's tokenizer is not the policy's, or there is no model."""
    device = policy.model.embedding.weight.device
    members = [reward_model.as_reward(reward_model.load(folder, device), policy.tokenizer) for folder in worth.folders]
    if members:
        reward = reward_ensemble.together(members, worth.together) if len(members) > 1 else members[0]
    elif task is not None:
        reward = true_reward(task)
    else:
        raise AlignProblem("nothing says what a reply is worth: set task.name or reward.models")
    return priced(reward, worth.per_token) if worth.per_token else reward


def priced(reward: Reward, per_token: float) -> Reward:
    """The reward less so much for each token of the reply."""

    def less(rollouts: Sequence[Rollout]) -> Rewards:
        lengths = [[len(reply) for reply in one.group.replies] for one in rollouts]
        return reward(rollouts) - per_token * np.array(lengths, dtype=np.float64)

    return less


def checked(rewards: Rewards, rollouts: Sequence[Rollout], step: int) -> Rewards:
    """The rewards. Raises AlignProblem for one that is no finite number, naming its prompt."""
    wrong = np.argwhere(~np.isfinite(rewards))
    if len(wrong):
        number, reply = map(int, wrong[0])
        prompt = rollouts[number].problem.prompt[-40:]
        raise AlignProblem(
            f"a reward is {rewards[number, reply]} at step {step + 1}, of a reply to {prompt!r}: stopped before it "
            "reached the weights, and what was saved before is kept; mend what gives the rewards"
        )
    return rewards
