"""Measures, intervals and tests: pure functions over plain data, so that nothing is tuned before it can be measured.

Two rules hold in every file: invalid input (empty, of unequal lengths, not finite) raises ``BadScores``; valid input
from which a statistic does not exist (an interval of one example, an AUROC where every answer is right) gives ``None``.
"""
