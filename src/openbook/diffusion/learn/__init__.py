"""The torch half: the networks, what they are told, and their training on pictures by the loop of ``train/``."""
