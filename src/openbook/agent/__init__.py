"""Agents: a plan made from the request alone, tools that declare their effects, a policy between the two."""
