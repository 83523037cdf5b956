"""Quantisers and model graphs: weights in, model folders out. Part of the making side (extra ``compress``)."""
