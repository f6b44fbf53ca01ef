"""Where and in which number format a model runs: from its settings, checked, said in the log."""

from __future__ import annotations

import os
from typing import Literal

import pydantic
import torch

from easy2hard.errors import UserError
from easy2hard.strict import Strict

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
# Settings of a model in the config that say how a job is run, not how the model is loaded.
NOT_FOR_LOADING = frozenset({"name", "pretrain", "path", "gpus", "mem_mb", "runtime"})


class ModelSpec(Strict):
    """How to load a model. The keys are those of a model in the config."""

    kind: Literal["causal", "encoder", "encoder_decoder", "auto"] = "auto"
    """`auto` reads it from the architecture in the model's config.json."""
    dtype: Literal["float32", "bfloat16", "float16"] = "float32"
    """Number format of the weights and of the computation."""
    device: str = "auto"
    """`auto` (a GPU when there is one), `cpu`, `cuda`, `cuda:0` …"""
    quantization: Literal["8bit", "4bit"] | None = None
    """8 or 4 bits by bitsandbytes."""
    hub: str | None = None
    """Hub id; used when no folder is given."""
    revision: str | None = None
    """Commit of the hub repository; without one the newest is used, with a warning."""
    trust_remote_code: bool = False
    """Run Python code that comes with the model."""
    offline: bool = False
    """Take hub models from the local cache only."""
    threads: int | None = None
    """CPU threads; null: OMP_NUM_THREADS, else one."""

    @classmethod
    def of(cls, spec: dict) -> ModelSpec:
        """From a mapping with the config's keys; those that only place the job are left out.

        Raises UserError for an unknown key or a wrong value.
        """
        try:
            return cls.model_validate({key: value for key, value in spec.items() if key not in NOT_FOR_LOADING})
        except pydantic.ValidationError as error:
            first = error.errors()[0]
            raise UserError(f"model spec: '{'.'.join(map(str, first['loc']))}': {first['msg']}") from error


def prepare(spec: ModelSpec) -> None:
    """Fix the number of threads and ask for deterministic kernels.

    On a GPU a kernel without a deterministic version warns and does not stop: bytes are promised on the CPU only.
    """
    torch.set_num_threads(spec.threads or int(os.environ.get("OMP_NUM_THREADS", "1")))
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    torch.use_deterministic_algorithms(True, warn_only=torch.cuda.is_available())


def placement(spec: ModelSpec) -> str | dict[str, str]:
    """`device_map` for loading: one device, or "auto" to share a model among several GPUs.

    Raises UserError when the device does not exist here.
    """
    if spec.device == "auto":
        if torch.cuda.device_count() > 1:
            return "auto"
        return {"": "cuda:0" if torch.cuda.is_available() else "cpu"}
    return {"": str(_checked(spec.device))}


def _checked(name: str) -> torch.device:
    try:
        device = torch.device(name)
    except RuntimeError as error:
        raise UserError(f"model device '{name}': expected auto, cpu, cuda or cuda:N") from error
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise UserError(f"model device '{name}': this job sees {torch.cuda.device_count()} CUDA GPUs")
    return device
