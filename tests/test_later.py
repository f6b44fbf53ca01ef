"""What Snakemake needs of the library loads no library of tables: it waits for that at every call."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from easy2hard.later import later

ROOT = Path(__file__).resolve().parents[1]
PARSED = """import sys
from easy2hard.later import TABLES, later
{line}
from easy2hard import front
files = ["config.yaml", "config/hase2024.yaml"]
settings = front.read(*files)
for name in ("arc", "arc_all"):
    del settings["datasets"][name]["source"]["annotations"]  # a file that need not be here
table = front.runs(settings)
print([table.cells().__next__(), len(front.figures(table)) > 50])
print(sorted({heavy} & set(sys.modules)))
"""
HEAVY = {"numpy._core", "pandas.core", "pyarrow", "scipy", "sympy", "torch", "matplotlib"}


def test_the_front_door_opens_no_table():
    line = next(line for line in (ROOT / "Snakefile").read_text().splitlines() if line.startswith("later("))
    command = [sys.executable, "-c", PARSED.format(line=line, heavy=HEAVY)]
    library = {"PYTHONPATH": "workflow"}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=library, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_config_is_checked_without_tables():
    command = [sys.executable, "-X", "importtime", "-m", "easy2hard.check_config", "config.yaml"]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, env={"PYTHONPATH": "workflow"}, check=False
    )
    assert (done.returncode, done.stdout) == (0, "config.yaml: no fault found\n")
    loaded = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "easy2hard.front" in loaded and not HEAVY & loaded


def test_a_library_that_is_not_installed_is_missed_at_once():
    with pytest.raises(ModuleNotFoundError, match="No module named 'no_such_library'"):
        later("no_such_library")
