"""The project as a user has it: a copy in an empty folder, Snakemake run in it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("Snakefile", "config.yaml", "config", "profiles", "envs", "workflow", "docs", "README.md", "Makefile")


def copy(folder: Path) -> Path:
    """Copy the project, without results and caches."""
    folder.mkdir(parents=True)
    for name in PARTS:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy2(source, folder / name)
    return folder


def snakemake(folder: Path, *arguments: str, check: bool = True, path: str = "") -> subprocess.CompletedProcess:
    """Run Snakemake of this Python in a folder; with `check`, a failure shows what it printed. path: PYTHONPATH."""
    command = [sys.executable, "-m", "snakemake", *arguments]
    programs = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": programs, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=900)
    if check and done.returncode:
        raise AssertionError(f"snakemake {arguments} ended with {done.returncode}:\n{done.stdout}\n{done.stderr}")
    return done


def would_run(folder: Path, *arguments: str) -> dict[str, int]:
    """Jobs by rule that a dry run lists; empty when there is nothing to be done."""
    printed = snakemake(folder, "-n", *arguments)
    rows = re.findall(r"^(\w+)\s+(\d+)$", printed.stdout + printed.stderr, re.MULTILINE)
    return {rule: int(count) for rule, count in rows if rule not in ("total", "job", "all")}


def jobs(folder: Path, *arguments: str) -> set[str]:
    """What a dry run says each job would do, e.g. `split qa: training and test sets by level`."""
    printed = snakemake(folder, "-n", *arguments)
    return set(re.findall(r"^Job \d+: (.+)$", printed.stdout + printed.stderr, re.MULTILINE))


def edit(path: Path, old: str, new: str) -> None:
    """Replace one text in a file; it must be there."""
    text = path.read_text()
    assert old in text, f"{path} has no {old!r}"
    path.write_text(text.replace(old, new, 1))
