"""One Slurm for all tests of this folder, and the project in it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import cluster
import house
import pytest

OPTIONS = ("--slurm-init-seconds-before-status-checks", "1", "--slurm-status-command", "squeue")
OVERLAY = """\
datasets:
  qa: {measures: [level, reasoning_steps]}
  broken:
    plugin: local
    source: {path: broken.csv}
    options: {licence: CC0, columns: {question: question, label: label}, choices: ["no", "yes"]}
    measures: [question_words]
models:
  tiny_llama: {gpus: 1, mem_mb: 3000, runtime: 20}
splits:
  qa: {measures: [level], seeds: 1}
select: {datasets: [qa], splits: [qa], experiments: [], rerankings: [], figures: []}
"""
HOLD = "    while Path('hold').exists():\n        __import__('time').sleep(0.2)\n"


class Project:
    """A copy of the project whose jobs go through the Slurm of these tests."""

    def __init__(self, folder: Path, slurm: Path) -> None:
        self.folder, self.slurm = house.copy(folder), slurm
        (folder / "overlay.yaml").write_text(OVERLAY)
        (folder / "broken.csv").write_text("question,label\nIs it?,1\nIs it not?,perhaps\n")
        for stage in ("card", "correlate"):
            house.edit(folder / f"workflow/easy2hard/stages/{stage}.py", "    rows", f"{HOLD}    rows")

    def start(self, *arguments: str, program: str = "snakemake") -> subprocess.Popen:
        """Snakemake (or a module that runs it) with the profile, in a session of its own; what it prints in run.log."""
        profile = ("--workflow-profile", "profiles/slurm") if program == "snakemake" else ()
        command = [sys.executable, "-m", program, *arguments, "--configfile", "overlay.yaml", *profile, *OPTIONS]
        environment = cluster.environment(self.slurm)
        environment["PATH"] = environment["PATH"].replace(":", f":{Path(sys.executable).parent}:", 1)
        environment |= {"PYTHONPATH": str(self.folder / "workflow"), "OMP_NUM_THREADS": "1"}
        with (self.folder / "run.log").open("w") as log:
            return subprocess.Popen(
                command, cwd=self.folder, env=environment, stdout=log, stderr=log, start_new_session=True
            )

    def run(self, *arguments: str, program: str = "snakemake") -> tuple[int, str]:
        """Exit status and what was printed."""
        status = self.start(*arguments, program=program).wait(timeout=600)
        return status, self.printed()

    def printed(self) -> str:
        """What the last run printed."""
        return (self.folder / "run.log").read_text()

    def jobs(self) -> dict[int, tuple[str, ...]]:
        """Slurm's records of this project's jobs: number → comment (rule and wildcards), state, partition."""
        told = cluster.ask(self.slurm, "squeue", "--states=all", "-h", "-o", "%i|%k|%T|%P|%Z")
        rows = [line.split("|") for line in told.splitlines()]
        return {int(row[0]): tuple(row[1:4]) for row in rows if row[4] == os.fspath(self.folder)}

    def job(self, comment: str, *states: str) -> int:
        """Number of the latest job with this comment, in one of these states if any is given; 0 where there is none."""
        found = [n for n, row in self.jobs().items() if row[0] == comment and (not states or row[1] in states)]
        return max(found, default=0)


@pytest.fixture(scope="session")
def slurm() -> Iterator[Path]:
    """A running Slurm, in a folder with a short name."""
    folder = Path(tempfile.mkdtemp(prefix="slurm-"))
    folder.chmod(0o755)  # munge's socket must be within everybody's reach
    try:
        cluster.start(folder / "s")
        yield folder / "s"
    finally:
        cluster.stop(folder / "s")


@pytest.fixture(scope="session")
def project(slurm) -> Project:
    """The project; the tests of test_slurm.py run in the order of the file, each in what the one before left."""
    return Project(slurm.parent / "p", slurm)
