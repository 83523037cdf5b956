"""Is it better to learn P(y|x), or P(x|y) and P(y)? Both, on the same texts, from a few labels to all of them."""
