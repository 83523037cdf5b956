"""What a request in English says, by its structure alone: its parts, what they mention, and the arithmetic in them."""
