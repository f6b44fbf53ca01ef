"""Dry run of the paper's grid: CPU time over that of a bare Snakefile with as many jobs and dependencies.

The bare Snakefile has one rule that looks its inputs up in a table, no log, no params, no config and no check: what
Snakemake itself needs for such a graph. Both are timed in turn, the least of several turns counts.
Run: `python tests/benchmarks/bench_dryrun.py` (in an environment with Snakemake; ARC's annotations must be there).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CEILING, AIM = 2.0, 1.3
CONFIG = "config/hase2024.yaml"
BARE = """import json
DEPENDS = json.load(open("depends.json"))
rule all:
    input: expand("made/{job}", job=DEPENDS)
rule job:
    input: lambda w: [f"made/{job}" for job in DEPENDS[w.job]]
    output: "made/{job}"
    shell: "true"
"""


def snakemake(folder: Path, *arguments: str) -> tuple[float, str]:
    """CPU seconds (of the process and its children) and output of a call. Raises CalledProcessError where it fails."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "snakemake", *arguments]
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True, env=environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout


def depends(config: str) -> dict[str, list[str]]:
    """Jobs by number, each with the jobs that it waits for, as Snakemake draws them."""
    _, drawn = snakemake(ROOT, "--dag", "dot", "--forceall", "--configfile", config)
    jobs = {job: [] for job in re.findall(r"^\s*(\d+)\s*\[", drawn, re.MULTILINE)}
    for before, after in re.findall(r"^\s*(\d+)\s*->\s*(\d+)", drawn, re.MULTILINE):
        jobs[after].append(before)
    return jobs


def measure(config: str, turns: int) -> dict:
    """Jobs, dependencies, least CPU seconds of both, and their ratio."""
    graph = depends(config)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "depends.json").write_text(json.dumps(graph))
        (folder / "Snakefile").write_text(BARE)
        bare, ours = [], []
        for _ in range(turns):
            bare.append(snakemake(folder, "-n", "--cores", "1")[0])
            ours.append(snakemake(ROOT, "-n", "--configfile", config)[0])
    found = {"jobs": len(graph), "dependencies": sum(map(len, graph.values()))}
    return found | {"bare_s": min(bare), "ours_s": min(ours), "ratio": min(ours) / min(bare)}


def main() -> None:
    """Print the measurement; end with status 1 where the ratio is above the ceiling."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", default=CONFIG)
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    found = measure(options.config, options.turns)
    print(
        f"dry run of {options.config}: {found['jobs']} jobs, {found['dependencies']} dependencies; "
        f"{found['ours_s']:.2f} s of CPU, bare {found['bare_s']:.2f} s, ratio {found['ratio']:.2f} "
        f"(at most {CEILING:g}, aim {AIM:g})"
    )
    sys.exit(found["ratio"] > CEILING)


if __name__ == "__main__":
    main()
