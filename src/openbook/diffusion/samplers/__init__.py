"""The reverse process: one file a sampler, each a short function that states its equation; ``sample`` runs them."""
