"""`python -m easy2hard.check_config config.yaml config/real.yaml`: what is wrong with config files, before any job."""

from __future__ import annotations

import sys

from easy2hard.later import TABLES, later

later(*TABLES)  # before what follows is imported

from easy2hard import front  # noqa: E402


def main(files: list[str]) -> None:
    """Print the faults of the files, of which later ones win, and end with status 2; or that there is none."""
    for file in files:
        front.readable(file)
    front.runs(front.read(*files), files)
    print(f"{' and '.join(files)}: no fault found")


if __name__ == "__main__":
    main(sys.argv[1:])
