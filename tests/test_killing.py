"""Training and scoring killed at random moments and started again: the bytes of an unbroken run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TRIES = 3


def test_killed_and_started_again_the_same_bytes(tmp_path):
    pytest.importorskip("torch")
    here = Path(__file__).parent
    paths = os.pathsep.join([str(here), str(here.parent / "workflow")])
    environment = {**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, str(here / "killing.py"), str(tmp_path), str(TRIES)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr[-2000:]
    told = [line for line in done.stdout.splitlines() if " equal, " in line]
    assert len(told) == 3 and all(f"{TRIES} of {TRIES} equal" in line for line in told), done.stdout
    assert sum(int(line.split()[-2]) for line in told) >= TRIES, "hardly a process was killed before it ended"
    assert done.stdout.count("training goes on after update") >= TRIES, "hardly a training went on where it stood"
