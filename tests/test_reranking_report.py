"""The second study beside its paper: published values, comparison, tables, and its part of the report."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
import synthetic_reranking as synthetic
import synthetic_results
from easy2hard import (
    comparison,
    comparison_reranking,
    identities_reranking,
    published_reranking,
    report_reranking,
    tables,
)
from easy2hard.errors import UserError
from easy2hard.stages import check_claims, compare, compare_reranking, plot, report, tabulate_reranking
from test_report import Reader
from test_reranking_figures import KNOWN, PAPER

ROOT = Path(__file__).parents[1] / "workflow" / "published"
COUNTS = {"easy": 238, "hard": 262}
LEVELS = (43, 90, 105, 128, 134)
SUBJECTS = {
    **{"Algebra": 124, "Counting & Probability": 38, "Geometry": 41, "Intermediate Algebra": 97},
    **{"Number Theory": 62, "Prealgebra": 82, "Precalculus": 56},
}


@pytest.fixture(scope="module")
def values() -> pd.DataFrame:
    return published_reranking.read(PAPER)


@pytest.fixture(scope="module")
def curves(values) -> pd.DataFrame:
    """Values of the figures, a column a test bucket, subject or level."""
    rows = values[(values["file"] == "sun2024_curves.csv")]
    return rows.pivot(index=["item", "generator", "evaluator", "method", "n"], columns="test_on", values="value")


def test_every_curve_has_every_number_of_samples(values):
    rows = values[values["file"] == "sun2024_curves.csv"]
    assert len(rows) == 3234
    counts = rows.groupby(["item", "generator", "evaluator", "method", "test_on"])["n"].agg(list)
    assert {tuple(found) for found in counts} == {tuple(2**at for at in range(11))}


def test_all_mixes_from_easy_and_hard(curves):
    """500 test problems, 238 of them of levels 1 to 3; the paper drew each panel's subsets by themselves."""
    rows = curves.dropna(subset=["all"])
    mixed = (COUNTS["easy"] * rows["easy"] + COUNTS["hard"] * rows["hard"]) / 500
    assert len(rows) == 462 and (mixed - rows["all"]).abs().max() <= 0.00112


def test_levels_and_subjects_mix_to_the_same(curves):
    by_level = curves[[f"value {at}" for at in range(1, 6)]].dropna()
    by_subject = curves[[f"subject {name}" for name in SUBJECTS]].dropna()
    levels = (by_level * [count / 500 for count in LEVELS]).sum(axis=1)
    subjects = (by_subject * [count / 500 for count in SUBJECTS.values()]).sum(axis=1)
    # Figs. 19 and 20 are of the same models as Figs. 4 and 5; Fig. 21 has both in one figure.
    whole = curves["all"].dropna().droplevel("item")
    whole = whole[~whole.index.duplicated()]
    for mixed in (levels, subjects):
        mixed = mixed.droplevel("item")
        shared = mixed.index.intersection(whole.index)
        assert len(shared) >= 100 and (mixed[shared] - whole[shared]).abs().max() <= 0.0035
    both = levels.index.intersection(subjects.index)
    assert len(both) == 22 and (levels[both] - subjects[both]).abs().max() <= 0.0035


def test_the_tables_mix_too(values):
    rows = values[values["item"] == "Table 2/5"].pivot(index="generator", columns="test_on", values="value")
    mixed = (COUNTS["easy"] * rows["easy"] + COUNTS["hard"] * rows["hard"]) / 500
    off = (mixed - rows["all"]).abs()
    assert len(rows) == 19 and list(off[off > 0.00051].index) == ["MetaMath Full SFT-7b"]
    table = values[(values["item"] == "Table 9") & (values["generator"] == "SFT-7b")]
    assert dict(zip(table["test_on"], table["value"], strict=True)) == {"all": 0.198, "hard": 0.122}


def test_tables_and_figures_call_generators_alike(values):
    named = values.groupby("file")["generator"].unique()
    assert {"SFT-7b", "SFT-34b", "MetaMath-7b"} <= set(named["sun2024_curves.csv"]) & set(named["sun2024_tables.csv"])
    assert "PPO, all questions, easy answers, process reward, from MetaMath-7b" in set(named["sun2024_tables.csv"])
    assert published_reranking.names(PAPER, "evaluator")[0] == "MathShepherd-OPRM-7b"


HEAD = "item,generator,evaluator,test_on,method,n,value,read,note\n"
GOOD = HEAD + "Figure 4,SFT-7b,OPRM-7b,level 1,majority,1,27.84,printed,\n"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("27.84", "127.84", "line 2: value is 127.84, expected 0 to 100"),
        ("27.84", "", "line 2: value is '', expected a number"),
        ("level 1", "level 6", "line 2: unknown test_on 'level 6'"),
        ("majority", "majorty", "did you mean 'majority'"),
        ("27.84,printed,", "27.84", "line 2: expected 9 fields"),
        ("item,", "items,", "expected the columns item, generator"),
    ],
)
def test_a_damaged_file_is_one_line(old, new, message, tmp_path):
    path = tmp_path / "p.csv"
    path.write_text(GOOD.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(UserError, match=message) as caught:
        published_reranking.read([path])
    assert "\n" not in str(caught.value)


@pytest.fixture(scope="module")
def stored(tmp_path_factory) -> dict:
    """Tables of a re-ranking of the paper's models, and what they are called there."""
    given = synthetic.write(synthetic.PAPER, tmp_path_factory.mktemp("paper"))
    return given | {"spec": given["spec"] | {"counterparts": KNOWN}}


@pytest.fixture(scope="module")
def compared(stored, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("compared")
    compare_reranking.main(**stored, published=PAPER, out=folder / "p.parquet", csv=folder / "p.csv")
    return folder / "p.parquet"


def test_ours_stand_beside_the_papers(compared):
    found = tables.read(compared, comparison_reranking.COMPARISON)
    assert {"Figure 4", "Figure 8", "Figure 10", "Figure 19", "Figure 20", "Figure 21"} <= set(found["item"])
    assert {"Table 1", "Table 9", "Table 10", "Figure 24"} <= set(found["item"])
    assert set(found["agreement"]) == {comparison.WITHIN, comparison.OUTSIDE}
    assert (found["difference"] - (found["ours"] - found["published"])).abs().max() < 1e-12
    best = found[(found["method"] == "best_of_n") & (found["evaluator"] != "orm")]
    assert set(best["aggregation"]) == {"min"}, "the paper's aggregation and no other"
    assert "values" in tables.metadata(compared)["said"]


def test_nothing_to_compare_is_said(stored, tmp_path):
    given = stored | {"spec": {**stored["spec"], "counterparts": {}}}
    compare_reranking.main(**given, published=PAPER, out=tmp_path / "p.parquet", csv=tmp_path / "p.csv")
    assert tables.metadata(tmp_path / "p.parquet")["said"].startswith("Nothing to compare")


def test_tables_are_like_the_papers(stored, tmp_path):
    files = {name: tmp_path / f"{name}.csv" for name in ("generators", "evaluators", "gains")}
    tabulate_reranking.main(**stored, **files)
    found = {name: pd.read_csv(path, dtype=str) for name, path in files.items()}
    assert list(found["generators"]["problems"].unique()) == ["easy", "hard", "all"]
    assert {"greedy", "majority of 16", "majority of 256"} <= set(found["generators"].columns)
    assert list(found["evaluators"].columns[-4:]) == ["step_accuracy", "outcome_accuracy", "step_auc", "outcome_auc"]
    assert "random pick, N = 1,024" in set(found["gains"]["chosen by"])
    assert found["gains"]["hard"].str.contains(r"^[+−][\d.]+ \[[+−][\d.]+, [+−][\d.]+\] p = 0.030$").all()


@pytest.fixture(scope="module")
def page(stored, compared, tmp_path_factory) -> str:
    """A report of both studies; the first on a small invented result."""
    folder = tmp_path_factory.mktemp("both")
    first = synthetic_results.write(synthetic_results.SMALL, folder)
    files = {kind: folder / f"gain.{kind}" for kind in ("pdf", "png", "svg", "csv")}
    plot.main(figure="reranking_gain", **stored, **files, caption=folder / "gain.txt")
    own = {name: first[name] for name in ("results", "correlations", "accuracy_by_value")}
    check_claims.main(**own, claims=ROOT / "claims.yaml", out=folder / "c.csv", markdown=folder / "c.md")
    compare.main(
        **own,
        published=ROOT / "hase2024.csv",
        spec=first["spec"],
        out=folder / "p.parquet",
        csv=folder / "p.csv",
    )
    hostile = {"sft_easy": "<script>alert(1)</script>"}
    second = {name: stored["spec"][name] for name in ("rerankings", "reranking_titles", "evaluators")}
    report.main(
        **dict(figures=[files["svg"]], captions=[folder / "gain.txt"], results=first["results"]),
        **dict(tables=[], cards=[], examples=[]),
        **dict(claims=folder / "c.csv", published=folder / "p.parquet", config={"seed": 0}, out=folder / "r.html"),
        **dict(reranked=stored["reranked"], diagnosed=stored["diagnosed"], published_reranking=compared),
        case_studies=[folder / "case_studies.html"],
        spec={**first["spec"], **second, "generators": hostile, "figures": ["gain"], "second": ["gain"]},
    )
    return (folder / "r.html").read_text(encoding="utf-8")


def test_report_has_a_part_a_study(page):
    reader = Reader()
    reader.feed(page)
    words = "".join(reader.words)
    assert not reader.open and words.index(report.FIRST) < words.index(report_reranking.STUDY)
    for heading in ("Gain over majority voting", "Evaluators", "Figures of re-ranking", "Re-ranking beside the paper"):
        assert f"<h2>{heading}</h2>" in page
    assert "paper: SFT-7b" in page and '<a href="case_studies.html">' in page
    assert sum(tag == "section" and about.get("class") == "study" for tag, about in reader.tags) == 2


def test_report_escapes_names_of_the_second_study(page):
    assert "<script" not in page and "&lt;script&gt;" in page


def test_claims_of_the_second_paper_are_judged(tmp_path):
    given = synthetic.write(synthetic.WORLD, tmp_path)
    claims = ROOT / "claims_sun2024.yaml"
    check_claims.main(reranked=given["reranked"], claims=claims, out=tmp_path / "c.csv", markdown=tmp_path / "c.md")
    found = pd.read_csv(tmp_path / "c.csv")
    whole = found[found["scope"] == "overall"].set_index("claim")["verdict"]
    assert whole["weighted-beats-majority-hard"] == whole["control-random"] == "holds"
    assert whole["best-of-n-beats-majority-hard"] == "not resolved" and whole["oprm-best"] == "not testable"
    rows = found[(found["claim"] == "weighted-beats-majority-hard") & (found["scope"] == "setting")]
    assert set(rows["model"]) == {"*"} and set(rows["size"]) == {64}, "the mean over replicates, at the largest N"
    assert set(rows["method"]) == {"weighted by orm", "weighted by prm (prod)", "weighted by oprm (prod)"}


def test_a_claim_without_its_table_is_one_line(tmp_path):
    with pytest.raises(UserError, match="is judged by the table 'reranked', which was not given"):
        check_claims.main(claims=ROOT / "claims_sun2024.yaml", out=tmp_path / "c.csv", markdown=tmp_path / "c.md")


class _Config:
    """As much of a config as names are looked up in."""

    generators, evaluators, models = {"sft_easy": 0}, {"oprm": 0}, {"small": 0}


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"sft_easy": "SFT-7b", "oprm/small": "OPRM-7b"}, None),
        ({"sft_eazy": "SFT-7b"}, "unknown generator or evaluator 'sft_eazy'; did you mean 'sft_easy'"),
        ({"oprm": "SFT-7b"}, "the paper has no evaluator 'SFT-7b'"),
        ({"sft_easy/smal": "SFT-7b"}, "unknown model 'smal'; did you mean 'small'"),
    ],
)
def test_names_of_the_paper_are_checked(asked, reason):
    found = list(identities_reranking.faults(_Config, asked))
    assert [name for name, _ in found] == ([] if reason is None else list(asked))
    assert reason is None or reason in found[0][1]
