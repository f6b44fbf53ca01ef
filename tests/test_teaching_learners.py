"""Who learns from published training sets: evaluators beside samples or alone, generators; config and rules of it."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

import documents
import house
import numpy as np
import pandas as pd
import pytest
import yaml
from easy2hard import check, plan_jobs, registry, sample_tables, tables
from easy2hard.config_errors import ConfigError
from easy2hard.errors import UserError
from easy2hard.runs import Runs, arguments
from easy2hard.stages import label, teach, train_generator
from teaching_world import EASY, problems, record, spans, step, taught, write_lines

RECORD = record(EASY, step(("Half is 4.", 1)), step(("It is 5.\n\n# Answer\n\n5", 1), ("It is 6.", -1), chosen=0))
CONFIG = """
datasets:
  math: {plugin: math, source: {path: .}, measures: [level]}
models:
  base: {path: .}
teaching:
  people: {plugin: prm800k, source: {path: .}, problems: {dataset: math, condition: easy}}
  meta: {plugin: metamath, problems: {dataset: math, condition: easy}}
  shepherd: {plugin: math_shepherd, problems: {dataset: math, condition: easy}}
generators:
  sft: {plugin: sft, problems: {dataset: math, condition: easy}, teaching: [people]}
samplings:
  drawn: {generator: sft, problems: {dataset: math, condition: easy}, n: 4}
  tested: {generator: sft, problems: {dataset: math, part: test}, n: 4}
evaluators:
  prm: {plugin: prm, teaching: [people]}
  oprm: {plugin: oprm, samplings: [drawn], teaching: [people, shepherd]}
rerankings:
  all: {title: All, models: [base], sampling: tested, evaluators: [prm, oprm], numbers: [1, 4]}
select: {rerankings: [all]}
"""


@pytest.fixture
def published(tmp_path):
    taught(tmp_path, "prm800k", "labelled", write_lines(tmp_path / "phase1_train.jsonl", [RECORD]))
    return tmp_path / "out.parquet"


def run(published, evaluator, options=None, **given) -> pd.DataFrame:
    out = published.with_name("labelled.parquet")
    chosen = {"evaluator": evaluator, "options": options or {}, "format": "prm800k", "seed": 0}
    label.main(**chosen, out=out, taught=[published], **given)
    return tables.read(out, sample_tables.LABELLED)


def sampled(folder) -> dict:
    """Two solutions of the easy problem, one of them right, without labels of steps."""
    rows = {"item_id": "train/algebra/1.json", "sample": np.int32([0, 1])}
    samples = pd.DataFrame(rows | {"text": ["4. # Answer", "5."], "tokens": np.int32(3), "ended": "eos"})
    grades = pd.DataFrame(rows | {"answer": "5", "correct": [False, True], "cluster": np.int32(0), "step_labels": None})
    tables.write(samples, folder / "samples.parquet", sample_tables.SAMPLES)
    tables.write(grades, folder / "grades.parquet", sample_tables.GRADES)
    given = {"samples": [folder / "samples.parquet"], "grades": [folder / "grades.parquet"]}
    return given | {"items": problems(folder)["items"]}


def test_a_process_evaluator_learns_from_published_labels_alone(published):
    found = run(published, "prm")
    assert list(found["example"]) == ["taught 0 phase1_train:00000001/001/001", "taught 0 phase1_train:00000001/chain"]
    answer = "It is 5.\n\n# Answer\n\n5"
    assert spans(found.iloc[1]) == [("Half is 4.\n\n", 1), (answer, 1)]
    told = tables.metadata(published.with_name("labelled.parquet"))
    assert told["taught"][0]["sources"][0]["name"] == "phase1_train.jsonl"


def test_labels_at_the_token_that_is_read(published):
    found = run(published, "prm", {"labels": "last_token"})
    assert [spans(row) for row in found.to_dict("records")] == [[(".\n", 0)], [(".\n", 1), ("5", 1)]]


def test_an_outcome_and_process_evaluator_joins_them_with_outcomes(published, tmp_path):
    found = run(published, "oprm", **sampled(tmp_path))
    assert [name.split(" ")[0] for name in found["example"]] == ["outcome", "outcome", "taught", "taught"]
    half = run(published, "oprm", {"outcome_share": 0.3}, **sampled(tmp_path))
    assert [name.split(" ")[0] for name in half["example"]] == ["outcome", "taught", "taught"]


def test_samples_without_step_labels_teach_no_process_evaluator(published, tmp_path):
    with pytest.raises(UserError, match="has no step labels"):
        run(published, "prm", **sampled(tmp_path))


def test_lessons_of_several_tables_are_learnt_in_turn(tmp_path):
    taught(tmp_path, "prm800k", "lessons", write_lines(tmp_path / "phase1_train.jsonl", [RECORD]))
    found = train_generator.published([tmp_path / "out.parquet"] * 2)
    assert [one.target for one in found] == ["Half is 4.\n\nIt is 5.\n\n# Answer\n\n5"] * 2 and found[0].ends
    assert train_generator.published([]) is None


def test_plug_ins_have_what_the_stage_asks_for():
    names = registry.names("teaching")
    assert {"prm800k", "metamath", "math_shepherd"} <= set(names)
    for name in names:
        module = registry.load("teaching", name)
        assert module.TITLE and module.LICENCE and set(module.GIVES) <= set(teach.TABLES) and module.GIVES
        assert all(callable(getattr(module, gives)) for gives in module.GIVES) and module.files(module.Options())
        assert module.HUB is None or len(module.HUB["revision"]) == 40
        row = f"| `{name}` | {', '.join(module.GIVES)} | {module.TITLE} | {module.LICENCE} |"
        assert row in documents.read("teaching.md")


@pytest.mark.parametrize(
    ("place", "value", "said"),
    [
        ("teaching.people.plugin", "prm800", "unknown teaching plug-in 'prm800'.*did you mean 'prm800k'"),
        ("teaching.people.source", None, "missing 'source'"),
        ("teaching.people.source", {"path": "nowhere"}, "no such file or folder"),
        ("teaching.people.source", {"path": ".", "annotations": "a"}, "belongs to a dataset"),
        ("teaching.people.options", {"neutral": "maybe"}, "neutral"),
        ("teaching.people.on_bad_record", "ignore", "'stop' or 'skip'"),
        ("teaching.people.problems", {"dataset": "maths"}, "unknown dataset 'maths'"),
        ("teaching.people.problems", {"dataset": "math", "measure": "grade"}, "unknown measure of dataset 'math'"),
        ("teaching.people.format", "latex", "unknown solution format"),
        ("teaching.shepherd.format", "minerva", "'shepherd' is written in format 'minerva', expected 'prm800k'"),
        ("generators.sft.teaching", ["shepherd"], "'math_shepherd' gives no lessons"),
        ("generators.sft.teaching", ["other"], "unknown teaching 'other'"),
        ("generators.sft.plugin", "base", "'base' trains nothing"),
        ("evaluators.prm.teaching", ["meta"], "'metamath' gives no labelled"),
        ("evaluators.prm", {"plugin": "prm"}, "expected 'samplings', 'teaching' or both"),
        ("evaluators.oprm.samplings", [], "expected at least one sampling"),
        ("evaluators.oprm.plugin", "orm", "'orm' learns from outcomes"),
    ],
)
def test_faults_of_the_config(place, value, said):
    given = yaml.safe_load(CONFIG)
    *above, last = place.split(".")
    where = given
    for name in above:
        where = where[name]
    where[last] = value
    if value is None:
        del where[last]
    with pytest.raises(ConfigError, match=said):
        check.load(given)


def test_the_config_is_valid():
    assert check.load(yaml.safe_load(CONFIG)).teaching["people"].on_bad_record == "stop"


def test_the_stage_runs_by_hand(tmp_path):
    source = write_lines(tmp_path / "phase1_train.jsonl", [RECORD, RECORD])
    chosen = {"part": "main", "measure": "level", "condition": "easy", "size": None}
    given = {"plugin": "prm800k", "gives": "lessons", "options": {}, "on-bad-record": "stop", "format": "prm800k"}
    given |= {"source": {"path": str(source)}, "problems": chosen, "seed": 0, "out": tmp_path / "out.parquet"}
    options = arguments(**{name: str(one) if isinstance(one, Path) else one for name, one in given.items()})
    files = arguments(**{name: str(path) for name, path in problems(tmp_path).items()})
    command = [sys.executable, "-m", "easy2hard.stages.teach", *shlex.split(f"{options} {files}")]
    environment = {**os.environ, "PYTHONPATH": str(house.ROOT / "workflow")}
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stderr
    assert "read phase1_train.jsonl: 1/1 MiB" in said and "2 records → 1 examples" in said
    source.write_text(json.dumps(RECORD)[:100])
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2 and "is the line cut off?" in done.stderr.splitlines()[-1]


def test_jobs_of_the_whole_run(tree):
    """Each training set is made once, for whoever learns from it; the plan knows the same jobs as Snakemake."""
    (tree / "data").mkdir()
    (tree / "data" / "phase1_train.jsonl").write_text("{}\n")
    (tree / "config.yaml").write_text(CONFIG.replace("source: {path: .}", "source: {path: data}"))
    found = house.jobs(tree, "results/tables/reranked.parquet")
    assert {line for line in found if line.startswith("teach")} == {
        "teach people: lessons of a published training set",
        "teach people: labelled of a published training set",
        "teach shepherd: labelled of a published training set",
    }
    assert {"label prm: solutions by base to learn from", "train_generator sft: from base"} <= found
    planned = plan_jobs.jobs(Runs(check.load(yaml.safe_load(CONFIG))))
    kinds = ("teach", "label", "train_evaluator", "train_generator", "sample", "grade", "fetch", "annotate")
    for kind in kinds:
        listed = {line for line in found if line.startswith(f"{kind} ")}
        assert len([one for one in planned if one.rule == kind]) == len(listed) > 0
