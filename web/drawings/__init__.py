"""Charts as SVG, drawn on the server: pages, `songnodes plot` and tests share one drawing.

A drawing is a function of its values alone. Each module has the drawing and the table of the same values.
"""
