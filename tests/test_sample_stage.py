"""Stage `sample`: what it writes, prompts of generators, faults in one line, the same bytes after any kill."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from easy2hard import registry, sample_tables, sampling, solutions, tables
from easy2hard.errors import UserError
from easy2hard.generators import base, icl
from easy2hard.stages import sample as stage

TRIES = int(os.environ.get("EASY2HARD_KILLS", "3"))
HARD = {"part": "main", "measure": "level", "condition": "hard", "size": None}
EASY = HARD | {"condition": "easy"}
DRAWN = {"n": 4, "temperature": 0.9, "top_k": 20, "top_p": 1.0, "max_tokens": 15, "seed": 0}
WORLD = '{"name": "words", "prompt": "{question} ", "joiner": " ", "answer": " moon "}'
MINERVA = solutions.BUILT_IN["minerva"]


def items(count: int = 24) -> pd.DataFrame:
    words = ["red", "green", "blue", "round", "square", "heavy", "light", "stone", "river", "moon", "lamp", "clock"]
    random_ = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "item_id": [f"i{number:02d}" for number in range(count)],
            "question": [" ".join(random_.choice(words, 5)) for _ in range(count)],
            "choices": [["red"]] * count,
            "label": np.zeros(count, np.int32),
            "answer": "red",
            "solution": None,
            "steps": [[f"step {number}", "then red"] for number in range(count)],
            "part": "main",
            "subject": None,
            "origin": "made",
        }
    )
    return frame.assign(**dict.fromkeys((name for name in tables.ITEMS.columns if name not in frame), np.nan))


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> Path:
    """Items, hardness and a tiny model in a folder."""
    pytest.importorskip("torch")
    from tiny_models import causal, save, word_tokenizer

    folder, made = tmp_path_factory.mktemp("world"), items()
    half = len(made) // 2
    hardness = {"item_id": made["item_id"], "value": 1.0, "bucket": ["easy"] * half + ["hard"] * half}
    tables.write(made, folder / "items.parquet", tables.ITEMS, {"dataset": "words"})
    tables.write(pd.DataFrame(hardness), folder / "hardness.parquet", tables.HARDNESS, {"dataset": "words"})
    tokenizer = word_tokenizer()
    save(causal("llama", len(tokenizer)), tokenizer, folder / "model")
    return folder


def run(world: Path, out: Path, **changes) -> pd.DataFrame:
    given = {
        "items": world / "items.parquet",
        "hardness": world / "hardness.parquet",
        "problems": HARD,
        "sampling": DRAWN,
        "engine": "transformers",
        "engine_options": {"shard": 16},
        "generator": "base",
        "options": {},
        "format": WORLD,
        "seed": 0,
        "shown_items": world / "items.parquet",
        "shown_hardness": world / "hardness.parquet",
        "shown_problems": EASY,
        "model": world / "model",
        "out": out,
    }
    stage.main(**given | changes)
    return tables.read(out, sample_tables.SAMPLES)


def test_samples_and_what_is_told_of_them(world, tmp_path):
    rows = run(world, tmp_path / "s.parquet")
    assert list(rows.groupby("item_id").size()) == [4] * 12 and rows["item_id"].min() == "i12"
    told = tables.metadata(tmp_path / "s.parquet")
    assert told["tokens"] == rows["tokens"].sum() and told["samples"] == 48 and told["sampling"] == DRAWN
    assert told["written_by"]["model"].startswith("sha256:") and told["generator"] == "base"
    assert sum(told["ended"].values()) == 48 and [path.name for path in tmp_path.iterdir()] == ["s.parquet"]


def test_shards_and_rows_change_no_text(world, tmp_path):
    rows = run(world, tmp_path / "a.parquet")
    for number, options in enumerate(({}, {"shard": 8, "rows": 5})):
        assert run(world, tmp_path / f"{number}.parquet", engine_options=options).equals(rows)
    assert not run(world, tmp_path / "b.parquet", sampling=DRAWN | {"seed": 1}).equals(rows)
    assert not run(world, tmp_path / "c.parquet", seed=1).equals(rows)


def test_greedy_and_in_context(world, tmp_path):
    greedy = run(world, tmp_path / "g.parquet", sampling=DRAWN | {"n": 1, "temperature": 0.0})
    assert len(greedy) == 12
    run(world, tmp_path / "i.parquet", generator="icl", options={"shots": 2}, format="minerva")
    assert tables.metadata(tmp_path / "i.parquet")["stops"] == ["\n\nProblem:", "\nProblem:"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sampling": DRAWN | {"max_tokens": 600}}, r"600 are more than the 512 positions of the model"),
        ({"sampling": DRAWN | {"top_p": 0}}, r"sampling\.top_p"),
        ({"sampling": DRAWN | {"topk": 3}}, r"sampling\.topk.*did you mean 'top_k'"),
        ({"engine": "transformer"}, r"unknown engines plug-in 'transformer'.*did you mean 'transformers'"),
        ({"engine_options": {"row": 3}}, r"options\.row.*did you mean 'rows'"),
        ({"generator": "icl", "options": {"shots": 13}}, r"13 exemplars asked for, but 12 problems may be shown"),
        ({"format": "{"}, r"format: not a JSON object"),
        ({"format": "minerv"}, r"did you mean 'minerva'"),
        ({"problems": HARD | {"part": "test"}}, r"part: 'test' has no items"),
        ({"model": Path("nowhere")}, r"model nowhere: no such folder"),
    ],
)
def test_what_does_not_fit_is_told_before_anything_is_drawn(world, tmp_path, changes, message):
    with pytest.raises(UserError, match=message) as error:
        run(world, tmp_path / "s.parquet", **changes)
    assert "\n" not in str(error.value) and not (tmp_path / "s.parquet").exists()


def test_killed_at_any_moment_the_same_bytes(world, tmp_path):
    whole, out = tmp_path / "whole.parquet", tmp_path / "s.parquet"
    begun = time.monotonic()
    run(world, whole)
    span, kills, forks = time.monotonic() - begun, 0, multiprocessing.get_context("fork")
    for attempt in range(TRIES):
        job = forks.Process(target=run, args=(world, out))
        job.start()
        time.sleep(random.Random(attempt).uniform(0.1, 0.9) * span)
        os.kill(job.pid, signal.SIGKILL)
        job.join()
        kills += not out.exists()
        run(world, out)
        assert out.read_bytes() == whole.read_bytes()
        assert {path.name for path in tmp_path.iterdir()} == {"whole.parquet", "s.parquet"}
        out.unlink()
    assert kills, "no run was killed before its end"


def test_a_finished_shard_is_not_drawn_again(tmp_path):
    drawn = []

    class Engine:
        @staticmethod
        def writer(job, prompts):
            def write(part):
                if len(drawn) == 2:
                    raise UserError("the server went away")
                drawn.append(part)
                rows = [(prompts[number][0], index, "a", 1, "eos") for number in part for index in range(2)]
                return pd.DataFrame(rows, columns=list(sample_tables.SAMPLES.columns))

            return write

    settings = sampling.Settings(**DRAWN | {"n": 2})
    job = sampling.Job(settings, sampling.Sharded(shard=4), None, {}, (), 0)
    prompts = [(f"p{number}", "text") for number in range(5)]
    with pytest.raises(UserError, match="went away"):
        stage.draw(Engine, job, prompts, tmp_path)
    assert drawn == [range(0, 2), range(2, 4)]
    drawn.clear()
    assert len(stage.draw(Engine, job, prompts, tmp_path)) == 10 and drawn == [range(4, 5)]


def test_exemplars_are_drawn_by_seed_and_laid_out(tmp_path):
    shown, options = items(), icl.Options(shots=3)
    text = icl.prefix(shown, MINERVA, options, 0)
    assert text.count("Problem:\n") == 3 and text.endswith("red$. I hope it is correct.\n\n")
    assert text == icl.prefix(shown.sample(frac=1, random_state=1), MINERVA, options, 0)
    assert text != icl.prefix(shown, MINERVA, options, 1)
    fewer = icl.prefix(shown, MINERVA, icl.Options(shots=2), 0)
    assert text.startswith(fewer)
    assert base.prefix(shown, MINERVA, None, 0) == ""


def test_fixed_exemplars_come_in_the_order_of_their_file(tmp_path):
    file = tmp_path / "own.jsonl"
    rows = [{"problem": f"P{n}", "solution": "first\n\nsecond", "answer": str(n)} for n in (2, 1)]
    file.write_text("\n".join(map(json.dumps, rows)))
    layout = solutions.BUILT_IN["prm800k"]
    text = icl.prefix(None, layout, icl.Options(exemplars=str(file)), 0)
    one = "# Question\n\nP{0}\n\n# Solution\n\nfirst\n\nsecond\n\n# Answer\n\n{0}\n\n"
    assert text == one.format(2) + one.format(1)
    file.write_text('{"problem": "P"}')
    with pytest.raises(UserError, match=r"own\.jsonl:1.*solution"):
        icl.prefix(None, layout, icl.Options(exemplars=str(file)), 0)
    with pytest.raises(UserError, match="nowhere.jsonl: no such file"):
        icl.prefix(None, layout, icl.Options(exemplars="nowhere.jsonl"), 0)
    with pytest.raises(UserError, match="no worked solution"):
        icl.prefix(items().assign(steps=None), layout, icl.Options(), 0)


def test_a_problem_is_never_shown_its_own_solution():
    shown, options = items(), icl.Options(shots=3)
    asked, common = sampling.prompts(shown, shown, icl, options, MINERVA, 0)
    for (name, text), item in zip(asked, shown.to_dict("records"), strict=True):
        assert name == item["item_id"] and text.count(item["question"]) == 1 and text.count("Problem:\n") == 4
        assert text.endswith(solutions.prompt(MINERVA, item["question"]))
    apart = [text for _, text in asked if not text.startswith(common)]
    assert len(apart) == 3


def test_stops_and_shards():
    assert sampling.stops(MINERVA, "") == MINERVA.stops
    assert sampling.stops(solutions.BUILT_IN["prm800k"], "shown") == ("\n# Question",)
    assert sampling.stops(solutions.BUILT_IN["maths_world"], "shown") == solutions.BUILT_IN["maths_world"].stops
    settings = sampling.Settings(**DRAWN)
    assert list(sampling.shards(5, settings, sampling.Sharded(shard=8))) == [range(0, 2), range(2, 4), range(4, 5)]
    assert list(sampling.shards(2, settings, sampling.Sharded(shard=1))) == [range(0, 1), range(1, 2)]


def test_every_engine_and_generator_keeps_the_contract():
    engines, generators = registry.names("engines"), registry.names("generators")
    assert {"transformers", "openai"} <= set(engines) and {"base", "icl"} <= set(generators)
    for name in engines:
        plugin = registry.load("engines", name)
        assert plugin.TITLE and issubclass(plugin.Options, sampling.Sharded) and plugin.identity and plugin.writer
    for name in generators:
        plugin = registry.load("generators", name)
        assert plugin.TITLE and isinstance(plugin.TRAINS, bool) and plugin.prefix
