"""Every figure plug-in draws whatever shape of results it is given; same data, same bytes."""

from __future__ import annotations

import inspect
import subprocess
import sys
import warnings
from pathlib import Path

import pandas as pd
import pytest
import synthetic_results as synthetic
from easy2hard import figure_tables, registry, style
from easy2hard.captions import parse
from easy2hard.errors import UserError
from easy2hard.stages import plot

ALL = registry.names("figures")
FIGURES = [name for name in ALL if getattr(registry.load("figures", name), "SHOWS", "experiments") == "experiments"]
KINDS = ("pdf", "png", "svg", "csv")


@pytest.fixture(scope="module")
def stored(tmp_path_factory) -> dict[str, dict]:
    """Tables of each shape, written once."""
    return {name: synthetic.write(shape, tmp_path_factory.mktemp(name)) for name, shape in synthetic.SHAPES.items()}


def tables_of(given: dict) -> figure_tables.Tables:
    paths = [given[name] for name in ("results", "accuracy_by_value", "correlations", "hardness")]
    return figure_tables.Tables(*paths, spec=figure_tables.Spec.model_validate(given["spec"]))


def outputs(folder: Path) -> dict[str, Path]:
    return {**{kind: folder / f"f.{kind}" for kind in KINDS}, "caption": folder / "f.txt"}


def test_there_are_figures():
    assert len(FIGURES) >= 8


@pytest.mark.parametrize("name", FIGURES)
def test_contract(name):
    plugin = registry.load("figures", name)
    assert plugin.TITLE and len(plugin.CAPTION) > 80 and plugin.CAPTION.endswith(".")
    assert list(inspect.signature(plugin.data).parameters) == ["tables"]
    assert list(inspect.signature(plugin.draw).parameters) == ["frame"]


def too_small(name: str, shape: str) -> bool:
    """Curves need several training sizes; figures of noise and of single levels need experiments with them."""
    given = synthetic.SHAPES[shape]
    curves = name in ("learning_curves", "cost_curves", "cost_frontier") and len(given.sizes) == 1
    noise = name in ("label_noise", "noise_by_difficulty") and not given.noise
    levels = name == "train_test_matrix" and not any(one.startswith("value_") for one in given.conditions)
    return curves or noise or levels


def shape_of(name: str) -> str:
    """The least shape that a figure can show."""
    return "design" if too_small(name, "small") else "small"


@pytest.mark.parametrize("shape", synthetic.SHAPES)
@pytest.mark.parametrize("name", FIGURES)
def test_draws_without_warnings_and_nothing_is_cut_off(name, shape, stored, tmp_path):
    plugin, tables = registry.load("figures", name), tables_of(stored[shape])
    if too_small(name, shape):
        with pytest.raises(UserError, match="nothing to show"):
            plugin.data(tables)
        return
    frame = plugin.data(tables)
    figure_tables.write_csv(frame, tmp_path / "f.csv")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure = plugin.draw(figure_tables.read_csv(tmp_path / "f.csv"))
        with style.settings():
            figure.draw_without_rendering()
            seen, page = figure.get_tightbbox(), figure.get_size_inches()
    assert seen.x0 >= -0.02 and seen.y0 >= -0.02 and seen.x1 <= page[0] + 0.02 and seen.y1 <= page[1] + 0.02
    texts = figure.findobj(match=lambda artist: hasattr(artist, "get_fontsize"))
    assert texts and all(text.get_fontsize() >= 8 for text in texts)


@pytest.mark.parametrize("shape", ["small", "middle", "design"])
@pytest.mark.parametrize("name", FIGURES)
def test_csv_gives_back_the_data_exactly(name, shape, stored, tmp_path):
    if too_small(name, shape):
        pytest.skip("nothing of the kind in this shape")
    frame = registry.load("figures", name).data(tables_of(stored[shape]))
    figure_tables.write_csv(frame, tmp_path / "f.csv")
    again = figure_tables.read_csv(tmp_path / "f.csv")
    pd.testing.assert_frame_equal(again, frame, check_dtype=False, check_exact=True)


@pytest.mark.parametrize("name", FIGURES)
def test_stage_writes_the_same_bytes_twice(name, stored, tmp_path):
    files = []
    for run in ("first", "second"):
        plot.main(figure=name, **stored[shape_of(name)], **outputs(tmp_path / run))
        files.append({kind: path.read_bytes() for kind, path in outputs(tmp_path / run).items()})
    assert files[0] == files[1]
    assert b'xlink:href="http' not in files[0]["svg"] and len(files[0]) == 5


def test_caption_says_what_was_generated(stored, tmp_path):
    plot.main(figure="sgr_by_method", **stored["middle"], **outputs(tmp_path))
    title, text = parse((tmp_path / "f.txt").read_text(encoding="utf-8"))
    assert title == "Supervision Gap Recovered" and "Generated data" in text and "QA world" in text
    assert "95%" in text


def test_undefined_sgr_is_said_in_words(stored):
    frame = registry.load("figures", "sgr_by_method").data(tables_of(stored["middle"]))
    assert (~frame["defined"]).any()
    figure = registry.load("figures", "sgr_by_method").draw(frame)
    words = [text.get_text() for axis in figure.axes for text in axis.texts]
    assert words.count("undefined") == (~frame["defined"]).sum()
    assert any(word.startswith("n ") for word in words)


def test_generated_tag_is_in_the_figure(stored):
    plugin = registry.load("figures", "accuracy_by_training")
    tag = plugin.draw(plugin.data(tables_of(stored["small"]))).get_supxlabel()
    assert tag == style.TAG
    real = {**stored["small"], "spec": {**stored["small"]["spec"], "generated": []}}
    assert plugin.draw(plugin.data(tables_of(real))).get_supxlabel() == ""


def test_floor_and_ceiling_are_told_apart(stored):
    spec = {**stored["small"]["spec"], "floors": {}}
    with pytest.raises(UserError, match="has 2 unsupervised methods.*textbook, zero_shot"):
        registry.load("figures", "knowledge_ceiling").data(tables_of({**stored["small"], "spec": spec}))
    frame = registry.load("figures", "knowledge_ceiling").data(tables_of(stored["small"]))
    assert list(frame["style"].unique()) == ["unsupervised", "easy", "hard", "all", "ceiling"]
    assert list(frame["panel"].unique()) == ["Facts that training may contain", "Facts held out from training"]


def test_ceiling_needs_a_generated_world(stored):
    spec = {**stored["small"]["spec"], "generated": []}
    with pytest.raises(UserError, match="generated world"):
        registry.load("figures", "knowledge_ceiling").data(tables_of({**stored["small"], "spec": spec}))


@pytest.mark.parametrize("spec", [{"experiment": []}, {"experiments": "x"}, {"labels": {"a": 1}}])
def test_a_wrong_spec_is_one_line(spec, stored, tmp_path):
    with pytest.raises(UserError, match=r"^spec\."):
        plot.main(**{**stored["small"], "spec": spec}, figure="sgr_by_method", **outputs(tmp_path))
    assert not any(tmp_path.iterdir())


def test_unknown_figure_names_the_nearest(stored, tmp_path):
    with pytest.raises(UserError, match="did you mean 'sgr_by_method'"):
        plot.main(figure="sgr_by_methods", **stored["small"], **outputs(tmp_path))


def test_two_results_under_one_name_are_refused(stored):
    spec = {**stored["middle"]["spec"], "labels": {"icl": "same", "probe": "same"}}
    with pytest.raises(UserError, match="drawn as one"):
        registry.load("figures", "sgr_by_method").data(tables_of({**stored["middle"], "spec": spec}))


def test_methods_of_one_title_are_told_apart():
    spec = figure_tables.Spec(methods={"probe": "Linear probe", "probe_lbfgs": "Linear probe", "icl": "In context"})
    tables = figure_tables.Tables(Path("a"), Path("b"), Path("c"), spec=spec)
    assert [tables.label(name, "method") for name in ("probe", "icl")] == ["Linear probe (probe)", "In context"]


def test_an_experiment_may_be_called_as_its_dataset():
    spec = figure_tables.Spec(titles={"qa": "Easy to hard"}, labels={"tiny": "Tiny Llama"})
    tables = figure_tables.Tables(Path("a"), spec=spec)
    assert [tables.label("qa", kind) for kind in ("experiment", "dataset")] == ["Easy to hard", "qa"]
    assert tables.label("tiny", "model") == "Tiny Llama"


def test_lines_stay_within_a_share_and_stand_around_their_position(stored):
    frame = registry.load("figures", "accuracy_by_hardness").data(tables_of(stored["small"]))
    figure = registry.load("figures", "accuracy_by_hardness").draw(frame.assign(high=1.3))
    assert figure.axes[0].get_ylim()[1] <= 1.03
    positions = [line.get_xdata() for line in figure.axes[0].lines if line.get_marker() in ("o", "X")]
    assert len(positions) == 2
    assert sum(positions) / 2 == pytest.approx(sorted(frame["position"].unique()))


def test_names_survive_the_csv(tmp_path):
    values = {"panel": ["NA", "007", ""], "value": [0.1, float("nan"), 1 / 3], "defined": [True, False, True]}
    frame = pd.DataFrame(values)
    figure_tables.write_csv(frame, tmp_path / "f.csv")
    pd.testing.assert_frame_equal(figure_tables.read_csv(tmp_path / "f.csv"), frame, check_exact=True)


@pytest.mark.parametrize(
    ("text", "width", "folded"),
    [
        ("short", 10, "short"),
        ("two words", 5, "two\nwords"),
        ("a_name_of_parts", 7, "a_name_\nof_\nparts"),
        ("unbroken", 3, "unb\nrok\nen"),
        ("", 5, " "),
    ],
)
def test_folding(text, width, folded):
    assert style.wrap(text, width) == folded


def test_no_torch_and_no_display():
    code = (
        "import sys; from easy2hard import registry; import easy2hard.stages.plot; "
        "[registry.load('figures', name) for name in registry.names('figures')]; "
        "print(sorted({'torch', 'transformers', 'matplotlib'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(Path(figure_tables.__file__).parents[1])},
    )
    assert done.stdout.strip() == "[]"
