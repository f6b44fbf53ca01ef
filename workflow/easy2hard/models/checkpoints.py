"""The state of a training on disk: trained parameters, AdamW's moments, the losses so far; safetensors, no pickle."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from easy2hard.files import replacing

NAME = "training.safetensors"
LOSSES = "losses"


def save(folder: Path, named: Mapping[str, Tensor], optimiser: torch.optim.Optimizer, losses: list[float]) -> None:
    """Write the state after `len(losses)` updates, whole or not at all."""
    tensors = {f"value {name}": one.detach().contiguous() for name, one in named.items()}
    for name, one in named.items():
        tensors |= {f"{key} {name}": kept.contiguous() for key, kept in optimiser.state[one].items()}
    tensors[LOSSES] = torch.tensor(losses, dtype=torch.float64)
    with replacing(folder / NAME) as partial:
        save_file(tensors, partial)


def load(folder: Path, named: Mapping[str, Tensor], optimiser: torch.optim.Optimizer) -> list[float]:
    """Put back the state that a killed job left, into the parameters and the optimiser; the losses so far."""
    path = folder / NAME
    if not path.exists():
        return []
    tensors = load_file(path)
    losses = tensors.pop(LOSSES).tolist()
    for place, tensor in tensors.items():
        key, name = place.split(" ", 1)
        if key == "value":
            named[name].data.copy_(tensor)
        else:
            one = named[name]
            kept = tensor.clone() if key == "step" else torch.empty_like(one, dtype=tensor.dtype).copy_(tensor)
            optimiser.state[one][key] = kept
    print(f"training goes on after update {len(losses)}", flush=True)
    return losses
