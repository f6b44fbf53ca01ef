"""Hardness measures: one file each, found by name; each gives `score(items)`, higher is harder."""
