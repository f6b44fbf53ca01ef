"""docs/extending.md, run as it stands: one new file a plug-in, in a copy of the tree, no job with torch."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import documents
import house
import pandas as pd
import pytest
import yaml
from easy2hard import tables

PAGE = "extending.md"
CONFIG = "config/riddles.yaml"
RIDDLES = "data/riddles.csv"
TARGETS = ("hardness", "splits", "figures")
NEW = {
    "datasets": "riddles",
    "hardness": "commas",
    "methods": "majority_label",
    "figures": "items_by_bucket",
}


def riddles(header: list[str], count: int = 240) -> str:
    """A CSV of invented riddles: levels 1, 2, 3 in turn, two of three right answers are A, 0 to 3 commas."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header)
    for number in range(count):
        question = f"What is thing number {number}" + ", or what" * (number % 4) + "?"
        right = "B" if number // 3 % 3 == 0 else "A"
        writer.writerow([f"r{number:03d}", question, f"a stone {number}", f"a cloud {number}", right, number % 3 + 1])
    return text.getvalue()


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    """A copy of the tree with the page's files in it, after the page's command."""
    folder = house.copy(tmp_path_factory.mktemp("extending") / "project")
    texts = documents.files(PAGE)
    header = texts[RIDDLES].splitlines()[0].split(",")
    documents.write(folder, texts | {RIDDLES: riddles(header)})
    house.snakemake(folder, *TARGETS, "--configfile", CONFIG)
    return folder


def test_the_page_has_one_file_of_each_kind():
    texts = documents.files(PAGE)
    for kind, name in NEW.items():
        assert f"workflow/easy2hard/{kind}/{name}.py" in texts
    assert len([name for name in texts if name.endswith(".py")]) == len(NEW)
    assert f"snakemake {' '.join(TARGETS)} --configfile {CONFIG}" in documents.read(PAGE)


def test_the_rows_shown_are_what_the_loader_reads(tmp_path, finished):
    texts = documents.files(PAGE)
    shown = tmp_path / "shown.csv"
    shown.write_text(texts[RIDDLES])
    items = load(finished, shown, tmp_path)
    assert list(items["answer"]) == ["a piano", "a towel", "a map"] and list(items["level"]) == [1, 2, 3]


def load(folder: Path, path: Path, out: Path, **options: int) -> pd.DataFrame:
    """Items that the page's dataset reads from a file, in a process of its own."""
    run_fetch(folder, path, out, options, check=True)
    return tables.read(out / "items.parquet", tables.ITEMS)


def run_fetch(folder: Path, path: Path, out: Path, options: dict, check: bool):
    command = [sys.executable, "-m", "easy2hard.stages.fetch", "--dataset", "riddles", "--plugin", "riddles"]
    command += ["--source", json.dumps({"path": str(path)}), "--options", json.dumps(options), "--seed", "0"]
    environment = {**os.environ, "PYTHONPATH": str(folder / "workflow")}
    command += ["--out", str(out / "items.parquet")]
    return subprocess.run(command, env=environment, check=check, capture_output=True, text=True)


def test_rows_that_are_left_out_are_counted(finished, tmp_path):
    items = load(finished, finished / RIDDLES, tmp_path, least_level=2)
    about = tables.metadata(tmp_path / "items.parquet")
    assert len(items) == 160 and about["raw"] == 240 and about["dropped"] == {"below least_level": 80}


def test_a_damaged_row_is_told_by_file_and_line(finished, tmp_path):
    damaged = tmp_path / "damaged.csv"
    damaged.write_text((finished / RIDDLES).read_text().replace(",B,1\n", ",C,1\n", 1))
    failed = run_fetch(finished, damaged, tmp_path, {}, check=False)
    assert failed.returncode == 2
    assert failed.stderr.splitlines()[-1] == f"error: {damaged}:2: 'right' is 'C' (expected A or B)"
    assert not (tmp_path / "items.parquet").exists()


def test_every_file_the_page_names_is_there(finished):
    named = [row[0].strip("`") for row in documents.rows(documents.read(PAGE)) if row[0].startswith("`results/")]
    assert len(named) >= 6
    for name in named:
        assert (finished / name).is_file(), name
    for kind in ("pdf", "svg", "csv", "txt"):
        assert (finished / f"results/figures/riddle_items.{kind}").is_file()


def test_no_job_needed_a_model(finished):
    logs = {path.parts[len(finished.parts) + 2] for path in (finished / "results/logs").rglob("*.log")}
    assert "predict" in logs and not logs & {"pretrain", "corpus", "encode", "predict_unsupervised"}


def test_the_measure_counts_commas(finished):
    items = tables.read(finished / "results/items/riddles.parquet", tables.ITEMS)
    hardness = tables.read(finished / "results/hardness/riddles/commas.parquet", tables.HARDNESS)
    joined = items.merge(hardness, on="item_id", validate="one_to_one")
    assert len(joined) == 240 and set(joined["value"]) == {0, 1, 2, 3}
    assert (joined["value"] == joined["question"].map(lambda text: text.count(","))).all()
    about = tables.metadata(finished / "results/hardness/riddles/commas.parquet")
    assert about["definition"] == "Number of commas in the question, choices excluded."
    assert "Commas" in (finished / "results/hardness/riddles/README.md").read_text()


def test_the_method_predicts_the_most_frequent_training_label(finished):
    items = tables.read(finished / "results/items/riddles.parquet", tables.ITEMS).set_index("item_id")["label"]
    splits = tables.read(finished / "results/splits/riddles/level.parquet", tables.SPLITS)
    rows = tables.read(finished / "results/predictions/riddles/tiny_llama/majority/all.parquet", tables.PREDICTIONS)
    key = ["seed", "condition", "size"]
    shares = splits[splits["role"] == "train"].assign(label=lambda frame: frame["item_id"].map(items))
    shares = shares.groupby(key)["label"].mean()
    assert len(shares) == 3 * 3 * 2
    for setting, found in rows.groupby(key):
        expected = 1 if shares[setting] > 0.5 else 0
        assert set(found["prediction"]) == {expected}
        assert len(found) == 240 - setting[2]
    results = tables.read(finished / "results/tables/results.parquet", tables.RESULTS)
    assert set(results["method"]) == {"majority"} and "accuracy" in set(results["metric"])


def test_the_figure_counts_what_the_page_says(finished):
    frame = pd.read_csv(finished / "results/figures/riddle_items.csv")
    level = frame[frame["measure"] == "level"]
    assert dict(zip(level["bucket"], level["items"], strict=True)) == {"easy": 80, "medium": 80, "hard": 80}
    assert "80 easy, 80 medium and 80 hard" in documents.read(PAGE)
    caption = (finished / "results/figures/riddle_items.txt").read_text()
    assert caption.startswith("Items by bucket\n") and "Riddles" in caption


def test_a_second_run_has_nothing_to_do_and_an_edit_reruns_its_plug_in(finished):
    assert house.would_run(finished, *TARGETS, "--configfile", CONFIG) == {}
    path = finished / "workflow/easy2hard/methods/majority_label.py"
    before = path.read_text()
    try:
        house.edit(path, "np.log(counts / counts.sum())", "np.log(counts) - np.log(counts.sum())")
        listed = house.would_run(finished, *TARGETS, "--configfile", CONFIG)
    finally:
        path.write_text(before)
    assert "predict" in listed and not {"fetch", "annotate", "split"} & set(listed)


MISSPELT = {
    # A dataset: test_the_error_the_page_shows_is_what_is_printed. With it wrong, its measures cannot be checked.
    "measure": ("[level, commas]", "[level, comas]", "datasets.riddles.measures.1", "measure of 'riddles'", "commas"),
    "method": ("majority_label", "majority_lable", "methods.majority.plugin", "method plug-in", "majority_label"),
    "figure": ("items_by_bucket", "items_by_buket", "figures.riddle_items.plugin", "figure plug-in", "items_by_bucket"),
}


@pytest.fixture(scope="module")
def faults(finished) -> dict[str, str]:
    """Key → fault of a config with every name misspelt, in one run."""
    wrong = finished / "config/wrong.yaml"
    wrong.write_text((finished / CONFIG).read_text())
    for old, new, *_ in MISSPELT.values():
        house.edit(wrong, old, new)
    failed = house.snakemake(finished, "-n", *TARGETS, "--configfile", str(wrong), check=False)
    assert failed.returncode == 2 and "Traceback" not in failed.stderr, failed.stderr
    lines = [line.split(": ", 3) for line in failed.stderr.splitlines() if line.startswith("error: ")]
    return {key: fault for _, _, key, fault in lines}


@pytest.mark.parametrize(("old", "new", "key", "kind", "right"), MISSPELT.values(), ids=MISSPELT.keys())
def test_an_unknown_name_lists_the_new_plug_in(faults, old, new, key, kind, right):
    assert faults[key].startswith(f"unknown {kind} '"), faults
    allowed = faults[key].split("allowed: ")[1].split("; did you mean")[0].split(", ")
    assert right in allowed and f"did you mean '{right}'?" in faults[key]


def test_the_error_the_page_shows_is_what_is_printed(finished):
    text = documents.read(PAGE)
    shown = next(line for line in text.splitlines() if line.startswith("error: "))
    wrong = finished / CONFIG
    before = wrong.read_text()
    try:
        house.edit(wrong, "plugin: riddles", "plugin: ridles")
        failed = house.snakemake(finished, "-n", "--configfile", CONFIG, check=False)
    finally:
        wrong.write_text(before)
    printed = next(line for line in failed.stderr.splitlines() if line.startswith("error: "))
    pattern = ".*".join(map(re.escape, re.split(r" ?… ?", shown)))  # … stands for a folder, and for other names
    assert re.fullmatch(pattern, printed), printed


def test_a_linked_plug_in_is_found_and_followed(tmp_path, finished):
    folder = tmp_path / "project"
    shutil.copytree(finished, folder)
    path = folder / "workflow/easy2hard/hardness/commas.py"
    elsewhere = tmp_path / "mine.py"
    shutil.move(path, elsewhere)
    path.symlink_to(elsewhere)
    assert house.would_run(folder, *TARGETS, "--configfile", CONFIG) == {}
    house.edit(elsewhere, '.count(",")', '.count("[,;]")')
    assert "annotate" in house.would_run(folder, *TARGETS, "--configfile", CONFIG)


def test_options_are_checked_before_any_job(finished):
    """The faults of options stand beside those of names, unless the name of the plug-in is itself wrong."""
    wrong = yaml.safe_load((finished / CONFIG).read_text())
    wrong["methods"]["majority"]["options"]["smoothing"] = 0
    wrong["datasets"]["riddles"]["measures"] = ["level", "bloom"]  # without FOR_ALL, and not listed by the dataset
    (finished / "config/wrong_option.yaml").write_text(yaml.safe_dump(wrong))
    failed = house.snakemake(finished, "-n", "--configfile", "config/wrong_option.yaml", check=False)
    assert failed.returncode == 2 and "methods.majority.options.smoothing" in failed.stderr
    assert "unknown measure of 'riddles' 'bloom'" in failed.stderr
