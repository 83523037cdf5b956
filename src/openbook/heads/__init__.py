"""What the encoder is taught: to rank, to read, to abstain, to check support, and to notice injected instructions."""
