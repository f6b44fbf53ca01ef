"""The overlay of NLI and fact-checking data: every dataset has its own title, and every job is named."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import house
from easy2hard import front, registry
from easy2hard.config import Config
from easy2hard.runs import Runs

OVERLAY = house.ROOT / "config" / "seed_experiments_data.yaml"


def runs() -> Runs:
    """The run table of the overlay; its files need not be there."""
    return Runs(Config.model_validate(front.read(house.ROOT / "config.yaml", OVERLAY)))


def test_datasets_of_one_loader_are_told_apart_in_figures():
    words = shlex.split(runs().plot("seed_histograms"))
    labels = json.loads(words[words.index("--spec") + 1])["labels"]
    assert len(set(labels.values())) == len(labels) == 7
    assert labels["chaosnli_snli"] == "ChaosNLI (chaosnli_snli)" and labels["anli"] == "ANLI"


def test_every_measure_of_one_dataset_is_used_or_waits_for_whole_files():
    chosen = runs().config
    used = {measure for name in chosen.select.datasets for measure in chosen.datasets[name].measures}
    assert {"level", "vote_entropy", "wrong_runs", "evidence_sentences"} <= used
    assert "contrast" not in used and "contrast" in OVERLAY.read_text()


def test_splits_are_by_a_measure_their_dataset_has():
    chosen = runs().config
    for name in chosen.select.splits:
        split = chosen.splits[name]
        assert set(split.measures) <= set(chosen.datasets[split.dataset].measures)
        plugin = registry.load("datasets", chosen.datasets[split.dataset].plugin)
        assert set(split.measures) <= set(plugin.MEASURES)


def test_dry_run_names_every_table(shared_data: Path, tmp_path: Path):
    project = house.copy(tmp_path / "project")
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "data").symlink_to(shared_data.resolve())
    printed = house.snakemake(project, "-n", "hardness", "splits", "--configfile", "config/seed_experiments_data.yaml")
    counted = dict(re.findall(r"^(\w+)\s+(\d+)$", printed.stdout + printed.stderr, re.MULTILINE))
    jobs = {rule: int(counted[rule]) for rule in ("fetch", "annotate", "card", "split")}
    assert jobs == {"fetch": 8, "annotate": 16, "card": 8, "split": 7}
