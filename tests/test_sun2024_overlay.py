"""config/sun2024.yaml: every figure and table, the settings of Table 4, the paper's values beside ours."""

from __future__ import annotations

import json
import re
import shlex
from collections import Counter
from pathlib import Path

import documents
import house
import pandas as pd
import pytest
import synthetic_reranking as synthetic
from easy2hard import (
    check,
    counterparts_reranking,
    figure_tables,
    front,
    identities_reranking,
    plan,
    plan_costs,
    plan_facts,
    published_reranking,
    registry,
    sample_tables,
    tables,
)
from easy2hard.runs import Runs
from easy2hard.settings import options_of

RUNS = Runs(check.load(front.read(house.ROOT / "config.yaml", house.ROOT / "config" / "sun2024.yaml")))
CONFIG = RUNS.config
CHOSEN = {name: CONFIG.rerankings[name] for name in CONFIG.select.rerankings}
FIGURES = {name: CONFIG.figures[name] for name in CONFIG.select.figures}


def numbers(text: str) -> set[str]:
    """{"Fig 4", "Fig 5", "Table 1"} of "Figs. 4-5; Table 1"."""
    found = set()
    for kind, listed in re.findall(r"(Fig|Table)s?\.? (\d[\d, –-]*(?:and [\d–-]+)?)", text):
        for low, high in re.findall(r"(\d+)(?:[-–](\d+))?", listed):
            found |= {f"{kind} {at}" for at in range(int(low), int(high or low) + 1)}
    return found


def test_every_figure_and_table_that_can_be_made_is_there():
    made = documents.rows(documents.read("figures_sun2024.md").split("## What shades")[0])
    rows = [(numbers(row[0]), row[2]) for row in made if len(row) == 4 and numbers(row[0])]
    wanted = {item: plugin for items, plugin in rows if plugin not in ("missing", "–") for item in items}
    assert {"Table 1", "Table 9", "Table 10", "Fig 24"} | {f"Fig {at}" for at in (4, 6, 8, 14, 15, 18)} <= {*wanted}
    for item, plugin in wanted.items():
        drawn = {one.plugin for one in FIGURES.values() if item in numbers(one.paper)}
        if item in ("Fig 22", "Fig 23"):
            assert any(one.cases and item in numbers(one.paper) for one in CHOSEN.values())
        else:
            assert any(f"`{name}`" in plugin for name in drawn), f"{item}: {plugin}"
        assert any(item in numbers(one.paper) for one in CHOSEN.values()), f"{item}: no re-ranking says so"


def test_sources_are_pinned_but_for_one_model():
    assert {name for name in plan.models(RUNS) if not CONFIG.models[name].revision} == {"llemma_34b"}
    taught = [one.source for one in CONFIG.teaching.values() if one.source]
    assert taught and all(source.hub and source.revision for source in taught), "no file has to be there"


TABLE_4 = {  # learning rate, epochs, longest example
    "prm800k_7b": (2e-5, 3, 768),
    "prm800k_34b": (1e-5, 3, 768),
    "metamath_7b": (8e-6, 3, 1024),
    "metamath_34b": (5e-6, 3, 768),
    "prm_7b": (2e-5, 2, 768),
    "orm_7b": (2e-5, 2, 1024),
    "oprm_7b": (2e-5, 2, 1024),
    "prm_34b": (1e-5, 2, 768),
    "orm_34b": (1e-5, 2, 1024),
    "oprm_34b": (1e-5, 2, 1024),
}


def recipe(kind: str, name: str):
    chosen = getattr(CONFIG, kind)[name]
    return chosen, options_of(registry.load(kind, chosen.plugin), chosen.options)


@pytest.mark.parametrize("kind", ["generators", "evaluators"])
def test_settings_of_table_4(kind):
    """A name holds data and size, or plug-in and size; MetaMath's three epochs are in its lessons."""
    mine = [name for name in getattr(CONFIG, kind) if re.search(r"_\d+b$", name)]
    assert len(mine) == {"generators": 10, "evaluators": 9}[kind]
    for name in mine:
        chosen, options = recipe(kind, name)
        learnt = [CONFIG.teaching[one] for one in chosen.teaching]
        size = re.search(r"\d+b$", name)[0]
        key = f"{name.split('_')[0] if kind == 'generators' else chosen.plugin}_{size}"
        epochs = options.training.epochs * max([one.options.get("epochs", 1) for one in learnt], default=1)
        found = (options.training.learning_rate, epochs, options.training.max_tokens)
        assert found == TABLE_4[key], name
        assert options.training.batch == 128 and options.training.frozen == ["embeddings", "norms"]
        assert [*chosen.paper] == [f"llemma_{size}"], "the rates are those of one size"


def test_number_formats_of_table_4():
    assert {CONFIG.models[name].dtype for name in plan.models(RUNS)} == {"bfloat16"}
    exact = {name for name in CONFIG.generators if CONFIG.generators[name].options.get("dtype") == "float32"}
    assert exact == {name for name in CONFIG.generators if re.match(r"metamath_.*_\d+b$", name)}


def test_samples_of_the_paper():
    drawn = {one.sampling for one in CHOSEN.values() if one.sampling != one.greedy}
    for name in drawn | {name for one in CONFIG.evaluators.values() for name in one.samplings if "learn_p" in name}:
        one = CONFIG.samplings[name]
        context = CONFIG.generators[one.generator].plugin == "icl"
        assert (one.temperature, one.top_k) == (0.9 if context else 0.7, 20)
        assert one.n in ((32,) if name.startswith("learn") else (256, 1024))
    assert {one.n for one in (CONFIG.samplings[name] for name in drawn)} == {256, 1024}


def shape(chosen) -> synthetic.Shape:
    generator = CONFIG.samplings[chosen.sampling or chosen.greedy].generator
    return synthetic.Shape(
        generators=(generator,),
        evaluators=tuple(chosen.evaluators),
        models=tuple(chosen.models),
        judge=chosen.judge or "",
        numbers=tuple(chosen.numbers) if chosen.sampling else (1,),
        weighted=tuple(chosen.weighted),
        best_of_n=tuple(chosen.best_of_n),
        subjects=synthetic.SUBJECTS,
        greedy=chosen.greedy is not None,
    )


def invented(make) -> pd.DataFrame:
    """RERANKED or DIAGNOSED rows of every re-ranking; outcome evaluators have no aggregation, MATH no step checker."""
    frames = [make(shape(one)).assign(reranking=name, dataset="math") for name, one in CHOSEN.items()]
    rows = pd.concat([frame for frame in frames if len(frame)], ignore_index=True)
    outcome = rows["evaluator"].isin([name for name in CONFIG.evaluators if RUNS.reads(name) == "outcome"])
    column = "aggregation" if "aggregation" in rows.columns else "other"
    rules = rows[column].isin(synthetic.RULES)
    kept = rows.assign(**{column: rows[column].mask(outcome & rules, "")})
    kept = kept[~kept["metric"].str.startswith("step_")]
    key = sample_tables.RERANKED.key if column == "aggregation" else sample_tables.DIAGNOSED.key
    if column == "aggregation":
        kept = kept[kept["reranking"].map(lambda name: bool(CHOSEN[name].sampling)) | (kept["method"] == "greedy")]
    return kept.drop_duplicates(list(key), ignore_index=True)


@pytest.fixture(scope="module")
def stored(tmp_path_factory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("sun2024")
    tables.write(invented(synthetic.reranked), folder / "reranked", sample_tables.RERANKED)
    tables.write(invented(synthetic.diagnosed), folder / "diagnosed", sample_tables.DIAGNOSED)
    return {name: folder / name for name in ("reranked", "diagnosed")}


@pytest.fixture(scope="module")
def shown(stored) -> dict[str, Path]:
    """Tables for figures: few numbers of samples, which is faster."""
    rows = tables.read(stored["reranked"], sample_tables.RERANKED)
    few = stored["reranked"].with_name("few")
    tables.write(rows[rows["n"].isin([1, 16, 256, 1024])], few, sample_tables.RERANKED)
    return {"reranked_path": few, "diagnosed_path": stored["diagnosed"]}


def test_every_value_of_the_paper_stands_beside_one_of_ours(stored):
    known = figure_tables.Counterparts.model_validate(identities_reranking.counterparts(CONFIG, CHOSEN, {}))
    theirs = published_reranking.read(identities_reranking.files())
    taught = r"Iterative DPO|iterative DPO|ReST-EM|PPO|previous RL"
    theirs = theirs[~theirs["generator"].str.contains(taught) & ~theirs["metric"].str.startswith("step_")]
    voted = tables.read(stored["reranked"], sample_tables.RERANKED)
    judged = tables.read(stored["diagnosed"], sample_tables.DIAGNOSED)
    matched = counterparts_reranking.reranked(voted, theirs, known)
    found = pd.concat([matched, counterparts_reranking.diagnosed(judged, theirs, known)])
    lines = {(file, line) for file, line in zip(found["their_file"], found["their_line"], strict=True)}
    missing = theirs[[place not in lines for place in zip(theirs["file"], theirs["line"], strict=True)]]
    assert len(theirs) > 3000 and missing.empty, missing[["item", "generator", "evaluator", "method", "n"]]


@pytest.mark.parametrize("name", list(FIGURES))
def test_every_figure_has_data_and_the_papers_values(name, shown):
    given = dict(zip(*[iter(shlex.split(RUNS.plot(name)))] * 2, strict=True))
    spec = figure_tables.Spec.model_validate(json.loads(given["--spec"]))
    plugin, asked = registry.load("figures", FIGURES[name].plugin), json.loads(given.get("--options", "{}"))
    options = plugin.Options.model_validate(asked).model_dump()
    paper = tuple(identities_reranking.files()) if FIGURES[name].published else ()
    frame = plugin.data(figure_tables.Tables(spec=spec, options=options, paper_paths=paper, **shown))
    assert len(frame) and not frame["generated"].any()
    assert not paper or frame["paper"].notna().any()


def test_the_plan_is_dear_but_thinkable():
    made = plan_costs.Plan(RUNS, plan_facts.GPUS["h100"])
    table = plan.summed(made)
    assert 500 < table.total.gpu_hours < 20_000
    assert sum(line.jobs for line in table.rules.values()) == table.total.jobs == len(plan.jobs(RUNS))
    counts = Counter(one.rule for one in plan.jobs(RUNS))
    assert (counts["train_generator"], counts["train_evaluator"], counts["teach"]) == (10, 9, 8)
    trained = next(one for one in plan.jobs(RUNS) if one.rule == "train_generator" and one["model"] == "llemma_34b")
    scored = next(one for one in plan.jobs(RUNS) if one.rule == "score" and one["judge"] == "llemma_34b")
    assert (made.cost(trained).gpus, made.cost(scored).gpus) == (8, 2)
    assert RUNS.training_resource("llemma_7b", "threads") == CONFIG.models["llemma_7b"].threads
