"""Runs on a Slurm cluster that end badly: what a Snakemake that was killed left in Slurm and on disk.

Usage: python -m easy2hard.cluster [arguments of snakemake]
Waits for what an earlier run of this folder left in Slurm, takes over what it made, then runs Snakemake with
profiles/slurm. Jobs outlive the Snakemake that submitted them. It would submit them again, and it keeps no record
(code, options) of what they finished without it; of a file without a record it never learns that it is out of date.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from easy2hard.errors import UserError

PROFILE = "profiles/slurm"
RECORDS = Path(".snakemake/metadata")
LOCKS = Path(".snakemake/locks")
RUNNING = Path(".snakemake/cluster.json")  # there while a run goes on, and after one that was killed
CONFIGURING = ("--config", "-C", "--configfile", "--configfiles")
PAUSE = 10.0  # seconds between two questions to Slurm


def identity(arguments: Sequence[str]) -> str:
    """SHA-256 of what decides what a run's jobs make: its config, given by arguments of Snakemake, and the code."""
    settings = _settings(arguments)
    code = Path(__file__).parents[1]
    files = [Path("config.yaml"), code.with_name("Snakefile"), *(Path(word) for word in settings)]
    files += sorted(path for path in code.rglob("*") if path.suffix in (".py", ".smk", ".yaml", ".csv", ".html"))
    digest = hashlib.sha256(json.dumps(settings).encode())
    for path in files:
        digest.update(path.read_bytes() if path.is_file() else b"-")
    return digest.hexdigest()


def _settings(arguments: Sequence[str]) -> list[str]:
    """Config files and values among the arguments of Snakemake."""
    words = [word.partition("=")[2] if word.startswith("-") else word for word in options(arguments)]
    return [word for word in words if word]


def begin(arguments: Sequence[str]) -> None:
    """Note that a run begins, before it submits anything. Raises UserError where one before it was killed."""
    if RUNNING.exists():
        raise UserError(
            "the run before was killed, and its jobs may still run; nothing is submitted. Start with"
            " `make slurm` or `python -m easy2hard.cluster …`, which waits for them and keeps what they make"
        )
    told = {"host": socket.gethostname(), "process": os.getpid(), "identity": identity(arguments)}
    RUNNING.write_text(json.dumps(told), encoding="utf-8")


def ended() -> None:
    """Note that the run ended by itself."""
    RUNNING.unlink(missing_ok=True)


def left() -> dict[str, str]:
    """Jobs of this folder that Slurm still has: number → rule and wildcards. Raises UserError where Slurm is silent."""
    done = subprocess.run(["squeue", "--me", "-h", "-o", "%i|%Z|%k"], capture_output=True, text=True)
    if done.returncode:
        raise UserError(f"squeue: {done.stderr.strip()}")
    rows = [line.split("|", 2) for line in done.stdout.splitlines()]
    return {number: what for number, place, what in rows if place == os.getcwd() and what.startswith("rule_")}


def wait() -> None:
    """Wait until Slurm has none of them; say which, whenever that changes."""
    before: dict[str, str] = {}
    while jobs := left():
        if jobs != before:
            names = ", ".join(f"{number} {what.removeprefix('rule_')}" for number, what in jobs.items())
            print(f"waiting for jobs of the run before (to end them: scancel {' '.join(jobs)}): {names}", flush=True)
        before = jobs
        time.sleep(PAUSE)


def alone(noted: dict) -> None:
    """Raises UserError where the run that wrote the note may still go on."""
    if noted["host"] != socket.gethostname():
        raise UserError(f"{RUNNING}: a run began on {noted['host']}; start there, or remove this file if it is over")
    words = Path(f"/proc/{noted['process']}/cmdline")
    if words.exists() and b"snakemake" in words.read_bytes():
        raise UserError(f"Snakemake already runs in this folder, as process {noted['process']}")


def snakemake(*arguments: str) -> str:
    """What Snakemake prints; it is shown, and the program ends, where it fails."""
    done = subprocess.run([sys.executable, "-m", "snakemake", *arguments], capture_output=True, text=True)
    if done.returncode:
        sys.stderr.write(done.stdout + done.stderr)
        sys.exit(done.returncode)
    return done.stdout


def planned(*arguments: str) -> dict[str, bool]:
    """Files of a run, and whether Snakemake would make them."""
    rows = [line.split("\t") for line in snakemake("--summary", *arguments).splitlines()]
    place = {name: number for number, name in enumerate(rows[0])}
    return {row[place["output_file"]]: row[place["plan"]] != "no update" for row in rows[1:]}


def unrecorded(files: Iterable[str]) -> list[str]:
    """Those that are there, and are newer than Snakemake's record of them, or have none."""
    return [name for name in files if Path(name).exists() and Path(name).stat().st_mtime > _recorded(name)]


def _recorded(name: str) -> float:
    """Time of the file as Snakemake recorded it; 0 where it has no record."""
    word = base64.urlsafe_b64encode(name.encode()).decode()
    size = os.pathconf(RECORDS, "PC_NAME_MAX") - 1
    parts = [word[start : start + size] for start in range(0, len(word), size)]
    path = RECORDS.joinpath(*(f"@{part}" for part in parts[:-1]), parts[-1])
    return json.loads(path.read_text(encoding="utf-8"))["endtime"] if path.exists() else 0.0


def take_over(noted: dict, arguments: Sequence[str]) -> None:
    """Record what jobs finished without Snakemake, or remove it where config, code or inputs changed since."""
    found = unrecorded(planned(*arguments))
    if not found:
        return
    settings = options(arguments)
    stale = [name for name, pending in planned(*found, *settings).items() if pending and name not in found]
    if noted["identity"] == identity(arguments) and not stale:
        snakemake("--touch", "--force", *found, *settings)
        print(f"kept, made after Snakemake was killed: {', '.join(found)}", flush=True)
        return
    for name in found:
        Path(name).unlink()
    print(f"removed, made by a config, code or inputs that changed since: {', '.join(found)}", flush=True)


def options(arguments: Sequence[str]) -> list[str]:
    """The config's part of the arguments of Snakemake: options and their values."""
    found, inside = [], False
    for word in arguments:
        if word.startswith("-"):
            inside = word.partition("=")[0] in CONFIGURING
        if inside:
            found.append(word)
    return found


def main(arguments: Sequence[str]) -> None:
    """Clear up after a run that was killed, if there is one; then Snakemake takes this process over."""
    if RUNNING.exists():
        noted = json.loads(RUNNING.read_text(encoding="utf-8"))
        alone(noted)
        wait()
        if any(LOCKS.glob("*")):
            snakemake("--unlock", *options(arguments))
        take_over(noted, arguments)
        ended()
    words = [sys.executable, "-m", "snakemake", *arguments]
    profile = [] if "--workflow-profile" in arguments else ["--workflow-profile", PROFILE]
    os.execv(sys.executable, [*words, *profile])


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except UserError as error:
        sys.exit(f"error: {error}")
