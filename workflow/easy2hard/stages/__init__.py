"""Stages: one module a rule, files in and files out; each runs by hand with `python -m easy2hard.stages.NAME`."""
