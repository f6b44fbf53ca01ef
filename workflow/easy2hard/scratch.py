"""Work that survives a kill: a folder beside the output, named by what the work is, gone when the output is there."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from easy2hard.files import sha256


@contextmanager
def folder(out: Path, identity: dict, inputs: tuple[Path, ...] = ()) -> Iterator[Path]:
    """A folder for the parts of `out` finished so far. A later run with equal identity and inputs finds it again.

    identity: everything that can change a byte (options, seed, code fingerprint), as JSON values. inputs: files, by
    their content. What another identity left is removed at the start; all of it when the block ends without an error.
    """
    told = {"identity": identity, "inputs": [sha256(path) for path in inputs]}
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]
    place = out.with_name(f".{out.name}.{digest}.scratch")
    for left in out.parent.glob(f".{out.name}.*.scratch"):
        if left != place:
            shutil.rmtree(left)
    place.mkdir(parents=True, exist_ok=True)
    yield place
    shutil.rmtree(place)
