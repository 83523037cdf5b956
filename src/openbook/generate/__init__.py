"""Language models at work: engines behind one protocol, and what is made of their tokens."""
