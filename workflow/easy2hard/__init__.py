"""Easy2Hard: experiments on easy-to-hard generalization as reproducible tasks.

The library knows nothing of Snakemake: every stage is a function of files and values.
"""

__version__ = "0.1.0"
