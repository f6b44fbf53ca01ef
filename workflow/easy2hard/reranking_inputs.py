"""What a re-ranking reads: its spec, and for each model the grades and scores of the same samples, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import pandas as pd
from pydantic import Field

from easy2hard import sample_tables, tables, voting
from easy2hard.config_reranking import Aggregation, Count
from easy2hard.errors import UserError
from easy2hard.strict import Strict

KEY = ["item_id", "sample"]


class Scored(Strict):
    """What one table of scores holds."""

    model: str
    """Model of the generator whose samples are scored."""
    evaluator: str
    """The evaluator."""
    judge: str
    """Model the evaluator was trained from."""
    reads: Literal["steps", "outcome"]
    """`steps` (PRM, OPRM): scores of the steps are aggregated; `outcome` (ORM): the score at the last token counts."""


class Spec(Strict):
    """The spec of a re-ranking: fields of the config's re-ranking and statistics, seed, names."""

    reranking: str
    """Name of the re-ranking."""
    dataset: str
    """Dataset of the problems."""
    generator: str
    """Generator of the samples."""
    models: list[str] = Field(min_length=1)
    """Models of the generator, in the order of the files of grades."""
    replicates: bool
    """Whether rows that average over the models are written too."""
    measure: str
    """Hardness measure of the table of hardness."""
    numbers: list[Count]
    """Numbers of samples to vote with; 1 is always added."""
    subsets: Count
    """Random subsets a number."""
    weighted: list[Aggregation]
    """Aggregations of step scores for weighted voting."""
    best_of_n: list[Aggregation]
    """Aggregations of step scores for best-of-N."""
    scores: list[Scored]
    """What each file of scores holds, in their order."""
    resamples: Count
    """Bootstrap resamples."""
    level: Annotated[float, Field(gt=0, lt=1)]
    """Confidence level of intervals."""
    seed: Annotated[int, Field(ge=0)]
    """Seed of subsets and bootstrap."""

    def role(self, scored: Scored) -> str:
        """The judge as rows over all models call it: its name, or "*" where each model has its own."""
        judges = {other.judge for other in self.scores if other.evaluator == scored.evaluator}
        return "*" if len(judges) > 1 and scored.judge == scored.model else scored.judge


@dataclass(frozen=True)
class Judged:
    """Scores of all samples by one evaluator, in the order of the grades: step logits, logit at the last token."""

    scored: Scored
    role: str
    steps: list[np.ndarray]
    outcome: np.ndarray


@dataclass(frozen=True)
class Model:
    """Samples of one model. grades: table GRADES sorted by item and sample; greedy: (n_items,) whether the greedy
    solution is right, or None."""

    name: str
    grades: pd.DataFrame
    samples: voting.Samples
    judged: list[Judged]
    greedy: np.ndarray | None


def read(spec: Spec, grades: list[Path], scores: list[Path], greedy: Sequence[Path]) -> list[Model]:
    """The models of a re-ranking. Raises UserError where files and spec, or files among each other, do not fit."""
    _check_count("grades", grades, spec.models)
    _check_count("scores", scores, spec.scores)
    if greedy:
        _check_count("greedy", greedy, spec.models)
    _check_scores(spec)
    found = []
    for place, (name, path) in enumerate(zip(spec.models, grades, strict=True)):
        own = [(scored, file) for scored, file in zip(spec.scores, scores, strict=True) if scored.model == name]
        found.append(_model(spec, name, path, own, greedy[place] if greedy else None))
    if spec.replicates:
        _check_replicates(found)
    return found


def _check_count(option: str, paths: Sequence[Path], named: Sequence[object]) -> None:
    if len(paths) != len(named):
        raise UserError(f"--{option}: {len(paths)} files for {len(named)} entries of the spec")


def _check_scores(spec: Spec) -> None:
    names = [(scored.model, scored.evaluator, scored.judge) for scored in spec.scores]
    for place, name in enumerate(names):
        if name[0] not in spec.models or name in names[:place]:
            raise UserError(f"spec: 'scores' names {name}, whose model is not among 'models', or which occurs twice")


def _model(spec: Spec, name: str, path: Path, scores: list[tuple[Scored, Path]], greedy: Path | None) -> Model:
    rows = tables.read(path, sample_tables.GRADES)
    try:
        samples = voting.pools(rows)
    except ValueError as error:
        raise UserError(f"{path}: {error}") from error
    fewest = int(np.diff(samples.bounds).min())
    if fewest < max(spec.numbers, default=1):
        raise UserError(f"{path}: some problem has {fewest} samples; the spec asks for {max(spec.numbers)} ('numbers')")
    rows = rows.iloc[samples.places].reset_index(drop=True)
    judged = [_judged(rows, scored, spec.role(scored), file) for scored, file in scores]
    return Model(name, rows, samples, judged, None if greedy is None else _greedy(greedy, samples.item_ids))


def _judged(grades: pd.DataFrame, scored: Scored, role: str, path: Path) -> Judged:
    """Scores in the order of the grades. Every sample has a row; every one with an answer has scores."""
    rows = tables.read(path, sample_tables.SCORES)
    joined = grades.merge(rows, on=KEY, how="left", validate="one_to_one", indicator=True)
    if len(rows) != len(grades) or (joined["_merge"] != "both").any():
        raise UserError(f"{path}: {len(rows)} scores that are not those of the {len(grades)} samples of the grades")
    lacking = joined["outcome_logit"].isna() if scored.reads == "outcome" else joined["step_logits"].str.len() == 0
    bare = joined["answer"].notna() & lacking
    if bare.any():
        raise UserError(f"{path}: no score of a solution with an answer, {joined.loc[bare, KEY].iloc[0].to_dict()}")
    outcome = joined["outcome_logit"].to_numpy(dtype=np.float64)
    return Judged(scored, role, list(joined["step_logits"]), outcome)


def _greedy(path: Path, ids: tuple[str, ...]) -> np.ndarray:
    """(n_items,) float64. One greedy solution a problem, of the same problems."""
    rows = tables.read(path, sample_tables.GRADES).sort_values("item_id", ignore_index=True)
    if tuple(rows["item_id"]) != ids:
        raise UserError(f"{path}: expected one greedy solution of each of the {len(ids)} problems that have samples")
    return rows["correct"].to_numpy(dtype=np.float64)


def _check_replicates(models: list[Model]) -> None:
    first = models[0]
    for model in models[1:]:
        if model.samples.item_ids != first.samples.item_ids:
            raise UserError(f"replicates '{first.name}' and '{model.name}' have samples of different problems")
        ours, theirs = ([(judge.scored.evaluator, judge.role) for judge in one.judged] for one in (first, model))
        if sorted(ours) != sorted(theirs):
            raise UserError(f"replicates '{first.name}' and '{model.name}' have different evaluators: {ours}, {theirs}")
