"""JSON schema of the config, for editors: `# yaml-language-server: $schema=config/schema.json`."""

from __future__ import annotations

import json
import sys

from easy2hard.config import Config
from easy2hard.files import write_text


def schema() -> str:
    """The schema as JSON text with a final line break. Overlays give parts of a config, so nothing is required."""
    found = Config.model_json_schema()
    for part in (found, *found["$defs"].values()):
        part.pop("required", None)
    return json.dumps(found, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    write_text(sys.argv[1], schema())
