"""Linear probes: batched equals single equals the recipe written out; masks; refits; L-BFGS; the method plug-in."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

torch = pytest.importorskip("torch")

from easy2hard import jobs, seeds, state_tables, tables  # noqa: E402
from easy2hard.errors import UserError  # noqa: E402
from easy2hard.methods import probe  # noqa: E402
from easy2hard.models import descent, probes  # noqa: E402

WIDTH = 12


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def make_pool(items: int = 60, choices: int = 4, width: int = WIDTH, ragged: bool = False, end: bool = False):
    draw = seeds.generator(0, "test-probes", items, choices, ragged, end)
    counts = draw.integers(2, choices + 1, items) if ragged else np.full(items, choices)
    valid = np.arange(choices) < counts[:, None]
    labels = draw.integers(0, counts)
    states = draw.standard_normal((items, width) if end else (items, choices, width)) * 3 + 7
    if end:
        states[np.arange(items), labels] += 4
    else:
        states[np.arange(items), labels, :3] += 4
    return probes.Pool(
        torch.tensor(states, dtype=torch.float32), torch.from_numpy(labels), torch.from_numpy(valid)
    )


def nested_sets(items: int = 60, draws: int = 3, sizes: tuple[int, ...] = (5, 9, 20)) -> list[np.ndarray]:
    orders = [seeds.generator(draw, "order").permutation(items) for draw in range(draws)]
    return [order[:size] for order in orders for size in sizes]


def literal(pool: probes.Pool, rows: np.ndarray, start: np.ndarray, steps: int = 100) -> np.ndarray:
    """§4.5 in plain loops, 64 bits, a score and its gradient at a time; weights [K, D]."""
    states, valid, labels = pool.states.double().numpy(), pool.valid.numpy(), pool.labels.numpy()
    per_choice = states.ndim == 3
    seen = np.array([states[i, c] for i in rows for c in np.flatnonzero(valid[i])] if per_choice else states[rows])
    mean, deviation = seen.mean(0), seen.std(0, ddof=1)
    weights = start.astype(float).copy()
    for step in range(steps):
        gradient = np.zeros_like(weights)
        for item in rows:
            own = np.flatnonzero(valid[item])
            inputs = [((states[item, c] if per_choice else states[item]) - mean) / deviation for c in own]
            scores = np.array([weights[0 if per_choice else c] @ z for c, z in zip(own, inputs, strict=True)])
            chances = np.exp(scores - scores.max()) / np.exp(scores - scores.max()).sum()
            for c, z, chance in zip(own, inputs, chances, strict=True):
                gradient[0 if per_choice else c] += (chance - (c == labels[item])) * z / len(rows)
        gradient += weights / np.linalg.norm(weights)
        gradient *= min(1.0, 1.0 / (np.linalg.norm(gradient) + 1e-6))
        weights -= 0.05 * (1 - 0.9 * step / steps) * gradient
    return weights


@pytest.mark.parametrize("end", [False, True])
@pytest.mark.parametrize("ragged", [False, True])
def test_recipe_is_the_papers_written_out(ragged: bool, end: bool) -> None:
    pool, training = make_pool(ragged=ragged, end=end), nested_sets(draws=1)
    fitted = probes.fit(pool, training, [1, 2, 3], descent.Recipe())
    starts = probes.initial_weights(pool.weight_shape, [1, 2, 3])
    for number, rows in enumerate(training):
        expected = literal(pool, rows, starts[number].numpy())
        np.testing.assert_allclose(fitted.weights[number].numpy(), expected, atol=1e-5)


@pytest.mark.parametrize("name", ["paper", "lbfgs"])
@pytest.mark.parametrize("end", [False, True])
@pytest.mark.parametrize("ragged", [False, True])
def test_together_as_alone(name: str, ragged: bool, end: bool) -> None:
    pool, training = make_pool(ragged=ragged, end=end), nested_sets()
    recipe = descent.Recipe(name, penalty=0.1)
    numbers = list(range(len(training)))
    together = probes.fit(pool, training, numbers, recipe)
    for number, rows in enumerate(training):
        alone = probes.fit(pool, [rows], [number], recipe)
        torch.testing.assert_close(together.weights[number], alone.weights[0], atol=1e-5, rtol=0)
    pieces = probes.fit(pool, training, numbers, recipe, max_bytes=1)
    torch.testing.assert_close(together.weights, pieces.weights, atol=1e-5, rtol=0)


def test_padded_choices_count_for_nothing() -> None:
    pool, training = make_pool(ragged=True), nested_sets(draws=1)
    other = pool.states.clone()
    other[~pool.valid] = 1e4
    for name in ("paper", "lbfgs"):
        a, b = (probes.fit(probes.Pool(states, pool.labels, pool.valid), training, [1, 2, 3], descent.Recipe(name))
                for states in (pool.states, other))
        assert torch.equal(a.weights, b.weights) and torch.equal(a.mean, b.mean) and torch.equal(a.scale, b.scale)
    found = torch.cat([block for _, block in probes.scores(a, pool)])
    assert (found.isinf() == ~pool.valid[:, None]).all()


@pytest.mark.parametrize("end", [False, True])
def test_scores_are_those_of_standardised_states(end: bool) -> None:
    pool = make_pool(end=end)
    fitted = probes.fit(pool, nested_sets(), list(range(9)), descent.Recipe())
    found = torch.cat([block for _, block in probes.scores(fitted, pool, max_bytes=3000)])
    states = pool.states if not end else pool.states[:, None].expand(-1, 4, -1)
    z = (states[:, None] - fitted.mean[:, None]) * fitted.scale[:, None]  # [N, P, C, D]
    torch.testing.assert_close(found, (z * fitted.weights).sum(-1), atol=1e-4, rtol=1e-4)


def test_learns() -> None:
    pool = make_pool(300)
    fitted = probes.fit(pool, [np.arange(100)], [0], descent.Recipe("lbfgs", penalty=0.01))
    block = torch.cat([block for _, block in probes.scores(fitted, pool)])[100:, 0]
    assert (block.argmax(1) == pool.labels[100:]).float().mean() > 0.8


def test_constant_feature_is_ignored() -> None:
    pool = make_pool()
    pool.states[..., 4] = 0.1
    fitted = probes.fit(pool, nested_sets(), list(range(9)), descent.Recipe())
    assert (fitted.scale[:, 4] == 0).all() and (fitted.scale[:, :4] > 0).all() and fitted.weights.isfinite().all()


def test_nan_is_fitted_again_with_a_quarter_of_the_clip(monkeypatch: pytest.MonkeyPatch) -> None:
    used = []
    plain = descent.paper_descent

    def spoilt(problem, start, recipe):
        weights = plain(problem, start, recipe)
        used.append((len(start), recipe.clip, recipe.penalty))
        if recipe.clip > 0.2:
            weights[0] = torch.nan
        return weights

    monkeypatch.setattr(probes, "paper_descent", spoilt)
    pool, rows = make_pool(), [np.arange(9), np.arange(9, 18)]
    fitted = probes.fit(pool, rows, [0, 1], descent.Recipe())
    assert used == [(2, 1.0, 1.0), (1, 0.25, 4.0), (1, 0.0625, 16.0)]
    monkeypatch.undo()
    expected = probes.fit(pool, rows[:1], [0], descent.Recipe(clip=0.0625, penalty=16.0)).weights[0]
    torch.testing.assert_close(fitted.weights[0], expected, atol=1e-5, rtol=0)


def test_nan_to_the_end_is_an_error() -> None:
    pool = make_pool()
    pool.states[0, 0, 0] = torch.nan
    with pytest.raises(UserError, match="not finite after 6 attempts"):
        probes.fit(pool, [np.arange(9)], [0], descent.Recipe())


def test_overflow_is_mended_by_the_smaller_clip() -> None:
    """With a huge learning rate the second step of the first attempt overflows, that of the second does not."""
    pool, recipe = make_pool(), descent.Recipe(learning_rate=1e38, steps=2, penalty=1e-9)
    with pytest.raises(UserError, match="after 1 attempts"):
        probes.fit(pool, [np.arange(9)], [0], replace(recipe, attempts=1))
    assert probes.fit(pool, [np.arange(9)], [0], replace(recipe, attempts=2)).weights.isfinite().all()


def test_lbfgs_reaches_the_minimum() -> None:
    pool, rows = make_pool(), np.arange(30)
    fitted = probes.fit(pool, [rows], [0], descent.Recipe("lbfgs", penalty=0.05))
    weights = fitted.weights.double().requires_grad_()
    z = ((pool.states[rows] - fitted.mean) * fitted.scale).double()
    loss = torch.nn.functional.cross_entropy(z @ weights[0, 0], pool.labels[rows]) + 0.025 * weights.square().sum()
    (gradient,) = torch.autograd.grad(loss, weights)
    assert gradient.abs().max() < 1e-6


def test_lbfgs_says_when_it_did_not_converge() -> None:
    with pytest.raises(UserError, match="not converged after 2 iterations"):
        probes.fit(make_pool(), [np.arange(30)], [0], descent.Recipe("lbfgs", steps=2))


def make_job(folder: Path, options: probe.Options, pool: probes.Pool) -> jobs.Job:
    names = [f"i{number:03d}" for number in range(len(pool.labels))]
    counts = pool.valid.sum(1).tolist()
    items = pd.DataFrame({"item_id": names, "choices": [["x"] * n for n in counts], "label": pool.labels.numpy()})
    items["part"] = ["hardness"] * 4 + ["main"] * (len(names) - 4)
    path = folder / "states.parquet"
    at = "choice" if pool.states.ndim == 3 else "question_end"
    with state_tables.writing(path, WIDTH, {"at": at}) as writer:
        for number, name in enumerate(names):
            own = pool.states[number].numpy()
            if own.ndim == 1:
                writer.append([name], [-1], own[None])
            else:
                writer.append([name] * counts[number], list(range(counts[number])), own[: counts[number]])
    rows = [
        (seed, condition, size, "train", position, names[4 + (position * 7 + seed) % 50])
        for seed in (0, 1)
        for condition in ("easy", "hard")
        for size in (5, 10)
        for position in range(size)
    ]
    split = pd.DataFrame(rows, columns=list(tables.SPLITS.columns))
    return jobs.Job(items, items, {"grade": split}, None, {}, path, None, options, "0040", 0)


@pytest.mark.parametrize("at", ["choice", "question_end"])
def test_method_predicts_all_but_its_training_items(tmp_path: Path, at: str) -> None:
    pool = make_pool(ragged=True, end=at == "question_end")
    job = make_job(tmp_path, probe.Options(), pool)
    frame = pd.concat(probe.predict(job))
    tables.write(frame, tmp_path / "predictions.parquet", tables.PREDICTIONS)
    again = tmp_path / "again.parquet"
    tables.write(pd.concat(probe.predict(job)), again, tables.PREDICTIONS)
    assert again.read_bytes() == (tmp_path / "predictions.parquet").read_bytes()
    groups = frame.groupby(["condition", "size", "seed"])
    assert len(groups) == 8
    for (_, size, _), rows in groups:
        assert len(rows) == 60 - 4 - size and not rows["item_id"].isin(["i000", "i003"]).any()
    counts = dict(zip(job.items["item_id"], job.items["choices"].str.len(), strict=True))
    assert all(len(row) == counts[name] for name, row in zip(frame["item_id"], frame["scores"], strict=True))


def test_missing_states_are_named(tmp_path: Path) -> None:
    job = make_job(tmp_path, probe.Options(), make_pool(end=True))
    more = pd.concat([job.items, job.items.tail(1).assign(item_id="later")], ignore_index=True)
    with pytest.raises(UserError, match="no state at 'question_end' for item 'later'"):
        list(probe.predict(dataclasses.replace(job, items=more, train_items=more)))
