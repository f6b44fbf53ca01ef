"""Against Math-Verify's own test cases: where the rules of PRM800K say otherwise is listed in docs/grading.md."""

from __future__ import annotations

import json
import re
from pathlib import Path

import documents
import pytest
from easy2hard import grading
from easy2hard.boxed import last_boxed

FORMULA = re.compile(r"\$\$(.+?)\$\$|\$(.+?)\$|\\\[(.+?)\\\]|\\\((.+?)\\\)", re.DOTALL)
PROSE = re.compile(r"[a-zA-Z]{3,} [a-z]{2,} [a-z]{2,}")
ROW = re.compile(r"^\| `(\S+)` \|", re.MULTILINE)


def bare(text: str) -> str | None:
    """The answer where a text is nothing else: one formula, or no formula; None for prose and environments."""
    text = text.strip().rstrip(".")
    formula = FORMULA.fullmatch(text)
    if formula:
        text = next(filter(None, formula.groups()))
    elif "\\(" in text or "\\[" in text:
        return None
    text = text.strip().rstrip(".")
    boxed = last_boxed(text)
    text = boxed if boxed is not None and text == f"\\boxed{{{boxed}}}" else text
    left_out = "boxed" in text or "\\begin" in text or "$" in text.replace("\\$", "")
    return None if left_out or PROSE.search(re.sub(r"\\[a-z]+\{[^}]*\}", "", text)) else text


@pytest.fixture(scope="module")
def cases(shared_data: Path) -> list[tuple[str, str, str, bool]]:
    """Name, gold, answer and expected verdict of the cases that compare two bare answers."""
    path = shared_data.parent / "peer_cases" / "math_verify_cases.json"
    if not path.is_file():
        pytest.skip(f"{path} is not there")
    found = []
    for case in json.loads(path.read_text(encoding="utf-8"))["cases"]:
        pair = [bare(case[key]) if key in case else None for key in ("gold", "pred")]
        if None not in pair:
            found.append((f"{case['test_file'].removeprefix('tests/')}:{case['line']}", *pair, bool(case["expected"])))
    return found


def listed() -> list[str]:
    """Names of the cases in the table of the page."""
    return ROW.findall(documents.read("grading.md").split("<!-- disagreements -->")[1].split("<!-- end -->")[0])


def test_the_disagreements_are_those_listed(cases):
    verdicts = grading.grade_many([(answer, gold) for _, gold, answer, _ in cases])
    differing = {name for (name, *_, expected), verdict in zip(cases, verdicts, strict=True) if verdict != expected}
    assert differing == set(listed())
    assert not any(verdict and not case[3] for case, verdict in zip(cases, verdicts, strict=True)), "never more lenient"


def test_the_counts_of_the_page(cases):
    text = " ".join(documents.read("grading.md").split())
    assert f"{len(cases)} compare two bare answers" in text
    assert f"agree on {len(cases) - len(listed())} of them. On the other {len(listed())} they" in text
