"""Evaluators: what scores solutions. One file a plug-in."""
