"""Where does the middle get lost? The same small decoder, trained on facts everywhere or on facts near the edges."""
