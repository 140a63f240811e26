"""The pictures of a comparison, as SVG written by hand: no library, no script, nothing from elsewhere.

Each function takes a comparison and a width in pixels, and returns one `<svg>`; its colours are classes that the page
gives their meaning by day, at night and on paper. Names must be clean (no control characters); they are escaped here.
"""
