"""Runs a stage in child processes, kills them at random moments, starts them again, and compares the bytes.

Usage: python killing.py FOLDER TRIES. The parent only imports: a child is a fork, so a try costs no import of torch.
"""

from __future__ import annotations

import os
import signal
import sys
import time
import traceback
from collections.abc import Callable
from functools import partial
from pathlib import Path

import solution_world as world
import torch
from easy2hard import seeds
from easy2hard.models import judge
from easy2hard.stages import label, score, train_evaluator, train_generator

TRAINING = {"learning_rate": 5e-3, "batch": 4, "epochs": 2, "checkpoint_seconds": 0.0, "lora": None}
WITH_DROPOUT = TRAINING | {"lora": {"r": 2, "dropout": 0.5, "targets": ["q_proj", "up_proj"]}}


def child(work: Callable[[], None]) -> int:
    """Start `work` in a process of its own, its output in the log; returns the process id."""
    pid = os.fork()
    if pid:
        return pid
    status = 1
    try:
        work()
        status = 0
    finally:
        if status:
            traceback.print_exc()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def finish(pid: int) -> int:
    """Wait for a process; its exit status, or minus the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def begun(out: Path, pid: int) -> float:
    """Wait until the first part of `out` is kept on disk, or the process ends; the time of it."""
    while not any(out.parent.glob(f".{out.name}.*.scratch/*")):
        if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            break
        time.sleep(0.002)
    return time.monotonic()


def content(out: Path) -> dict[str, bytes]:
    """Bytes of a file, or of all files of a folder."""
    files = sorted(out.iterdir()) if out.is_dir() else [out]
    return {path.name: path.read_bytes() for path in files}


def compare(name: str, stage: Callable[..., None], folder: Path, tries: int) -> None:
    """Print how many tries ended with the bytes of an unbroken run. Raises AssertionError where a run fails.

    A try is killed at a random moment between the first part that it keeps on disk and its end.
    """
    whole = folder / name / "whole" / "out"
    pid = child(partial(stage, out=whole))
    start = begun(whole, pid)
    assert finish(pid) == 0, f"{name}: the unbroken run failed"
    length = time.monotonic() - start
    draw = seeds.generator(0, "killing", name)
    same = killed = 0
    for number in range(tries):
        out = folder / name / str(number) / "out"
        pid = child(partial(stage, out=out))
        begun(out, pid)
        time.sleep(length * draw.uniform(0, 0.8))
        os.kill(pid, signal.SIGKILL)
        killed += finish(pid) == -signal.SIGKILL
        assert finish(child(partial(stage, out=out))) == 0, f"{name}: the second run failed"
        same += content(out) == content(whole) and len(list(out.parent.iterdir())) == 1
    print(f"{name}: {same} of {tries} equal, {killed} killed", flush=True)


def main(folder: Path, tries: int) -> None:
    """Training of a generator (with adapters and dropout) and of an evaluator, and scoring."""
    torch.set_num_threads(1)
    judge.SHARD = 8
    given = {"format": "maths_world", "items": folder / "items.parquet"}
    tables = {kind: [folder / f"{kind}.parquet"] for kind in ("samples", "grades")}
    problems = {"part": "main", "measure": "level", "condition": "all", "size": None}
    base = {"model": folder / "base", "seed": 0, "format": "maths_world"}
    taught = {"items": given["items"], "hardness": folder / "hardness.parquet", "problems": problems}
    generator = partial(train_generator.main, generator="sft", options={"training": WITH_DROPOUT}, **taught, **base)
    compare("train_generator", generator, folder, tries)
    options = {"training": TRAINING}
    label.main(**tables, **given, evaluator="prm", options=options, seed=0, out=folder / "labelled")
    evaluator = partial(train_evaluator.main, labelled=folder / "labelled", evaluator="prm", options=options, **base)
    compare("train_evaluator", evaluator, folder, tries)
    trained = folder / "train_evaluator" / "whole" / "out"
    compare("score", partial(score.main, samples=folder / "samples.parquet", evaluator=trained, **given), folder, tries)


if __name__ == "__main__":
    world.write(Path(sys.argv[1]), count=30)
    main(Path(sys.argv[1]), int(sys.argv[2]))
