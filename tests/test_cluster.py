"""Runs through Slurm, as far as no Slurm is needed: what failed, what a killed run left. tests/slurm has the rest."""

from __future__ import annotations

import base64
import json
import os
import socket
from pathlib import Path

import house
import pytest
import yaml
from easy2hard import cluster, failures
from easy2hard.errors import UserError

NOTED = """\
[Sat Nov 28 00:37:39 2026]
Job 5: correlate qa: rank correlations between measures
Job 6: fetch broken: items from their source
Job 7: pretrain tiny: on the text of a generated world
Job 9: split qa: training and test sets by level
Job 8: card qa: what its hardness tables hold
Error in rule fetch:
    message: SLURM-job '11' failed, SLURM status is: 'FAILED'. Detailed failure reason unavailable.
    jobid: 6
    output: results/items/broken.parquet
    log: fetch.log, slurm/11.log (check log file(s) for error details)
    external_jobid: 11
Error in rule fetch:
    message: None
    jobid: 0
    log: fetch.log (check log file(s) for error details)
Error in rule correlate:
    message: SLURM-job '10' failed, SLURM status is: 'TIMEOUT'. Detailed failure reason unavailable.
    jobid: 5
    log: correlate.log, slurm/10.log (check log file(s) for error details)
Error in rule card:
    message: SLURM-job '12' failed, SLURM status is: 'OUT_OF_MEMORY'. Detailed failure reason unavailable.
    jobid: 8
    log: card.log, slurm/12.log (check log file(s) for error details)
Error in rule split:
    message: SLURM-job '13' failed, SLURM status is: 'FAILED'. Detailed failure reason unavailable.
    jobid: 9
    log: split.log, slurm/13.log (check log file(s) for error details)
Error in rule pretrain:
    message: SLURM sbatch failed. The error message was 'sbatch: error: invalid partition specified: gpu'.
    jobid: 7
    log: pretrain.log (check log file(s) for error details)
Finished jobid: 8 (Rule: card)
"""


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch) -> Path:
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_failed_job_is_one_line_with_name_reason_and_log(folder):
    (folder / "fetch.log").write_text("stage: fetch\nerror: broken.csv:3: 'label' is 'perhaps'\n\n")
    (folder / "slurm").mkdir()
    (folder / "slurm/13.log").write_text("slurmstepd-cpu1: error: Exceeded job memory limit\n")
    assert failures.lines(NOTED) == [
        "failed: fetch broken: error: broken.csv:3: 'label' is 'perhaps' (Slurm job 11); log: fetch.log",
        "failed: correlate qa: ran past its time limit (Slurm job 10); log: correlate.log",
        "failed: split qa: ran out of memory (Slurm job 13); log: split.log",
        "failed: pretrain tiny: Slurm refused it: sbatch: error: invalid partition specified: gpu; log: pretrain.log",
    ]


def test_identity_is_of_config_files_and_values_and_not_of_targets(folder):
    (folder / "config.yaml").write_text("seed: 0\n")
    (folder / "more.yaml").write_text("a: 1\n")
    one = cluster.identity(["hardness", "--configfile", "more.yaml", "--jobs", "3"])
    for same in (["--configfile=more.yaml"], ["figures", "--configfiles", "more.yaml"]):
        assert one == cluster.identity(same)
    assert one != cluster.identity([]) != cluster.identity(["--config", "seed=1"])
    (folder / "more.yaml").write_text("a: 2\n")
    assert one != cluster.identity(["--configfile", "more.yaml"])


def test_a_run_that_was_killed_bars_the_next_and_one_that_ended_does_not(folder):
    (folder / ".snakemake").mkdir()
    cluster.begin(["hardness"])
    assert json.loads(cluster.RUNNING.read_text())["process"] == os.getpid()
    with pytest.raises(UserError, match="the run before was killed"):
        cluster.begin(["hardness"])
    cluster.ended()
    cluster.begin(["hardness"])


def test_a_note_of_another_machine_is_not_judged(folder):
    cluster.alone({"host": socket.gethostname(), "process": 2**30})
    with pytest.raises(UserError, match="a run began on elsewhere"):
        cluster.alone({"host": "elsewhere", "process": 1})


def test_files_without_a_record_or_newer_than_it(folder):
    cluster.RECORDS.mkdir(parents=True)
    long = f"results/{'x' * 240}"
    for name, late in (("results/a", 0), ("results/b", 5), (long, 0)):
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text("")
        word = base64.urlsafe_b64encode(name.encode()).decode()
        size = os.pathconf(".", "PC_NAME_MAX") - 1
        parts = [word[at : at + size] for at in range(0, len(word), size)]
        path = cluster.RECORDS.joinpath(*(f"@{part}" for part in parts[:-1]), parts[-1])
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps({"endtime": Path(name).stat().st_mtime - late}))
    Path("results/c").write_text("")
    assert cluster.unrecorded(["results/a", "results/b", "results/c", "results/d", long]) == ["results/b", "results/c"]


def test_the_config_among_the_arguments():
    words = ["hardness", "-j", "4", "--configfile", "a.yaml", "b.yaml", "--config", "seed=1", "--keep-going"]
    assert cluster.options(words) == ["--configfile", "a.yaml", "b.yaml", "--config", "seed=1"]
    assert cluster.options(["figures", "--forcerun", "plot"]) == []


def test_both_profiles_agree_on_what_makes_a_job_rerun():
    files = (house.ROOT / f"profiles/{name}/config.yaml" for name in ("default", "slurm"))
    own, other = (yaml.safe_load(file.read_text()) for file in files)
    for key in ("rerun-triggers", "max-checksum-file-size", "rerun-incomplete", "keep-going"):
        assert own[key] == other[key]
    assert (house.ROOT / other["slurm-partition-config"]).exists()
