"""The last \\boxed{} of a text."""

from __future__ import annotations

import time

import pytest
from easy2hard.boxed import last_boxed


@pytest.mark.parametrize(
    ("text", "content"),
    [
        ("Thus $\\boxed{5}$.", "5"),
        ("\\boxed{1} then \\boxed{\\frac{1}{2}}", "\\frac{1}{2}"),
        ("\\fbox{7}", "7"),
        ("\\boxed 5$ apples", "5"),
        ("so \\boxed 12\nand", "12"),
        ("\\boxed{ x = \\{1\\} }", "x = \\{1\\}"),
        ("\\boxed{\\boxed{3}}", "3"),
        ("\\boxed{3} and \\boxed{4", "3"),
        ("\\boxed{4", None),
        ("\\boxedness{4}", None),
        ("\\boxed{}", None),
        ("\\boxed", None),
        ("", None),
    ],
)
def test_content_of_the_last_box(text: str, content: str | None):
    assert last_boxed(text) == content


def test_many_open_boxes_take_no_time():
    start = time.process_time()
    assert last_boxed("\\boxed{" * 20_000) is None
    assert last_boxed("\\boxed " * 20_000) is not None
    assert time.process_time() - start < 1
