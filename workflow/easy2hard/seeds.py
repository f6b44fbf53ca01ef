"""Random generators. Every draw comes from a generator seeded by (seed, purpose)."""

from __future__ import annotations

import hashlib

import numpy as np


def entropy(seed: int, *purpose: object) -> int:
    """A 128-bit integer fixed by the seed and the purpose (any values with a stable `str`)."""
    text = "\x1f".join([str(seed), *map(str, purpose)])
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big")


def generator(seed: int, *purpose: object) -> np.random.Generator:
    """NumPy generator for one purpose, e.g. `generator(0, "split", "arc", "grade", "easy")`."""
    return np.random.Generator(np.random.PCG64(entropy(seed, *purpose)))


def torch_seed(seed: int, *purpose: object) -> int:
    """A 63-bit seed for `torch.Generator.manual_seed` or `torch.manual_seed`."""
    return entropy(seed, *purpose) >> 65
