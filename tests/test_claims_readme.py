"""The README's table of claims: in step with the stored verdicts, and those with the claims."""

from __future__ import annotations

from pathlib import Path

import pytest
from easy2hard import claims, claims_readme
from easy2hard.errors import UserError

ROOT = Path(__file__).parents[1]
README, STORED = ROOT / "README.md", ROOT / claims_readme.STORED


def test_the_readme_is_in_step_with_the_stored_verdicts():
    text = README.read_text(encoding="utf-8")
    assert claims_readme.replaced(text, claims_readme.table(claims_readme.read(STORED)), "README.md") == text


def test_the_stored_verdicts_are_of_these_claims():
    asked = claims.load(ROOT / "workflow" / "published" / "claims.yaml").claims
    stored = claims_readme.read(STORED)
    assert list(stored["claim"]) == [one.id for one in asked]
    said = [" ".join(one.statement.split()) for one in asked]
    assert [" ".join(text.split()) for text in stored["statement"]] == said
    assert set(stored["verdict"]) <= {claims.HOLDS, claims.FAILS, claims.OPEN, claims.UNTESTABLE}


def test_a_run_is_stored_and_written(tmp_path):
    (tmp_path / "README.md").write_text(f"# A\n\n{claims_readme.BEGIN}\nstale\n{claims_readme.END}\n\nrest\n")
    stored = claims_readme.read(STORED).assign(scope="overall").head(2)
    stored.to_csv(tmp_path / "claims.csv", index=False)
    arguments = [str(tmp_path / "README.md"), "--claims", str(tmp_path / "claims.csv")]
    assert claims_readme.main([*arguments, "--stored", str(tmp_path / "kept.csv")]) == 0
    text = (tmp_path / "README.md").read_text()
    assert "stale" not in text and text.endswith("\n\nrest\n") and text.count("\n| ") == 3
    assert len(claims_readme.read(tmp_path / "kept.csv")) == 2


@pytest.mark.parametrize("text", ["none", f"{claims_readme.END} {claims_readme.BEGIN}", claims_readme.BEGIN * 2])
def test_missing_markers_are_one_line(text):
    with pytest.raises(UserError, match="README.md: expected the lines"):
        claims_readme.replaced(text, "x", "README.md")


def test_missing_verdicts_are_one_line(tmp_path, capsys):
    (tmp_path / "README.md").write_text("x")
    assert claims_readme.main([str(tmp_path / "README.md"), "--stored", str(tmp_path / "none.csv")]) == 2
    assert "none.csv: no such file" in capsys.readouterr().err
