"""Resolve packages.txt into lock.txt: a fresh environment, every package in the group that needs it first."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import environments

HERE = Path(__file__).parent
ORDER = ("cpu", "torch", "test", "gpu")
ABOUT = {
    "cpu": "every job; no torch",
    "torch": "jobs with a model; on a machine without CUDA any build of this version serves",
    "test": "the tests",
    "gpu": "on a GPU only: `#+` lines are for envs/gpu.yaml, pip passes over them",
}
LIST = """
import json, re
from importlib.metadata import distributions
name = lambda text: re.sub(r"[-_.]+", "-", text).lower()
needs = lambda d: [name(re.match(r"[\\w.-]+", r)[0]) for r in d.requires or [] if "extra ==" not in r]
print(json.dumps({name(d.metadata["Name"]): [d.metadata["Name"], d.version, needs(d)] for d in distributions()}))
"""


def wanted() -> dict[str, list[str]]:
    """Pins asked for, by group."""
    rows = [line.split() for line in (HERE / "packages.txt").read_text().splitlines() if line and line[0] != "#"]
    return {group: [pin for given, pin in rows if given == group] for group in ORDER}


def installed(pins: list[str]) -> dict[str, tuple[str, str, list[str]]]:
    """What a fresh environment holds after installing the pins: name → (spelling, version, needs)."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        python = f"{folder}/bin/python"
        subprocess.run([python, "-m", "pip", "install", "--quiet", *pins], check=True)
        return json.loads(subprocess.run([python, "-c", LIST], check=True, capture_output=True, text=True).stdout)


def closure(pins: list[str], held: dict) -> set[str]:
    """Names the pins need, themselves included."""
    todo, seen = [re.sub(r"[-_.]+", "-", pin.split("==")[0]).lower() for pin in pins], set()
    while todo:
        name = todo.pop()
        if name in held and name not in seen:
            seen.add(name)
            todo.extend(held[name][2])
    return seen


def lock() -> str:
    """Text of lock.txt."""
    asked = wanted()
    held = installed([pin for group in ORDER if group != "gpu" for pin in asked[group]])
    lines, done = ["# Exact pins, made by lock.py from packages.txt; do not edit."], {"pip", "setuptools"}
    for group in ORDER[:-1]:
        names = sorted(closure(asked[group], held) - done)
        done |= set(names)
        lines += ["", f"# [{group}] {ABOUT[group]}", *(f"{held[n][0]}=={held[n][1].split('+')[0]}" for n in names)]
    return "\n".join([*lines, "", f"# [gpu] {ABOUT['gpu']}", *(f"#+ {pin}" for pin in asked["gpu"]), ""])


if __name__ == "__main__":
    (HERE / "lock.txt").write_text(lock(), encoding="utf-8")
    environments.main()
