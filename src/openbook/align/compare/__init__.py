"""The bake-off: one supervised policy, one budget, every method, held against the true reward that the task knows.

A reward model is learnt from what simulated annotators say, every method climbs it, and at checkpoints both rewards are
measured against how far the policy went: over-optimisation is seen and not told (Gao et al. 2023).
"""
