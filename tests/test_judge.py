"""Evaluators as files: what the stages write, and scores that equal one forward pass a step."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

torch = pytest.importorskip("torch")

import solution_world as world  # noqa: E402
import tiny_models  # noqa: E402
from easy2hard import sample_tables, solutions, tables  # noqa: E402
from easy2hard.errors import UserError  # noqa: E402
from easy2hard.models import evaluator as evaluators  # noqa: E402
from easy2hard.models import judge, load  # noqa: E402
from easy2hard.stages import label, score, train_evaluator  # noqa: E402

FAST = {"learning_rate": 1e-2, "batch": 8, "epochs": 2, "frozen": []}


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return world.write(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def scored(folder, tmp_path_factory):
    """An evaluator of each kind, trained by the stages, and the scores of the process one."""
    place = tmp_path_factory.mktemp("made")
    given = {"items": folder / "items.parquet", "format": "maths_world"}
    chosen = {"options": {"training": FAST}, "seed": 0}
    for name in ("prm", "oprm"):
        both = {kind: [folder / f"{kind}.parquet"] for kind in ("samples", "grades")}
        label.main(**both, **given, **chosen, evaluator=name, out=place / f"labelled_{name}")
        rest = {"evaluator": name, "format": "maths_world", "model": folder / "base", "out": place / name}
        train_evaluator.main(labelled=place / f"labelled_{name}", **chosen, **rest)
    score.main(samples=folder / "samples.parquet", evaluator=place / "prm", out=place / "scores", **given)
    return place


def test_stage_writes_an_evaluator_that_loads_as_it_was(folder, scored):
    made, record = evaluators.load_evaluator(scored / "prm", {"kind": "causal"})
    assert record["training"]["loss"][-1][1] < 0.65 and record["labelled"]["evaluator"] == "prm"
    assert record["options"]["unfinished"] == -5.0 and "checkpoint_seconds" not in json.dumps(record)
    assert float(made.head.weight.abs().sum()) > 0 and not any(one.requires_grad for one in made.parameters())
    assert str(scored) not in (scored / "prm/record.json").read_text()
    with pytest.raises(UserError, match=r"no head\.safetensors"):
        evaluators.load_evaluator(folder / "base", {})


def test_the_same_evaluator_gives_the_same_bytes(folder, scored, tmp_path):
    given = {"evaluator": "prm", "format": "maths_world", "model": folder / "base", "options": {"training": FAST}}
    train_evaluator.main(labelled=scored / "labelled_prm", seed=0, out=tmp_path / "prm", **given)
    names = sorted(path.name for path in (scored / "prm").iterdir())
    assert "head.safetensors" in names
    assert all((scored / "prm" / name).read_bytes() == (tmp_path / "prm" / name).read_bytes() for name in names)


def test_an_encoder_is_no_evaluator(folder, scored, tmp_path):
    tokenizer = tiny_models.word_tokenizer(world.WORDS)
    tiny_models.save(tiny_models.encoder(len(tokenizer)), tokenizer, tmp_path / "bert")
    given = {"evaluator": "prm", "format": "maths_world", "model": tmp_path / "bert", "options": {}}
    with pytest.raises(UserError, match="not read from left to right"):
        train_evaluator.main(labelled=scored / "labelled_prm", seed=0, out=tmp_path / "prm", **given)


# -- scores -------------------------------------------------------------------------------------------------------


def naive(made: evaluators.Evaluator, tokenizer, question: str, text: str) -> list[float]:
    """A forward pass a step over the prompt and the solution up to that step, no separator token in this world."""
    found = []
    for step in solutions.parse(world.LAYOUT, text).steps:
        ids = torch.tensor([tokenizer(f"{question} {text[: step.end]}")["input_ids"]])
        states = made.body(ids).last_hidden_state[0, -1]
        found.append(float((made.head.weight @ states).mean()))
    return found


def test_scores_equal_a_forward_pass_a_step(folder, scored):
    made, _ = evaluators.load_evaluator(scored / "prm", {})
    tokenizer = load.load_tokenizer(scored / "prm", {})
    questions = tables.read(folder / "items.parquet", tables.ITEMS).set_index("item_id")["question"]
    texts = tables.read(folder / "samples.parquet", sample_tables.SAMPLES)
    found = tables.read(scored / "scores", sample_tables.SCORES)
    assert len(found) == len(texts) == 160 and tables.metadata(scored / "scores")["solutions"] < 160
    for (_, sample), (_, row) in zip(texts.iloc[::5].iterrows(), found.iloc[::5].iterrows(), strict=True):
        expected = naive(made, tokenizer, questions[sample["item_id"]], sample["text"])
        assert list(row["step_logits"]) == pytest.approx(expected, abs=1e-5)
        assert row["outcome_logit"] == row["step_logits"][-1]


def test_budget_and_shards_change_nothing(scored, monkeypatch, tmp_path):
    made, _ = evaluators.load_evaluator(scored / "prm", {})
    draw = np.random.default_rng(0)
    ids = [list(map(int, draw.integers(4, 20, size))) for size in (5, 9, 3, 9, 7)]
    readings = [judge.Reading(one, np.array([0, len(one) - 1])) for one in ids]
    whole = judge.read(made, readings)
    monkeypatch.setattr(judge, "SHARD", 2)
    parts = judge.read(made, readings, tmp_path, budget=1)
    assert [list(one) for one in parts] == [pytest.approx(list(one), abs=1e-5) for one in whole]
    assert len(list(tmp_path.iterdir())) == 3
    monkeypatch.setattr(judge, "_shard", None)  # all is on disk
    again = judge.read(made, readings, tmp_path)
    assert all((one == two).all() for one, two in zip(parts, again, strict=True))


def test_cut_off_and_empty_samples(folder, scored, tmp_path):
    samples = tables.read(folder / "samples.parquet", sample_tables.SAMPLES).iloc[:4].copy()
    samples["text"] = [samples["text"][0]] * 2 + ["", " "]
    samples["ended"] = ["eos", "length", "length", "eos"]
    tables.write(samples, tmp_path / "samples", sample_tables.SAMPLES)
    given = {"items": folder / "items.parquet", "format": "maths_world", "evaluator": scored / "prm"}
    score.main(samples=tmp_path / "samples", out=tmp_path / "scores", **given)
    whole, cut, *rest = (row for _, row in tables.read(tmp_path / "scores", sample_tables.SCORES).iterrows())
    assert list(cut["step_logits"][:-1]) == list(whole["step_logits"][:-1]) and cut["step_logits"][-1] == -5
    assert cut["outcome_logit"] == -5 != whole["outcome_logit"]
    assert all(len(row["step_logits"]) == 0 and np.isnan(row["outcome_logit"]) for row in rest)


def test_a_solution_that_does_not_fit_is_an_error(scored):
    made, _ = evaluators.load_evaluator(scored / "prm", {})
    with pytest.raises(UserError, match="513 tokens with its prompt, more than the 512 that fit"):
        judge.read(made, [judge.Reading([4] * 513, np.array([512]))])


def test_samples_of_unknown_items_are_an_error():
    samples = pd.DataFrame({"item_id": ["a"], "text": ["b"]})
    with pytest.raises(UserError, match="1 items of the samples are not among the items, such as a"):
        score.distinct(samples, pd.DataFrame({"item_id": ["b"], "question": ["c"]}))
