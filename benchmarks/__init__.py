"""Side by side with peers and against known figures: one file a question, each run as ``python -m benchmarks.NAME``."""
