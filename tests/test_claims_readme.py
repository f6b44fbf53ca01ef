"""The README's table of claims: in step with the stored verdicts, and those with the claims."""

from __future__ import annotations

from pathlib import Path

import pytest
from easy2hard import claims, claims_readme
from easy2hard.errors import UserError

ROOT = Path(__file__).parents[1]
README, FILES = ROOT / "README.md", {"hase2024": "claims.yaml", "sun2024": "claims_sun2024.yaml"}
STORED = ROOT / claims_readme.stored("hase2024")
BEGIN, END = claims_readme.markers("hase2024")


@pytest.mark.parametrize("paper", claims_readme.PAPERS)
def test_the_readme_is_in_step_with_the_stored_verdicts(paper):
    text = README.read_text(encoding="utf-8")
    table = claims_readme.table(claims_readme.read(ROOT / claims_readme.stored(paper)))
    assert claims_readme.replaced(text, table, paper, "README.md") == text


@pytest.mark.parametrize("paper", claims_readme.PAPERS)
def test_the_stored_verdicts_are_of_these_claims(paper):
    asked = claims.load(ROOT / "workflow" / "published" / FILES[paper]).claims
    stored = claims_readme.read(ROOT / claims_readme.stored(paper))
    assert list(stored["claim"]) == [one.id for one in asked]
    said = [" ".join(one.statement.split()) for one in asked]
    assert [" ".join(text.split()) for text in stored["statement"]] == said
    assert set(stored["verdict"]) <= {claims.HOLDS, claims.FAILS, claims.OPEN, claims.UNTESTABLE}


def test_a_run_is_stored_and_written(tmp_path):
    (tmp_path / "README.md").write_text(f"# A\n\n{BEGIN}\nstale\n{END}\n\nrest\n")
    stored = claims_readme.read(STORED).assign(scope="overall").head(2)
    stored.to_csv(tmp_path / "claims.csv", index=False)
    arguments = [str(tmp_path / "README.md"), "--claims", str(tmp_path / "claims.csv")]
    assert claims_readme.main([*arguments, "--stored", str(tmp_path / "kept.csv")]) == 0
    text = (tmp_path / "README.md").read_text()
    assert "stale" not in text and text.endswith("\n\nrest\n") and text.count("\n| ") == 3
    assert len(claims_readme.read(tmp_path / "kept.csv")) == 2


@pytest.mark.parametrize("text", ["none", f"{END} {BEGIN}", BEGIN * 2])
def test_missing_markers_are_one_line(text):
    with pytest.raises(UserError, match="README.md: expected the lines"):
        claims_readme.replaced(text, "x", "hase2024", "README.md")


def test_missing_verdicts_are_one_line(tmp_path, capsys):
    (tmp_path / "README.md").write_text("x")
    assert claims_readme.main([str(tmp_path / "README.md"), "--stored", str(tmp_path / "none.csv")]) == 2
    assert "none.csv: no such file" in capsys.readouterr().err
