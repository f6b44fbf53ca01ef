"""Figures: one file each, found by name; each gives `data(tables)` and `draw(data)`."""
