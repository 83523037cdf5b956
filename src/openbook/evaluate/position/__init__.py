"""Is a fact found wherever it stands in a context? Probes, curves by position, and what helps (Liu et al. 2023)."""
