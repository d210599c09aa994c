"""Slides of the lessons, for the projector: `python -m tools.slides [01 04 ...] [--out slides]`, `make slides`."""
