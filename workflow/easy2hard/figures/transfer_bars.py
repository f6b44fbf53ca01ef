"""Training on another, easier dataset beside training on the one tested (Hase 2024, Figs. 1, 9, 18)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd
from pydantic import Field

from easy2hard.conditions import Condition, label
from easy2hard.figure_tables import Tables, largest_size, require
from easy2hard.figures import _dots, _dots_data
from easy2hard.strict import Strict

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TITLE = "From another dataset to hard items"
CAPTION = (
    "Left: accuracy on hard test items without training, after training on another dataset, and after training on "
    "the dataset tested. Right: Supervision Gap Recovered, (trained − unsupervised) / (oracle − unsupervised) "
    "accuracy, where the oracle was trained on hard items of the dataset tested; it is 100% for the oracle itself, "
    'which is not shown, and "undefined" where the interval of its denominator covers zero. Dots are means over '
    "test items and training draws; bars are {level} intervals of a bootstrap that resamples both, the same test items "
    "in all three accuracies. The largest training size is shown. n counts the test items (the fewest, where dots "
    "differ) and the seeds are the training draws."
)
OVERLAY = "Hollow black marks"
PANELS = {"accuracy": "Accuracy on hard items", "sgr": "Supervision Gap Recovered"}


class Bar(Strict):
    """One kind of training."""

    experiment: str
    """Experiment that ran it."""
    condition: Condition
    """Its training condition."""
    title: str
    """What a reader should call it, for example `3rd grade`."""


class Options(Strict):
    """Which kinds of training, in which order, below the model without training."""

    bars: list[Bar] = Field(default=[])
    """Kinds of training from top to bottom; empty: easy and hard of every experiment."""


def faults(options: Options, experiments: list[str]) -> Iterator[str]:
    """What is wrong with options of the right types."""
    for bar in options.bars:
        if bar.experiment not in experiments:
            yield f"bar '{bar.title}' is of experiment '{bar.experiment}', which the figure does not show"
    titles = [bar.title for bar in options.bars]
    yield from (f"two bars are called '{title}'" for title in sorted(set(titles)) if titles.count(title) > 1)


def data(tables: Tables) -> pd.DataFrame:
    """One row a dot: panel (accuracy or SGR), row (model, method), group (dataset, measure), series (training)."""
    rows = tables.results
    rows = rows[rows["metric"].isin(PANELS) & (rows["part"] == "main") & (rows["test_on"] == "hard")]
    trained = rows[rows["size"] > 0]
    titles = _titles(tables, trained)
    key = pd.MultiIndex.from_frame(trained[["experiment", "condition"]])
    trained = require(trained[key.isin(list(titles))], "transfer_bars", "experiments and conditions of its bars")
    names = [titles[key] for key in zip(trained["experiment"], trained["condition"], strict=True)]
    shown = pd.concat([_floor(rows, trained), largest_size(trained.assign(bar=names))], ignore_index=True)
    shown = tables.beside(shown, item="Figure 9")
    # One place on the page for all experiments: what was trained on is what the bars say.
    shown = shown.assign(experiment=shown["experiment"].iloc[0], train_dataset=shown["dataset"])
    order = ["unsupervised", *dict.fromkeys(titles.values())]
    shown = shown.sort_values("bar", key=lambda bars: bars.map(order.index), kind="stable")
    frame = _dots_data.frame(tables, shown, PANELS, "metric", "bar")
    frame["series"] = frame["series"].replace({"unsupervised": label("unsupervised")})
    return _dots_data.ordered(frame, {"panel": list(PANELS.values()), "style": order})


def _titles(tables: Tables, trained: pd.DataFrame) -> dict[tuple[str, str], str]:
    """Title of every (experiment, condition) shown, in order."""
    bars = Options.model_validate(tables.options).bars
    if bars:
        return {(bar.experiment, bar.condition): bar.title for bar in bars}
    runs = trained[["experiment", "train_dataset", "condition"]].drop_duplicates()
    runs = runs[runs["condition"].isin(["easy", "hard"])].sort_values(["experiment", "condition"])
    data = runs["train_dataset"].map(lambda name: tables.label(name, "dataset"))
    titles = data + ", " + runs["condition"].map(label) + " (" + runs["experiment"] + ")"
    return dict(zip(zip(runs["experiment"], runs["condition"], strict=True), titles, strict=True))


def _floor(rows: pd.DataFrame, trained: pd.DataFrame) -> pd.DataFrame:
    """Accuracy without training, once for every model, method and measure shown."""
    place = ["dataset", "model", "measure"]
    floor = rows[(rows["condition"] == "unsupervised") & (rows["metric"] == "accuracy")]
    floor = floor.drop_duplicates(place).drop(columns="method")
    return trained[[*place, "method"]].drop_duplicates().merge(floor, on=place).assign(bar="unsupervised")


def draw(frame: pd.DataFrame) -> Figure:
    """The figure from its data."""
    return _dots.draw(frame, _dots.Scale("", share=False, percent=True, limits=(-1.5, 3.5)), "Trained on")
