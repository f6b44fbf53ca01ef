"""What figures read: the stored tables, each read when first asked for, and the names a reader should see.

A figure's data are long frames with text columns (panel, row, group, series, style) and numbers. They go to CSV and
are drawn from what the CSV gives back, so the published CSV is exactly the picture.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from easy2hard import counterparts, published, registry, sample_tables, tables
from easy2hard.counterparts import Counterparts
from easy2hard.errors import UserError
from easy2hard.strict import Strict

if TYPE_CHECKING:
    from collections.abc import Callable

    Match = Callable[[pd.DataFrame, pd.DataFrame, Counterparts], counterparts.Match]

TEXT = (
    "panel",
    "row",
    "group",
    "series",
    "style",
    "axis",
    "x",
    "y",
    "bucket",
    "unit",
    "dataset",
    "model",
    "method",
    "measure",
    "condition",
    "experiment",
    "part",
    "test_on",
    "metric",
    "paper_label",
    "reranking",
    "generator",
    "evaluator",
    "judge",
    "aggregation",
    "other",
)
CURVES = ["dataset", "measure", "method", "model", "part", "size", "seed", "items", "label_confidence", "accuracy"]
SETTING = ["experiment", "dataset", "train_dataset", "model", "method", "measure", "part"]


class Spec(Strict):
    """What a figure shows, and how to call it."""

    experiments: list[str] = []
    """Experiments shown; empty: those of the tables."""
    datasets: list[str] = []
    """Datasets shown; empty: those of the tables."""
    rerankings: list[str] = []
    """Re-rankings shown, in order; empty: those of the tables."""
    titles: dict[str, str] = {}
    """Titles of experiments."""
    methods: dict[str, str] = {}
    """Titles of methods; two of the same title are told apart by their names."""
    reranking_titles: dict[str, str] = {}
    """Titles of re-rankings."""
    generators: dict[str, str] = {}
    """Titles of generators, told apart as those of methods."""
    evaluators: dict[str, str] = {}
    """Titles of evaluators, told apart as those of methods."""
    labels: dict[str, str] = {}
    """Names a reader should see, by name of anything (experiment, dataset, model, method, measure); these win."""
    generated: list[str] = []
    """Datasets that are generated worlds."""
    level: float = 0.95
    """Confidence level of the intervals, for the caption."""
    floors: dict[str, str] = {}
    """The unsupervised method of each experiment; other unsupervised methods are ceilings."""
    counterparts: Counterparts = Counterparts()
    """The paper's names of ours, where its values are shown beside."""


@dataclass(frozen=True)
class Tables:
    """Stored tables by path; rows restricted to the experiments and datasets of `spec`. options: of the figure."""

    results_path: Path | None = None
    accuracy_by_value_path: Path | None = None
    correlations_path: Path | None = None
    hardness_paths: list[Path] = field(default_factory=list)
    published_path: Path | None = None
    spec: Spec = field(default_factory=Spec)
    options: dict = field(default_factory=dict)
    reranked_path: Path | None = None
    diagnosed_path: Path | None = None
    paper_paths: tuple[Path, ...] = ()
    """Files of the second paper's values, for figures of re-rankings."""

    @cached_property
    def results(self) -> pd.DataFrame:
        """RESULTS rows of the chosen experiments with true labels; see `noisy`."""
        return self.noisy[self.noisy["noise"] == 0]

    @cached_property
    def noisy(self) -> pd.DataFrame:
        """RESULTS rows of the chosen experiments, those with wrong training labels too; condition `ceiling` marks an
        unsupervised method that is not the floor."""
        rows = self._chosen(_read(self.results_path, tables.RESULTS)).copy()
        other = (rows["condition"] == "unsupervised") & (rows["method"] != rows["experiment"].map(self._floors(rows)))
        rows.loc[other, "condition"] = "ceiling"
        return rows

    @cached_property
    def accuracy_by_value(self) -> pd.DataFrame:
        """ACCURACY_BY_VALUE rows of the chosen experiments; conditions as in `results`."""
        rows = self._chosen(_read(self.accuracy_by_value_path, tables.ACCURACY_BY_VALUE)).copy()
        other = (rows["condition"] == "unsupervised") & (rows["method"] != rows["experiment"].map(self._floors(rows)))
        rows.loc[other, "condition"] = "ceiling"
        return rows

    @cached_property
    def correlations(self) -> pd.DataFrame:
        """CORRELATIONS rows of the chosen datasets."""
        rows = _read(self.correlations_path, tables.CORRELATIONS)
        return rows[rows["dataset"].isin(self.spec.datasets)] if self.spec.datasets else rows

    @cached_property
    def reranked(self) -> pd.DataFrame:
        """RERANKED rows of the chosen re-rankings."""
        return self._reranked(_read(self.reranked_path, sample_tables.RERANKED))

    @cached_property
    def diagnosed(self) -> pd.DataFrame:
        """DIAGNOSED rows of the chosen re-rankings."""
        return self._reranked(_read(self.diagnosed_path, sample_tables.DIAGNOSED))

    def _reranked(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The chosen rows, re-rankings in the order asked for."""
        if not self.spec.rerankings:
            return rows
        rows = rows[rows["reranking"].isin(self.spec.rerankings)]
        return rows.sort_values("reranking", key=lambda names: names.map(self.spec.rerankings.index), kind="stable")

    @cached_property
    def hardness(self) -> pd.DataFrame:
        """HARDNESS rows with the columns dataset and measure, from the tables' metadata, else from their paths."""
        frames = [self._hardness(Path(path)) for path in sorted(map(str, self.hardness_paths))]
        rows = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=["dataset", "measure", "value"])
        return rows[rows["dataset"].isin(self.spec.datasets)] if self.spec.datasets else rows

    @cached_property
    def curves(self) -> pd.DataFrame:
        """Curves of the measures read from models (`mdl.curve`), from the metadata of the hardness tables: CURVES."""
        rows = []
        for path in sorted(map(str, self.hardness_paths)):
            stored = tables.metadata(path)
            names = {name: stored.get(name) for name in ("dataset", "measure", "method")}
            rows += [{**names, **run} for run in stored.get("curves", [])]
        found = pd.DataFrame(rows, columns=CURVES)
        return found[found["dataset"].isin(self.spec.datasets)] if self.spec.datasets else found

    def _hardness(self, path: Path) -> pd.DataFrame:
        stored = tables.metadata(path)
        names = {"dataset": stored.get("dataset", path.parent.name), "measure": stored.get("measure", path.stem)}
        return tables.read(path, tables.HARDNESS).assign(**names)

    def _chosen(self, rows: pd.DataFrame) -> pd.DataFrame:
        if self.spec.experiments:
            rows = rows[rows["experiment"].isin(self.spec.experiments)]
        return rows[rows["dataset"].isin(self.spec.datasets)] if self.spec.datasets else rows

    def _floors(self, rows: pd.DataFrame) -> dict[str, str]:
        """The floor of each experiment: as given, else its only unsupervised method."""
        floors = dict(self.spec.floors)
        for name, found in rows[rows["condition"] == "unsupervised"].groupby("experiment")["method"]:
            methods = sorted(found.unique())
            if name not in floors and len(methods) > 1:
                raise UserError(
                    f"figure: experiment '{name}' has {len(methods)} unsupervised methods "
                    f"({', '.join(methods)}); say in 'floors' which is the floor"
                )
            floors.setdefault(name, methods[0])
        return floors

    def label(self, name: str, kind: str) -> str:
        """The name a reader should see. `kind` is the column that holds it: an experiment may be called as its dataset.

        From `labels`; else the title of an experiment, a method, a re-ranking, a generator, an evaluator or a hardness
        measure; else the name.
        """
        titles = self._titles.get(kind, {})
        given = self.spec.labels.get(name) or titles.get(name)
        return given or (_measure_title(name) if kind == "measure" else name)

    @cached_property
    def _titles(self) -> dict[str, dict[str, str]]:
        """Titles by name, by kind."""
        plain = {"experiment": self.spec.titles, "reranking": self.spec.reranking_titles}
        several = {"method": self.spec.methods, "generator": self.spec.generators, "evaluator": self.spec.evaluators}
        return plain | {kind: _apart(titles) for kind, titles in several.items()}

    def beside(self, rows: pd.DataFrame, match: Match = counterparts.results, item: str = "") -> pd.DataFrame:
        """Rows of a table with the paper's value, interval and label (`counterparts.PAPER`), where asked for.

        item: the paper's figure, `Figure 7`, whose values go before equally fitting ones of other figures.
        """
        if self.published_path is None:
            return rows
        rows = rows.reset_index(drop=True)
        found = match(rows, published.read(self.published_path), self.spec.counterparts)
        return counterparts.beside(rows, replace(found, item=item), self.spec.counterparts)

    def is_generated(self, dataset: str) -> bool:
        """Whether a dataset is a generated world."""
        return dataset in self.spec.generated

    def title(self, row: pd.Series, *columns: str) -> str:
        """Labels of several columns joined; a foreign training dataset is named."""
        parts = [self.label(row[name], name) for name in columns if row[name]]
        if row.get("train_dataset", row["dataset"]) != row["dataset"]:
            parts.append(f"trained on {self.label(row['train_dataset'], 'dataset')}")
        return " · ".join(parts)

    def titles(self, rows: pd.DataFrame, *columns: str) -> list[str]:
        """`title` of every row, with `(generated)` behind a generated dataset where real ones are shown too."""
        generated = rows["dataset"].map(self.is_generated)
        mixed = generated.any() and not generated.all()
        return [
            self.title(row, *columns) + (" (generated)" if mixed and row_generated else "")
            for (_, row), row_generated in zip(rows.iterrows(), generated, strict=True)
        ]

    def varying(self, rows: pd.DataFrame, *columns: str) -> list[str]:
        """Those of the columns that a label must say: several values on one dataset."""
        return [name for name in columns if rows.groupby("dataset")[name].nunique().max() > 1]


def _apart(titles: dict[str, str]) -> dict[str, str]:
    """Titles by name; the names stand behind those that several have."""
    given = list(titles.values())
    return {name: title if given.count(title) == 1 else f"{title} ({name})" for name, title in titles.items()}


def _read(path: Path | None, kind: tables.Table) -> pd.DataFrame:
    if path is None:
        raise UserError(f"figure: it shows the table '{kind.name}', which was not given")
    return tables.read(path, kind)


def paper_columns(rows: pd.DataFrame) -> list[str]:
    """Columns of the paper's values, where they were asked for."""
    return [name for name in counterparts.PAPER if name in rows.columns]


@cache
def _measure_title(name: str) -> str:
    return registry.load("hardness", name).TITLE if name in registry.names("hardness") else name


def largest_size(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of the largest training size of each setting; unsupervised rows (size 0) stay."""
    largest = rows.groupby(SETTING)["size"].transform("max")
    return rows[(rows["size"] == largest) | (rows["size"] == 0)]


def with_floor(rows: pd.DataFrame, conditions: tuple[str, ...] = ("unsupervised",)) -> pd.DataFrame:
    """Supervised rows, and for each setting the unsupervised rows of its experiment repeated under its method.

    An unsupervised row whose measure is empty counts for every measure of its experiment (tested on all items).
    """
    free = rows["condition"].isin(["unsupervised", "ceiling"])
    supervised, unsupervised = rows[~free], rows[free & rows["condition"].isin(conditions)]
    keys = supervised[SETTING].drop_duplicates()
    blank = unsupervised["measure"] == ""
    joined = [
        keys.merge(part.drop(columns=["method", "train_dataset", *drop]), on=on)
        for part, drop, on in (
            (unsupervised[~blank], [], ["experiment", "dataset", "model", "measure", "part"]),
            (unsupervised[blank], ["measure"], ["experiment", "dataset", "model", "part"]),
        )
    ]
    return pd.concat([supervised, *[frame for frame in joined if len(frame)]], ignore_index=True)[list(rows.columns)]


def require(frame: pd.DataFrame, figure: str, needs: str) -> pd.DataFrame:
    """The frame, or a UserError where it has no rows to show."""
    if frame.empty:
        raise UserError(f"figure '{figure}': nothing to show; it needs {needs}")
    return frame.reset_index(drop=True)


def distinct(frame: pd.DataFrame, key: list[str]) -> pd.DataFrame:
    """The frame, or a UserError where two rows would be drawn at one place under one name."""
    repeated = frame.duplicated(key)
    if repeated.any():
        place = ", ".join(f"{name} '{value}'" for name, value in frame.loc[repeated, key].iloc[0].items())
        raise UserError(f"figure: two results are drawn as one ({place}); give them different 'labels'")
    return frame


def write_csv(frame: pd.DataFrame, path: Path | str) -> None:
    """Write a figure's data so that `read_csv` gives back the same values (shortest exact decimals)."""
    from easy2hard.files import write_text

    write_text(path, frame.to_csv(index=False, lineterminator="\n"))


def read_csv(path: Path | str) -> pd.DataFrame:
    """Read a figure's data: text columns stay text (a name may be `NA` or `007`), numbers are exact."""
    header = pd.read_csv(path, nrows=0).columns
    text = {name: str for name in TEXT if name in header}
    missing = {name: [""] for name in header if name not in TEXT}
    return pd.read_csv(path, dtype=text, keep_default_na=False, na_values=missing)
