"""The workflow as a user runs it: once whole, then what reruns after an edit, and what does not.

One run of the default config is shared by all tests of this file; each edits a copy of it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from pathlib import Path

import house
import pandas as pd
import pytest

FIRST = {"encode", "predict", "predict_unsupervised"}  # jobs with a model, of the first study
SECOND = {"train_generator", "sample", "train_evaluator", "score"}  # and of the second
TORCH = {"pretrain", *FIRST, *SECOND}
MODELS = "workflow/easy2hard/models"


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> Path:
    """A project after one whole run of the default config."""
    folder = house.copy(tmp_path_factory.mktemp("whole") / "project")
    house.snakemake(folder)
    return folder


@pytest.fixture
def project(finished, tmp_path) -> Path:
    """A copy of the finished project, times and Snakemake's records included."""
    folder = tmp_path / "project"
    shutil.copytree(finished, folder, symlinks=True)
    return folder


def test_every_target_is_made(finished):
    made = {
        path.relative_to(finished / "results").as_posix()
        for path in (finished / "results").rglob("*")
        if path.is_file()
    }
    figures = {path.removesuffix(".png") for path in made if path.startswith("figures/") and path.endswith(".png")}
    assert len(figures) >= 8
    for figure in figures:
        assert {f"{figure}.{kind}" for kind in ("pdf", "svg", "csv", "txt")} <= made
    assert {"report.html", "tables/results.parquet", "tables/results.csv", "tables/claims.md"} <= made


def test_every_job_has_a_log_that_begins_with_what_ran(finished):
    logs = list((finished / "results/logs").rglob("*.log"))
    assert len(logs) > 25
    for log in logs:
        head = log.read_text()[:30_000]  # the report's options hold the whole config
        assert head.startswith("stage: "), log
        assert "versions: python" in head and "device: " in head, log
    benchmarks = list((finished / "results/benchmarks").rglob("*.tsv"))
    assert len(benchmarks) == len(logs)


def test_a_second_run_has_nothing_to_do(finished):
    assert house.would_run(finished) == {}


def test_touching_everything_reruns_nothing(project):
    """Also where every input becomes newer than what was made from it: the oldest files get the latest times."""
    made = [*project.glob("workflow/**/*"), *project.glob("results/**/*"), project / "config.yaml"]
    for late, path in enumerate(sorted(made, key=lambda path: -path.stat().st_mtime_ns)):
        os.utime(path, (time.time() + late, time.time() + late))
    assert house.would_run(project) == {}


EDITS = {
    # id: (file, old, new, rules that must run, rules that must not)
    "a comment and a docstring": (
        "workflow/easy2hard/bootstrap.py",
        "from __future__",
        "# a comment\n\nfrom __future__",
        set(),
        None,
    ),
    "a cutoff of one measure": (
        "config.yaml",
        "answer_chars]\n",
        "answer_chars]\n    cutoffs: {reasoning_steps: {kind: fixed, easy: 2, hard: 5}}\n",
        {"annotate", "card", "correlate"},
        TORCH | {"fetch", "split", "corpus"},
    ),
    "the number of resamples": (
        "config.yaml",
        "seed: 0\n",
        "seed: 0\nstatistics: {resamples: 500}\n",
        {"evaluate", "collect", "rerank", "collect_reranked", "plot", "write_report", "check_claims"},
        TORCH | {"fetch", "split", "annotate"},
    ),
    "a figure's title": (
        "workflow/easy2hard/figures/calibration.py",
        "TITLE = ",
        "ANOTHER = 1\nTITLE = ",
        {"plot", "write_report"},
        TORCH | {"evaluate", "collect", "annotate"},
    ),
    "a line of the ICL method": (
        "workflow/easy2hard/methods/icl.py",
        'TITLE = "ICL"',
        'TITLE = "In context"',
        {"predict", "evaluate"},
        {"pretrain", "encode", "predict_unsupervised", "fetch", *SECOND},
    ),
    "a rule of voting": (
        "workflow/easy2hard/aggregations.py",
        "    return found\n",
        "    return 1.0 * found\n",
        {"rerank", "collect_reranked", "plot", "write_report"},
        TORCH | {"grade", "label", "evaluate"},
    ),
    "numbers of samples to vote with": (
        "config.yaml",
        "numbers: [1, 2, 4, 8, 16, 32, 64]",
        "numbers: [1, 4, 64]",
        {"rerank", "collect_reranked"},
        TORCH | {"grade", "label", "evaluate"},
    ),
    "how a generator is trained": (
        "config.yaml",
        "learning_rate: 0.0002, epochs: 2, batch: 8",
        "learning_rate: 0.0001, epochs: 2, batch: 8",
        {"train_generator", "sample", "grade", "score", "rerank"},
        {"pretrain", "label", "train_evaluator", *FIRST},
    ),
}


@pytest.mark.parametrize(("file", "old", "new", "must", "must_not"), EDITS.values(), ids=EDITS.keys())
def test_an_edit_reruns_what_depends_on_it(project, file, old, new, must, must_not):
    house.edit(project / file, old, new)
    listed = house.would_run(project)
    assert must <= set(listed), listed
    if must_not is None:
        assert listed == {}
    else:
        assert not must_not & set(listed), listed


def line_edit(project: Path, file: str, function: str) -> None:
    """Add a line that changes nothing to the body of a function."""
    lines = (project / file).read_text().splitlines()
    start = next(index for index, line in enumerate(lines) if line.startswith(f"def {function}("))
    end = next(index for index in range(start, len(lines)) if lines[index].rstrip().endswith(":"))
    lines.insert(end + 1, "    changed = True")
    (project / file).write_text("\n".join(lines) + "\n")


def test_one_line_of_the_bootstrap_reruns_no_torch_job(project):
    import ast

    file = "workflow/easy2hard/bootstrap.py"
    functions = [n.name for n in ast.parse((project / file).read_text()).body if isinstance(n, ast.FunctionDef)]
    assert functions
    for function in functions:
        line_edit(project, file, function)
    listed = house.would_run(project)
    assert "evaluate" in listed
    assert not TORCH & set(listed)


def test_one_line_of_the_probe_reruns_the_probe_and_no_other_method(project):
    line_edit(project, f"{MODELS}/probes.py", "fit")
    said = house.jobs(project)
    assert {line for line in said if line.startswith("predict ")} == {"predict qa: tiny_llama, probe, all"}
    assert not [line for line in said if line.startswith(("encode ", "pretrain ", "corpus ", "fetch "))]


def test_one_line_of_an_evaluator_reruns_this_evaluator_and_no_other(project):
    line_edit(project, "workflow/easy2hard/evaluators/oprm.py", "_at_most")
    said = house.jobs(project)
    trained = {line for line in said if line.startswith("train_evaluator ")}
    assert trained == {f"train_evaluator oprm: from tiny_maths_{number}" for number in (1, 2)}
    scored = {line for line in said if line.startswith("score ")}
    assert len(scored) == 2 and all("scored by oprm" in line for line in scored)
    assert not [line for line in said if line.startswith(("train_generator ", "sample ", "grade ", "pretrain "))]


def test_cutoffs_of_the_split_measure_rerun_its_splits_only(project):
    old = "answer_chars]\n"
    house.edit(project / "config.yaml", old, old + "    cutoffs: {level: {kind: fixed, easy: 1, hard: 4}}\n")
    said = house.jobs(project)
    assert {line for line in said if line.startswith("split ")} == {"split qa: training and test sets by level"}
    assert "predict qa: tiny_llama, icl, level" in said
    assert "predict qa: tiny_llama, icl, difficulty" not in said
    assert not [line for line in said if line.startswith(("encode ", "pretrain ", "corpus ", "fetch "))]


def test_figures_are_drawn_again_without_torch(project, tmp_path, monkeypatch):
    absent = tmp_path / "absent"
    absent.mkdir()
    for name in ("torch", "transformers", "peft", "safetensors", "tokenizers"):
        (absent / f"{name}.py").write_text(f"raise ImportError('{name} is not installed here')\n")
    before = checksums(project, "figures/*.csv", "figures/*.png", "tables/*.csv")
    for path in (project / "results/figures").iterdir():
        path.unlink()
    shutil.rmtree(project / "results/metrics")
    house.snakemake(project, "figures", path=str(absent))
    assert checksums(project, "figures/*.csv", "figures/*.png", "tables/*.csv") == before


def checksums(folder: Path, *patterns: str) -> dict[str, str]:
    found = sorted(path for pattern in patterns for path in (folder / "results").glob(pattern))
    assert found
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in found}


def test_two_runs_in_two_folders_give_the_same_bytes(finished, tmp_path):
    other = house.copy(tmp_path / "elsewhere" / "project")
    house.snakemake(other, "--cores", "1")
    patterns = ("**/*.parquet", "**/*.csv", "**/*.svg", "**/*.png", "**/*.pdf", "models/*/*", "report.html")
    assert checksums(other, *patterns) == checksums(finished, *patterns)


def test_the_headline_of_the_generated_world_is_real_signal(finished):
    """Supervision on easy items lifts hard accuracy well above none, also on facts that no training item had."""
    results = pd.read_parquet(finished / "results/tables/results.parquet")
    rows = results[(results["measure"] == "level") & (results["test_on"] == "hard")]
    gain = rows[(rows["metric"] == "minus_unsupervised") & (rows["condition"] == "easy")]
    assert set(gain["method"]) == {"icl", "probe", "lora"} and set(gain["part"]) == {"main", "held_out"}
    assert (gain["low"] > 0.05).all(), gain[["method", "part", "size", "value", "low"]]
    accuracy = rows[(rows["metric"] == "accuracy") & (rows["part"] == "main")].set_index(
        ["method", "condition", "size"]
    )["value"]
    assert accuracy["textbook", "unsupervised", 0] > accuracy["zero_shot", "unsupervised", 0] + 0.2


def test_evaluators_of_easy_problems_rank_hard_ones_again(finished):
    """Weighted votes of the process reward model are set against the majority, whatever comes out, over two models."""
    rows = pd.read_parquet(finished / "results/tables/reranked.parquet")
    gains = rows[(rows["metric"] == "minus_majority") & (rows["test_on"] == "hard") & (rows["n"] == 64)]
    pooled = gains[(gains["model"] == "*") & (gains["method"] == "weighted")].set_index("evaluator")
    assert set(pooled.index) == {"orm", "prm", "oprm"} and (pooled["n_models"] == 2).all()
    assert pooled[["value", "low", "high", "p_value"]].notna().all(axis=None)
    each = gains[(gains["method"] == "weighted") & (gains["evaluator"] == "prm") & (gains["model"] != "*")]
    assert (each["value"] > 0.05).all(), each[["model", "value", "low", "high"]]
    assert pooled.loc["prm", "low"] > 0, pooled[["value", "low", "high"]]


def test_every_rule_says_what_it_does():
    rules = [
        text for path in (house.ROOT / "workflow/rules").glob("*.smk") for text in path.read_text().split("\nrule ")[1:]
    ]
    assert len(rules) > 15
    assert not [text.splitlines()[0] for text in rules if text.count("\n    message: ") != 1]
