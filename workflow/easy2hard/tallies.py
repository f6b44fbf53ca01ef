"""All methods of a re-ranking on one model's samples: values by problem, sums over groups of problems by subset."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from easy2hard import aggregations, voting
from easy2hard.progress import track
from easy2hard.reranking_inputs import Judged, Model, Spec
from easy2hard.voting import Ballot

PLAIN = ("majority", "random", "pass_at_n")


@dataclass(frozen=True, order=True)
class Column:
    """A method with N samples. judge: as rows over all models call it."""

    method: str
    aggregation: str
    evaluator: str
    judge: str
    n: int


@dataclass(frozen=True)
class Tally:
    """What the columns come to on one model's samples, or on several models' of the same problems.

    values: (n_items, n_models, columns) expected share right. sums: (groups, columns, R) over the problems of a group,
    mean over models, in each subset; NaN for greedy solutions, of which there is one. exact: (columns,) bool.
    """

    columns: tuple[Column, ...]
    values: np.ndarray
    sums: np.ndarray
    exact: np.ndarray


def numbers(spec: Spec) -> list[int]:
    """Numbers of samples, ascending, with 1."""
    return sorted({1, *spec.numbers})


def tally(model: Model, spec: Spec, groups: dict[str, np.ndarray]) -> Tally:
    """Vote on every problem of a model, on the same random subsets for all methods. groups: (n_items,) bool by name."""
    chosen = [*_plain(), *_scored(model, spec)]
    members, wanted = np.array(list(groups.values())), numbers(spec)
    shape = len(chosen), len(wanted)
    values = np.empty((len(model.samples.item_ids), *shape))
    sums = np.zeros((len(members), *shape, spec.subsets))
    votes = voting.outcomes(model.samples, [ballot for _, ballot in chosen], wanted, spec.subsets, spec.seed)
    for place, found in enumerate(track(votes, len(values), f"vote {model.name}", "problems")):
        shares = np.array([row for row, _ in found])
        values[place] = [value for _, value in found]
        sums[members[:, place]] += shares
    return _with_single(model, _flat(chosen, wanted, values, sums, np.diff(model.samples.bounds)))


def together(tallies: list[Tally]) -> Tally:
    """Tallies of replicates as one; columns must be the same."""
    first = tallies[0]
    places = [[one.columns.index(column) for column in first.columns] for one in tallies]
    values = [one.values[..., order] for one, order in zip(tallies, places, strict=True)]
    sums = [one.sums[:, order] for one, order in zip(tallies, places, strict=True)]
    exact = [one.exact[order] for one, order in zip(tallies, places, strict=True)]
    return Tally(first.columns, np.concatenate(values, axis=1), np.mean(sums, axis=0), np.all(exact, axis=0))


def _plain() -> Iterator[tuple[Column, Ballot]]:
    return ((Column(method, "", "", "", 0), Ballot(method)) for method in PLAIN)


def _scored(model: Model, spec: Spec) -> Iterator[tuple[Column, Ballot]]:
    """Weighted votes and best-of-N by each evaluator and aggregation."""
    starts, answered = model.samples.bounds[:-1], model.grades["answer"].notna().to_numpy()
    for judged in model.judged:
        for method, names in (("weighted", spec.weighted), ("best_of_n", spec.best_of_n)):
            for name in names if judged.scored.reads == "steps" else [""]:
                logs = log_scores(judged, name)
                values = _relative(np.where(answered, logs, np.nan), starts) if method == "weighted" else logs
                yield Column(method, name, judged.scored.evaluator, judged.role, 0), Ballot(method, values)


def log_scores(judged: Judged, name: str) -> np.ndarray:
    """(samples,) logarithms of scores; name "": that of the last token."""
    if not name:
        return aggregations.log_sigmoid(judged.outcome)
    return aggregations.log_scores(judged.steps, name)


def _relative(logs: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Scores as shares of the problem's highest: a vote does not change, and nothing underflows that matters.

    NaN for samples without an answer: their scores count for nothing, and the highest is not one of them.
    """
    highest = np.fmax.reduceat(logs, starts)
    return np.exp(logs - np.repeat(highest, np.diff(np.append(starts, len(logs)))))


def _flat(
    chosen: list[tuple[Column, Ballot]], wanted: list[int], values: np.ndarray, sums: np.ndarray, sizes: np.ndarray
) -> Tally:
    named = [column for column, _ in chosen]
    columns = tuple(Column(*list(vars(column).values())[:-1], n) for column in named for n in wanted)
    exact = np.concatenate([voting.is_exact(column.method, wanted, sizes) for column in named])
    return Tally(columns, values.reshape(len(values), 1, -1), sums.reshape(len(sums), -1, sums.shape[-1]), exact)


def _with_single(model: Model, votes: Tally) -> Tally:
    """The votes with the columns of single solutions: one sample, and the greedy one where there is one."""
    one = votes.columns.index(Column("majority", "", "", "", 1))  # the majority of one sample is that sample
    columns = [Column("sampled", "", "", "", 1)]
    values, sums = [votes.values[..., one]], [votes.sums[:, one]]
    if model.greedy is not None:
        columns.append(Column("greedy", "", "", "", 1))
        values.append(model.greedy[:, None])
        sums.append(np.full_like(sums[0], np.nan))
    return Tally(
        (*columns, *votes.columns),
        np.concatenate([np.stack(values, axis=-1), votes.values], axis=-1),
        np.concatenate([np.stack(sums, axis=1), votes.sums], axis=1),
        np.concatenate([np.ones(len(columns), dtype=bool), votes.exact]),
    )
