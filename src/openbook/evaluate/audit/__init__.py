"""What a judge's recorded scores and verdicts are worth: its biases, what corrects them, and the ceiling people set.

Whatever is fitted (a slope, a scale) is fitted on half of the documents and reported on the other half.
"""
