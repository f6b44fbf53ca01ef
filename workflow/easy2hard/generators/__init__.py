"""Generators: what writes solutions. One file a plug-in."""
