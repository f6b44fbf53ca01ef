"""Engines: what draws samples from a generator. One file a plug-in."""
