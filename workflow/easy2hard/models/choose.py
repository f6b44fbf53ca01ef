"""Drawing tokens: temperature, top-k and top-p as in transformers, one uniform number a token, no hidden state.

Draw t of sample s of a text is number s · stride + t of a Philox stream keyed by (seed, the name of the text): which
other samples are drawn, when and beside what, changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from easy2hard import seeds

STRIDE = 256  # draws kept for a sample are a multiple of this, so that most changes of the length change no draw
BITS = 48  # of a uniform number: few enough that number · total is below total in float64


@dataclass(frozen=True)
class Drawing:
    """How a token is drawn from logits. temperature 0: the most probable one; top_k 0 and top_p 1: from all."""

    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0


def uniforms(seed: int, name: tuple[object, ...], samples: range, most: int) -> np.ndarray:
    """Numbers in (0, 1), float64 [samples, most]: row s serves sample `samples[s]` of the text called `name`."""
    stride = -(-most // STRIDE) * STRIDE
    stream = np.random.Philox(key=seeds.entropy(seed, "sample", *name))
    stream.advance(samples.start * stride // 4)  # a step of the counter gives four numbers
    raw = stream.random_raw(len(samples) * stride).reshape(len(samples), stride)[:, :most]
    return ((raw >> np.uint64(64 - BITS)) + 0.5) * 2.0**-BITS


def choose(logits: torch.Tensor, drawing: Drawing, numbers: np.ndarray) -> np.ndarray:
    """A token a row, int64 [B], from logits [B, V] and uniform numbers [B]: the inverse of the distribution function.

    The order of the transformers warpers: temperature, then top-k (a tie with the k-th stays in), then top-p.
    """
    scores, ids = _most_probable(logits.float() / drawing.temperature, drawing)
    chances = torch.softmax(scores, dim=-1, dtype=torch.float64)
    if drawing.top_p < 1:  # here the scores are in descending order
        chances = chances.masked_fill(chances.cumsum(-1) - chances >= drawing.top_p, 0.0)
    if ids is not None:  # by id, so that a near-tie that falls differently in another batch changes no draw
        ids, order = ids.sort(dim=-1)
        chances = chances.gather(-1, order)
    below = chances.cumsum(-1)
    target = torch.from_numpy(numbers).to(below.device)[:, None] * below[:, -1:]
    places = (below <= target).sum(-1, keepdim=True)
    return (places if ids is None else ids.gather(-1, places))[:, 0].cpu().numpy()


def _most_probable(scores: torch.Tensor, drawing: Drawing) -> tuple[torch.Tensor, torch.Tensor | None]:
    """Scores in descending order with their ids, cut to the top k; as they are (ids None) where no order is needed."""
    count = scores.shape[-1]
    kept = min(drawing.top_k or count, count)
    if kept == count:
        return scores.sort(dim=-1, descending=True) if drawing.top_p < 1 else (scores, None)
    values, ids = scores.topk(kept, dim=-1)
    tied = int((scores >= values[:, -1:]).sum(-1).max())
    if tied > kept:
        least = values[:, -1:]
        values, ids = scores.topk(tied, dim=-1)
        values = values.masked_fill(values < least, -torch.inf)
    return values, ids
