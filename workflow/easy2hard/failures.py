"""One line for each job that failed on a cluster, from what Snakemake noted: the job, the reason, the log."""

from __future__ import annotations

import re
from pathlib import Path

STARTED = re.compile(r"^Job (?P<number>\d+): (?P<what>.+?)$")
FINISHED = re.compile(r"^Finished jobid: (?P<number>\d+) ")
FIELD = re.compile(r"^    (?P<name>jobid|log): (?P<value>.+?)(?: \(check log file\(s\) for error details\))?$")
STATUS = re.compile(r"SLURM-job '(?P<job>\w+)' failed.*status is: '(?P<status>\w+)'")
REFUSED = re.compile(r"The error message was '(?P<said>.*?)'?\.?$")
MEMORY = re.compile(r"exceeded (job )?memory limit|oom[-_ ]kill", re.IGNORECASE)
REASONS = {
    "CANCELLED": "cancelled in Slurm",
    "TIMEOUT": "ran past its time limit",
    "OUT_OF_MEMORY": "ran out of memory",
    "NODE_FAIL": "its node died",
}


def lines(noted: str) -> list[str]:
    """Lines for the jobs that failed and did not succeed later. noted: text of Snakemake's own log of a run."""
    names: dict[str, str] = {}
    failed: dict[str, dict[str, str]] = {}
    block: dict[str, str] = {}
    for line in noted.splitlines():
        if found := STARTED.match(line):
            names[found["number"]] = found["what"]
        elif found := FINISHED.match(line):
            failed.pop(found["number"], None)
        elif line.startswith("    message: "):
            block = {"message": line[13:]} if line.startswith("    message: SLURM") else {}
        elif block and (found := FIELD.match(line)):
            block[found["name"]] = found["value"]
            failed[block.get("jobid", "")] = block
    return [_line(names.get(number, "a job"), block) for number, block in failed.items()]


def _line(name: str, block: dict[str, str]) -> str:
    logs = block.get("log", "no log").split(", ")
    what = name.split(":")[0]
    if found := STATUS.search(block["message"]):
        reason = REASONS.get(found["status"]) or _memory(Path(logs[-1])) or _said(Path(logs[0])) or found["status"]
        return f"failed: {what}: {reason} (Slurm job {found['job']}); log: {logs[0]}"
    refused = REFUSED.search(block["message"])
    return f"failed: {what}: Slurm refused it: {refused['said'] if refused else block['message']}; log: {logs[0]}"


def _memory(log: Path) -> str:
    """A reason if Slurm's log of a job says that it needed too much memory: without cgroups its status does not."""
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else ""
    return REASONS["OUT_OF_MEMORY"] if MEMORY.search(text) else ""


def _said(log: Path) -> str:
    """Last line of a log; that of a job that was killed before it wrote any is empty."""
    words = log.read_text(encoding="utf-8", errors="replace").split("\n") if log.exists() else []
    return next((line for line in reversed(words) if line.strip()), "")
