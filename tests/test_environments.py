"""One lock: the conda environments and the virtual environment cannot drift apart."""

from __future__ import annotations

import importlib.util
from importlib import metadata

import house
import pytest

spec = importlib.util.spec_from_file_location("environments", house.ROOT / "envs" / "environments.py")
environments = importlib.util.module_from_spec(spec)
spec.loader.exec_module(environments)
LOCK = (house.ROOT / "envs" / "lock.txt").read_text()


@pytest.mark.parametrize("name", ["cpu", "gpu"])
def test_conda_environments_are_made_from_the_lock(name):
    assert (house.ROOT / "envs" / f"{name}.yaml").read_text() == environments.environment(name, LOCK)


def test_no_torch_where_no_model_runs():
    cpu = [pin.split("==")[0] for pin in environments.pins(LOCK)["cpu"]]
    assert "snakemake" in cpu and "pandas" in cpu
    assert not {"torch", "transformers", "peft", "safetensors"} & set(cpu)


def test_every_package_asked_for_is_locked_as_asked():
    asked = [
        line.split()
        for line in (house.ROOT / "envs" / "packages.txt").read_text().splitlines()
        if line[:1] not in ("#", "")
    ]
    assert len(asked) > 10
    locked = {pin.lower() for pins in environments.pins(LOCK).values() for pin in pins}
    for group, pin in asked:
        assert pin.lower() in locked, f"{group} {pin} is not in lock.txt: run `make lock`"


def test_this_environment_is_the_locked_one():
    for group in ("cpu", "torch", "test"):
        for pin in environments.pins(LOCK)[group]:
            name, version = pin.split("==")
            assert metadata.version(name).split("+")[0] == version
