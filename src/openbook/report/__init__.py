"""What every room and benchmark reports through: tables, SVG plots, one-file HTML, evidence files.

Everything here is plain and self-contained; it depends on the standard library alone. What cannot be drawn, written or
read raises ``ReportProblem``.
"""
