"""Write cpu.yaml and gpu.yaml from lock.txt, so that conda and pip users get the same pins."""

from __future__ import annotations

from pathlib import Path

HERE = Path(__file__).parent
GROUPS = {"cpu": ("cpu",), "gpu": ("cpu", "torch", "gpu")}
ABOUT = {
    "cpu": "Jobs without a model: data, hardness, splits, evaluation, figures. No torch.",
    "gpu": "Jobs with a model, on a GPU or not.",
}


def pins(lock: str) -> dict[str, list[str]]:
    """Pins by group. A group begins with a line `# [group] …`; the gpu group is commented out with `#+ `."""
    found: dict[str, list[str]] = {}
    group = ""
    for line in lock.splitlines():
        if line.startswith("# ["):
            group = line[3 : line.index("]")]
        elif "==" in line:
            found.setdefault(group, []).append(line.removeprefix("#+ "))
    return found


def environment(name: str, lock: str) -> str:
    """A conda environment as YAML text."""
    listed = sorted((pin for group in GROUPS[name] for pin in pins(lock)[group]), key=str.lower)
    head = [f"# {ABOUT[name]} Made from lock.txt by environments.py; do not edit."]
    body = [f"name: easy2hard-{name}", "channels: [conda-forge, nodefaults]", "dependencies:"]
    return "\n".join(
        [*head, *body, "  - python=3.11", "  - pip", "  - pip:", *(f"      - {pin}" for pin in listed), ""]
    )


def main() -> None:
    """Write both files."""
    lock = (HERE / "lock.txt").read_text(encoding="utf-8")
    for name in GROUPS:
        (HERE / f"{name}.yaml").write_text(environment(name, lock), encoding="utf-8")


if __name__ == "__main__":
    main()
