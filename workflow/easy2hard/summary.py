"""What `make demo` prints at the end: where the report and the figures are, and the main numbers."""

from __future__ import annotations

from pathlib import Path

from easy2hard import paths


def lines() -> list[str]:
    """Lines of the summary, of the files that exist."""
    figures = sorted(Path(paths.FIGURE["png"]).parent.glob("*.png"))
    found = ["", f"report   {Path(paths.REPORT).resolve()}", f"numbers  {paths.RESULTS_CSV}", "figures"]
    return found + [f"  {file}" for file in figures]


if __name__ == "__main__":
    print("\n".join(lines()))
