"""Config of where records come from."""

from __future__ import annotations

from typing import Annotated

from pydantic import StringConstraints, model_validator

from easy2hard.strict import Strict

Revision = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{40}$")]


class Source(Strict):
    """Where a dataset comes from: a local folder or file, or a hub repository."""

    path: str | None = None
    """Folder or file in the official format or the hub's Parquet; relative paths start at `data_root`."""
    hub: str | None = None
    """Hub id, for example `allenai/ai2_arc`."""
    revision: Revision | None = None
    """Commit of the hub repository, 40 hexadecimal digits; unpinned is allowed, and said in the log and the table."""
    annotations: str | None = None
    """ARC only: the file of grades, Bloom skills, depths of knowledge and difficulties."""

    @model_validator(mode="after")
    def _one(self) -> Source:
        if (self.path is None) == (self.hub is None):
            raise ValueError("expected exactly one of 'path' and 'hub'")
        if self.revision and not self.hub:
            raise ValueError("'revision' belongs to a 'hub' source")
        return self
