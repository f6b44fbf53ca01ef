"""A Slurm of its own on this machine: munge, controller, nodes with made-up GPUs, all on loopback, all in one folder.

Usage: python tests/slurm/cluster.py start FOLDER   prints what to export
       python tests/slurm/cluster.py stop FOLDER    cancels its jobs and ends its daemons
Needs Debian's slurmctld, slurmd, slurm-client and munge. A path of a socket may have 107 characters: keep FOLDER short.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

PROGRAMS = {"slurmctld": "slurmctld", "slurmd": "slurmd", "sbatch": "slurm-client", "munged": "munge"}
NODES = {"cpu1": "", "cpu2": "", "gpu1": "Gres=gpu:2"}
GPUS = ("/dev/null", "/dev/zero")  # slurmd takes any character device for a GPU
SEARCHED = os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/sbin"])
SETTINGS = """\
ClusterName=tests
SlurmctldHost=localhost
SlurmctldPort={port}
SlurmUser={user}
SlurmdUser={user}
AuthInfo=socket={folder}/munge.socket
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
MailProg=/bin/true
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerParameters=batch_sched_delay=0,sched_interval=2,bf_interval=2
SlurmdParameters=config_overrides
ReturnToService=2
SlurmdTimeout=10
KillWait=2
MinJobAge=86400
GresTypes=gpu
PartitionName=cpu Nodes=cpu[1-2] Default=YES MaxTime=1-0
PartitionName=gpu Nodes=gpu1 MaxTime=2-0
"""


def missing() -> list[str]:
    """Debian's packages that are not installed."""
    return sorted({package for name, package in PROGRAMS.items() if not shutil.which(name, path=SEARCHED)})


def ports(count: int) -> list[int]:
    """Free ports of this machine."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    found = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return found


def environment(folder: Path) -> dict[str, str]:
    """Variables with which Slurm's commands, and Snakemake, talk to the Slurm of a folder."""
    return {**os.environ, "SLURM_CONF": str(folder / "slurm.conf"), "PATH": f"{folder}/bin{os.pathsep}{SEARCHED}"}


def ask(folder: Path, *command: str, check: bool = True) -> str:
    """What a command of Slurm prints."""
    done = subprocess.run(command, env=environment(folder), capture_output=True, text=True, timeout=60)
    if check and done.returncode:
        raise RuntimeError(f"{' '.join(command)}: {done.stderr.strip()}")
    return done.stdout


def wait(what: str, holds: Callable[[], object], seconds: float = 30) -> None:
    """Wait until `holds()` is true. Raises TimeoutError naming what was waited for."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {seconds:g} s")
        time.sleep(0.1)


def configure(folder: Path) -> None:
    """Write keys and settings. Srun gets its settings by name: the executor's job steps lose the variable."""
    for name in ("state", "bin"):
        (folder / name).mkdir(parents=True)
    folder.chmod(0o755)
    key = folder / "munge.key"
    key.touch(mode=0o600)
    key.write_bytes(os.urandom(128))
    user = subprocess.run(["id", "-un"], capture_output=True, text=True, check=True).stdout.strip()
    port, *others = ports(1 + len(NODES))
    lines = [SETTINGS.format(folder=folder, port=port, user=user)]
    for (name, gres), own in zip(NODES.items(), others, strict=True):
        place = f"NodeHostname=localhost NodeAddr=127.0.0.1 Port={own}"
        lines.insert(1, f"NodeName={name} {place} CPUs=4 RealMemory=64000 {gres}\n")
    (folder / "gres.conf").write_text("".join(f"NodeName=gpu1 Name=gpu File={device}\n" for device in GPUS))
    (folder / "slurm.conf").write_text("".join(lines))
    for name in ("srun", "scontrol"):
        wrapper = folder / "bin" / name
        wrapper.write_text(f'#!/bin/sh\nSLURM_CONF={folder}/slurm.conf exec {shutil.which(name)} "$@"\n')
        wrapper.chmod(0o755)


def launch(folder: Path, *command: str) -> None:
    """Start a daemon, which puts itself into the background."""
    with (folder / "daemons.log").open("a") as log:
        subprocess.run(command, env=environment(folder), stdout=log, stderr=log, stdin=subprocess.DEVNULL, check=True)


def launch_node(folder: Path, name: str) -> None:
    """Start the daemon of one node."""
    launch(folder, "slurmd", "-N", name, "-f", f"{folder}/slurm.conf")


def start(folder: Path) -> None:
    """Start everything in a folder that is empty or not there, and wait until all nodes are idle."""
    configure(folder)
    files = [f"--{kind}-file={folder}/munge.{kind}" for kind in ("key", "pid", "log", "seed")]
    launch(folder, "munged", f"--socket={folder}/munge.socket", *files)
    wait("munge", (folder / "munge.socket").exists)
    launch(folder, "slurmctld", "-f", f"{folder}/slurm.conf")
    wait("the controller", lambda: "UP" in ask(folder, "scontrol", "ping", check=False))
    for name in NODES:
        launch_node(folder, name)
    wait("the nodes", lambda: set(ask(folder, "sinfo", "-hN", "-o", "%T").split()) == {"idle"})


def end(folder: Path, name: str, by: int = signal.SIGTERM) -> None:
    """End the daemon that wrote NAME.pid, if it is one of this folder's."""
    note = folder / f"{name}.pid"
    pid = int(note.read_text()) if note.exists() else 0
    if runs(pid, folder):
        os.kill(pid, by)
        wait(f"the end of {name}", lambda: not runs(pid, folder))


def runs(pid: int, folder: Path) -> bool:
    """Whether a process runs that was started with this folder; one that ended and was not yet collected does not."""
    try:
        return str(folder) in Path(f"/proc/{pid}/cmdline").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def kill_node(folder: Path, name: str) -> None:
    """Kill the daemon of a node and all that runs on it, as a power cut would: what reports to the controller first."""
    end(folder, f"slurmd-{name}", signal.SIGKILL)
    found = list(on_node(folder, name))
    parents = {int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]) for pid in found}
    steps = [pid for pid in parents if Path(f"/proc/{pid}/comm").read_text().strip() == "slurmstepd"]
    for pid in (*steps, *found):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def on_node(folder: Path, name: str) -> Iterator[int]:
    """Processes of jobs on a node of this Slurm."""
    for entry in Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            told = entry.read_bytes()
            if f"SLURMD_NODENAME={name}".encode() in told and os.fsencode(folder) in told:
                yield int(entry.parent.name)


def stop(folder: Path) -> None:
    """Cancel the jobs, end the daemons."""
    if "UP" in ask(folder, "scontrol", "ping", check=False):
        ask(folder, "scancel", "--state=PENDING", check=False)
        ask(folder, "scancel", "--state=RUNNING", check=False)
        wait("the end of the jobs", lambda: not ask(folder, "squeue", "-h").strip())
    for name in (*(f"slurmd-{node}" for node in NODES), "slurmctld", "munge"):
        end(folder, name)


if __name__ == "__main__":
    verb, place = sys.argv[1], Path(sys.argv[2]).resolve()
    {"start": start, "stop": stop}[verb](place)
    if verb == "start":
        print(f"export SLURM_CONF={place}/slurm.conf PATH={place}/bin:$PATH:/usr/sbin")
