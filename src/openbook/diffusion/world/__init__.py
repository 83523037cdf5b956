"""A small world of captioned pictures: a grammar, a renderer, and a checker that reads a picture back.

What a text-to-picture model draws is judged by ``truth.py`` from the pixels alone; ``splits.py`` says which
combinations no model is trained on.
"""
