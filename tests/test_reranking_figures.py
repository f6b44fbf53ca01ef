"""Every figure of the second study draws whatever re-ranking it is given; same data, same bytes."""

from __future__ import annotations

import inspect
import warnings
from pathlib import Path

import pandas as pd
import pytest
import synthetic_reranking as synthetic
from easy2hard import figure_tables, registry, style
from easy2hard.captions import parse
from easy2hard.errors import UserError
from easy2hard.stages import plot

ALL = {name: registry.load("figures", name) for name in registry.names("figures")}
FIGURES = [name for name, plugin in ALL.items() if getattr(plugin, "SHOWS", "") == "rerankings"]
ROOT = Path(__file__).parents[1] / "workflow" / "published"
PAPER = [ROOT / f"sun2024_{name}.csv" for name in ("curves", "tables", "reward_models")]
KNOWN = {
    "generators": {"sft_easy": "SFT-7b", "metamath_easy": "MetaMath-7b"},
    "evaluators": {"orm": "ORM-7b", "prm": "PRM-7b", "oprm": "OPRM-7b"},
}
OTHER = {
    "reranking_curves": [{"by_evaluator": True}, {"models": "each", "methods": ["pass_at_n", "random"]}],
    "reranking_gain": [{"by": "value"}],
    "evaluator_accuracy": [{"by": "value"}],
}
LACKS = {
    ("by_subject", "small"): "accuracy on single subjects",
    ("by_subject", "world"): "accuracy on single subjects",
    ("by_subject", "hostile"): "accuracy on single subjects",
}
CASES = [(name, shape, {}) for name in FIGURES for shape in ("world", "hostile") if (name, shape) not in LACKS]
CASES += [("by_subject", "paper", {"evaluators": ["oprm"]}), ("generators", "paper", {})]
CASES += [(name, "world", options) for name, several in OTHER.items() for options in several]
CASES += [("pass_at_n", "paper", {"by": "subject"})]


@pytest.fixture(scope="module")
def stored(tmp_path_factory) -> dict[str, dict]:
    """Tables of each shape, written once."""
    return {name: synthetic.write(shape, tmp_path_factory.mktemp(name)) for name, shape in synthetic.SHAPES.items()}


def tables_of(given: dict, name: str, options: dict, paper: tuple[Path, ...] = ()) -> figure_tables.Tables:
    chosen = getattr(ALL[name], "Options", None)
    return figure_tables.Tables(
        spec=figure_tables.Spec.model_validate(given["spec"]),
        options=chosen.model_validate(options).model_dump() if chosen else {},
        reranked_path=given["reranked"],
        diagnosed_path=given["diagnosed"],
        paper_paths=paper,
    )


def outputs(folder: Path) -> dict[str, Path]:
    return {**{kind: folder / f"f.{kind}" for kind in ("pdf", "png", "svg", "csv")}, "caption": folder / "f.txt"}


def test_there_are_figures():
    expected = {"reranking_curves", "reranking_gain", "evaluator_accuracy", "aggregations", "by_level", "by_subject"}
    assert expected | {"pass_at_n", "agreement", "generators"} == set(FIGURES)


@pytest.mark.parametrize("name", FIGURES)
def test_contract(name):
    plugin = ALL[name]
    assert plugin.TITLE and len(plugin.CAPTION) > 80 and plugin.CAPTION.endswith(".")
    assert list(inspect.signature(plugin.data).parameters) == ["tables"]
    assert list(inspect.signature(plugin.draw).parameters) == ["frame"]
    said = plugin.CAPTION
    assert "{level}" in said or "interval" in said, "the caption says what its intervals are"


@pytest.mark.parametrize(("name", "shape", "options"), CASES)
def test_draws_without_warnings_and_nothing_is_cut_off(name, shape, options, stored, tmp_path):
    plugin, tables = ALL[name], tables_of(stored[shape], name, options)
    frame = plugin.data(tables)
    figure_tables.write_csv(frame, tmp_path / "f.csv")
    again = figure_tables.read_csv(tmp_path / "f.csv")
    pd.testing.assert_frame_equal(again, frame, check_dtype=False, check_exact=True)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = plugin.draw(again)
        with style.settings():
            figure.draw_without_rendering()
            seen, page = figure.get_tightbbox(), figure.get_size_inches()
    assert seen.x0 >= -0.02 and seen.y0 >= -0.02 and seen.x1 <= page[0] + 0.02 and seen.y1 <= page[1] + 0.02
    texts = figure.findobj(match=lambda artist: hasattr(artist, "get_fontsize"))
    assert texts and all(text.get_fontsize() >= 8 for text in texts)
    assert (figure.get_supxlabel() == style.TAG) == synthetic.SHAPES[shape].generated


@pytest.mark.parametrize(("name", "shape"), LACKS)
def test_what_is_lacking_is_said(name, shape, stored):
    with pytest.raises(UserError, match=f"nothing to show; it needs {LACKS[name, shape]}"):
        ALL[name].data(tables_of(stored[shape], name, {}))


@pytest.mark.parametrize("name", ["reranking_gain", "agreement"])
def test_stage_writes_the_same_bytes_twice_and_says_what_is_generated(name, stored, tmp_path):
    files = []
    for run in ("first", "second"):
        plot.main(figure=name, **stored["small"], **outputs(tmp_path / run))
        files.append({kind: path.read_bytes() for kind, path in outputs(tmp_path / run).items()})
    assert files[0] == files[1]
    text = parse(files[0]["caption"].decode())[1]
    assert "Shown: Re-ranking of sft_easy." in text and "Generated data" in text and "Maths world" in text


def test_a_figure_without_its_table_is_one_line(stored, tmp_path):
    with pytest.raises(UserError, match="it shows the table 'diagnosed', which was not given"):
        plot.main(**{**stored["small"], "diagnosed": None}, figure="evaluator_accuracy", **outputs(tmp_path))


def test_several_aggregations_must_be_told(stored):
    with pytest.raises(UserError, match=r"method 'best_of_n' of evaluator '\w+' was computed with several"):
        ALL["reranking_curves"].data(tables_of(stored["world"], "reranking_curves", {"best_of_n": "max"}))


def test_means_over_replicates_stand_for_them_unless_each_is_asked_for(stored):
    mean = ALL["reranking_curves"].data(tables_of(stored["world"], "reranking_curves", {}))
    each = ALL["reranking_curves"].data(tables_of(stored["world"], "reranking_curves", {"models": "each"}))
    assert set(mean["n_models"]) == {3} and set(each["n_models"]) == {1}
    assert set(mean["row"]) == {"ORM", "OPRM", "PRM"} and "PRM · tiny_2" in set(each["row"])


def test_the_replicates_are_strokes_beside_their_mean(stored):
    frame = ALL["reranking_gain"].data(tables_of(stored["world"], "reranking_gain", {}))
    counts = frame.groupby(["panel", "group", "series", "part"]).size().unstack()
    assert (counts["mean"] == 1).all() and (counts["replicate"] == 3).all()
    assert set(frame.loc[frame["group"] == "No evaluator", "series"]) == {"random pick"}


def test_evaluators_stand_in_the_order_asked_for(stored):
    options = {"evaluators": ["prm", "orm"]}
    frame = ALL["reranking_curves"].data(tables_of(stored["world"], "reranking_curves", options))
    assert list(frame["row"].unique()) == ["PRM", "ORM"]


def test_the_papers_values_stand_beside_ours(stored, tmp_path):
    spec = stored["paper"]["spec"] | {"counterparts": KNOWN}
    given = {**stored["paper"], "spec": spec, "options": {"evaluators": ["oprm"]}}
    plot.main(figure="reranking_curves", **given, **outputs(tmp_path), published=PAPER)
    frame = figure_tables.read_csv(tmp_path / "f.csv")
    at = (frame["panel"] == "Hard problems") & (frame["position"] == 1024) & frame["row"].str.startswith("OPRM · sft")
    printed = {"majority": 0.1919, "weighted": 0.2412, "best_of_n": 0.1991}
    assert frame[at].set_index("style")["paper"].to_dict() == printed
    text = (tmp_path / "f.txt").read_text(encoding="utf-8")
    assert "values of Sun et al. (2024, arXiv 2403.09472 v2)" in text


def test_another_aggregation_has_no_counterpart(stored):
    given = stored["paper"] | {"spec": stored["paper"]["spec"] | {"counterparts": KNOWN}}
    options = {"weighted": "min", "best_of_n": "prod"}
    frame = ALL["reranking_curves"].data(tables_of(given, "reranking_curves", options, tuple(PAPER)))
    steps = ~frame["row"].str.startswith("ORM")
    assert frame.loc[steps & (frame["style"] == "weighted"), "paper"].isna().all()
    assert frame.loc[~steps & frame["row"].str.contains("sft") & (frame["style"] == "weighted"), "paper"].notna().all()
