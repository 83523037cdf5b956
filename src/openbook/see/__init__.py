"""What happens inside a model, for a reader to look at: weights and habits as numbers, which ``report`` draws."""
