"""When does a language model make things up, and what notices or prevents it? Measured where the truth is known."""
