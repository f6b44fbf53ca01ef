"""Run every benchmark here, one after the other, each in a process of its own. Ends with status 1 if one misses."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def main(names: list[str]) -> int:
    """Run the benchmarks named, or all; the status is the number of those that failed or missed their ratio."""
    scripts = [
        path for path in sorted(HERE.glob("bench_*.py")) if not names or path.stem.removeprefix("bench_") in names
    ]
    folders = [ROOT / "workflow", ROOT / "tests"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, folders)), "OMP_NUM_THREADS": "1"}
    missed = []
    for script in scripts:
        print(
            f"\n== {script.stem.removeprefix('bench_')}: {script.read_text().splitlines()[0].strip(chr(34))}",
            flush=True,
        )
        if subprocess.run([sys.executable, str(script)], env=environment, cwd=ROOT, check=False).returncode:
            missed.append(script.stem)
    print(f"\n{len(scripts) - len(missed)} of {len(scripts)} benchmarks reached their ratio", *missed)
    return min(len(missed), 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
