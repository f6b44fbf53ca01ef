"""Fixtures shared by the tests."""

from __future__ import annotations

import os
from pathlib import Path

import house
import pytest


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of real files in their official formats; tests that use it skip where it is absent."""
    folder = Path(os.environ.get("EASY2HARD_DATA", house.ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no real data: {folder} is not there (set EASY2HARD_DATA)")
    return folder


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the project that a test may change."""
    return house.copy(tmp_path / "project")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The file that runs the whole workflow begins first: it takes as long as all others together."""
    items.sort(key=lambda item: item.path.name != "test_workflow.py")
