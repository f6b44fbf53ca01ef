"""From the scores of a solution's steps to one score of the solution (Sun 2024, §3.3 and appendix L).

An evaluator gives each step a logit z; p = σ(z) is its chance of being right. Everything is computed from the logits
and returned as natural logarithm of the score: a product over hundreds of steps does not underflow, and steps that an
evaluator is nearly sure of keep their order.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from easy2hard.errors import unknown

NAMES = ("prod", "min", "max", "mean", "mean_logit", "mean_odd", "last")


def log_scores(logits: Sequence[ArrayLike], name: str) -> np.ndarray:
    """Logarithm of each solution's score: n lists of step logits → (n,) float64; NaN for a solution without steps.

    prod: Π p; min, max, mean: of p; last: p of the last step; mean_logit: σ of the mean logit; mean_odd: mean of the
    odds p/(1−p), which may exceed 1. The paper wraps a ReLU around the last one: idle, as odds are positive.
    The last step holds the answer where the solution format has it so. Raises UserError for an unknown name,
    ValueError for a logit that is not finite.
    """
    if name not in _FUNCTIONS:
        raise unknown("aggregation", name, NAMES)
    lengths = np.array([len(steps) for steps in logits], dtype=np.int64)
    found = np.full(len(lengths), np.nan)
    if lengths.any():
        flat = np.concatenate([np.asarray(steps, dtype=np.float64) for steps in logits])
        if not np.isfinite(flat).all():
            raise ValueError(f"a step has the logit {flat[~np.isfinite(flat)][0]}, expected finite numbers")
        some = lengths > 0
        starts = np.cumsum(lengths[some]) - lengths[some]
        found[some] = _FUNCTIONS[name](flat, starts, lengths[some])
    return found


def scores(logits: Sequence[ArrayLike], name: str) -> np.ndarray:
    """The scores themselves, `exp` of `log_scores`: probabilities, or odds for mean_odd."""
    return np.exp(log_scores(logits, name))


def log_sigmoid(logits: ArrayLike) -> np.ndarray:
    """log σ(z), exact for large |z| too; an ORM's score of a solution is σ of its last token's logit. NaN stays."""
    with np.errstate(invalid="ignore"):
        return -np.logaddexp(0.0, -np.asarray(logits, dtype=np.float64))


def logit(probabilities: ArrayLike) -> np.ndarray:
    """log p/(1−p): for scores that come as probabilities. Raises ValueError unless 0 < p < 1."""
    p = np.asarray(probabilities, dtype=np.float64)
    if not ((p > 0) & (p < 1)).all():
        raise ValueError("a probability is not between 0 and 1")
    return np.log(p) - np.log1p(-p)


def _log_mean(values: np.ndarray, starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Logarithm of the mean of exp(values) over each segment."""
    top = np.maximum.reduceat(values, starts)
    shifted = np.exp(values - np.repeat(top, lengths))
    return top + np.log(np.add.reduceat(shifted, starts) / lengths)


_FUNCTIONS = {
    "prod": lambda z, starts, lengths: np.add.reduceat(log_sigmoid(z), starts),
    "min": lambda z, starts, lengths: log_sigmoid(np.minimum.reduceat(z, starts)),
    "max": lambda z, starts, lengths: log_sigmoid(np.maximum.reduceat(z, starts)),
    "mean": lambda z, starts, lengths: _log_mean(log_sigmoid(z), starts, lengths),
    "mean_logit": lambda z, starts, lengths: log_sigmoid(np.add.reduceat(z, starts) / lengths),
    "mean_odd": _log_mean,
    "last": lambda z, starts, lengths: log_sigmoid(z[starts + lengths - 1]),
}
