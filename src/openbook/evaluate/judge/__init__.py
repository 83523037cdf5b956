"""A language model as judge: criteria in, scores and verdicts out, every reply kept so that it can be asked again."""
