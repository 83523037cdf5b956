"""Learning from preferences and rewards: reward models, DPO, PPO, GRPO, and what each does to a policy.

Everything here works on groups: a prompt, and replies to it. A preference pair is a group of two.
"""
