"""Install what the tests of this folder need and this machine lacks: Debian's packages of Slurm, as root.

Elsewhere, one line says what is missing. Debian's own daemons are not started.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import cluster

POLICY = Path("/usr/sbin/policy-rc.d")  # Debian asks it before it starts a daemon; 101 is no


@contextmanager
def no_daemons() -> Iterator[None]:
    """Within this, packages start nothing. A policy that is there already stays."""
    ours = not POLICY.exists()
    if ours:
        POLICY.write_text("#!/bin/sh\nexit 101\n")
        POLICY.chmod(0o755)
    try:
        yield
    finally:
        if ours:
            POLICY.unlink()


def main() -> None:
    """Install, or end with a line that says what is missing."""
    missing = cluster.missing()
    if not missing:
        return
    command = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing]
    if os.geteuid() or not shutil.which("apt-get"):
        sys.exit(f"error: Slurm is missing; on Debian, as root: {' '.join(command)}")
    print(f"installing {', '.join(missing)} …", flush=True)
    with no_daemons():
        for words in (["apt-get", "update", "-qq"], command):
            subprocess.run(words, check=True, env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})


if __name__ == "__main__":
    main()
