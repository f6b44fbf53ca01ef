"""The workflow through a real Slurm: whole, in part, with faults. In the order of the file: a test begins where the
one before it ended. What was submitted is counted in Slurm's own records."""

from __future__ import annotations

import os
import signal

import cluster
import house

CARD = "rule_card_wildcards_qa"
PRETRAIN = "rule_pretrain_wildcards_tiny_llama"
HARDNESS = {"rule_annotate_wildcards_qa_level", "rule_annotate_wildcards_qa_reasoning_steps"}
HARDNESS |= {CARD, "rule_correlate_wildcards_qa"}


def since(project, before: set[int]) -> list[tuple[str, ...]]:
    """Records of the jobs submitted after `before`, by number."""
    return [row for number, row in sorted(project.jobs().items()) if number not in before]


def test_hardness_and_splits_through_slurm(project):
    status, printed = project.run("hardness", "splits")
    assert status == 0, printed
    rows = project.jobs().values()
    assert {row[0] for row in rows} == HARDNESS | {"rule_fetch_wildcards_qa", "rule_split_wildcards_qa_level"}
    assert len(rows) == 6 and {row[1:] for row in rows} == {("COMPLETED", "cpu")}


def test_changed_cutoffs_of_one_measure_submit_its_descendants_only(project):
    """While the controller is stopped and started again."""
    before = set(project.jobs())
    cutoffs = "cutoffs: {reasoning_steps: {kind: fixed, easy: 2, hard: 5}}"
    house.edit(project.folder / "overlay.yaml", "reasoning_steps]}", f"reasoning_steps], {cutoffs}}}")
    process = project.start("hardness", "splits")
    cluster.wait("the first job", lambda: project.job("rule_annotate_wildcards_qa_reasoning_steps", "RUNNING"), 120)
    cluster.end(project.slurm, "slurmctld")
    cluster.launch(project.slurm, "slurmctld", "-f", f"{project.slurm}/slurm.conf")
    assert process.wait(300) == 0, project.printed()
    rows = since(project, before)
    assert sorted(row[0] for row in rows) == sorted(HARDNESS - {"rule_annotate_wildcards_qa_level"})


def test_each_fault_is_one_line_with_job_reason_and_log(project):
    """A job that fails, one that is cancelled, one that runs past its time limit, one that needs too much memory."""
    (project.folder / "hold").touch()
    limits = ("--retries", "0", "--set-resources", "correlate:runtime=1", "split:mem_mb=60")
    targets = ("hardness", "splits", "results/items/broken.parquet", "--forcerun", "card", "correlate", "split")
    process = project.start(*targets, *limits)
    cluster.wait("the card to run", lambda: project.job(CARD, "RUNNING"), 120)
    card = project.job(CARD, "RUNNING")
    cluster.ask(project.slurm, "scancel", str(card))
    assert process.wait(300) == 1
    (project.folder / "hold").unlink()
    fetch, correlate = project.job("rule_fetch_wildcards_broken"), project.job("rule_correlate_wildcards_qa")
    split = project.job("rule_split_wildcards_qa_level")
    assert sorted(line for line in project.printed().splitlines() if line.startswith("failed: ")) == [
        f"failed: card qa: cancelled in Slurm (Slurm job {card}); log: results/logs/card/qa.log",
        f"failed: correlate qa: ran past its time limit (Slurm job {correlate}); log: results/logs/correlate/qa.log",
        "failed: fetch broken: error: broken.csv:3: 'label' is 'perhaps' (expected a number)"
        f" (Slurm job {fetch}); log: results/logs/fetch/broken.log",
        f"failed: split qa: ran out of memory (Slurm job {split}); log: results/logs/split/qa/level.log",
    ]


def test_a_second_attempt_asks_for_more_memory_and_time(project):
    before = set(project.jobs())
    status, _ = project.run("results/items/broken.parquet")
    new = sorted(set(project.jobs()) - before)
    assert status == 1 and len(new) == 2
    asked = [cluster.ask(project.slurm, "scontrol", "show", "job", str(number)) for number in new]
    assert "MinMemoryNode=4000M" in asked[0] and "TimeLimit=01:00:00" in asked[0]
    assert "MinMemoryNode=8000M" in asked[1] and "TimeLimit=02:00:00" in asked[1]


def test_a_job_of_a_model_gets_the_gpus_it_asks_for_and_survives_a_requeue(project):
    """The profile sends it to the partition with GPUs; interrupted, Snakemake leaves nothing running."""
    process = project.start("results/models/tiny_llama/record.json")
    log = project.folder / "results/logs/pretrain/tiny_llama.log"
    cluster.wait("the pretraining", lambda: log.exists() and "device: " in log.read_text(), 240)
    number = project.job(PRETRAIN, "RUNNING")
    asked = cluster.ask(project.slurm, "scontrol", "show", "job", str(number))
    assert "TresPerJob=gres:gpu:1" in asked and "MinMemoryNode=3000M" in asked and "TimeLimit=00:20:00" in asked
    assert project.jobs()[number][2] == "gpu"
    assert "CUDA_VISIBLE_DEVICES 0" in log.read_text()
    cluster.ask(project.slurm, "scontrol", "requeue", str(number))
    cluster.wait("the requeue", lambda: project.job(PRETRAIN, "PENDING"), 60)
    again = lambda: "Restarts=1" in cluster.ask(project.slurm, "scontrol", "show", "job", str(number))  # noqa: E731
    assert again() and process.poll() is None
    process.send_signal(signal.SIGINT)
    assert process.wait(120) == 1
    cluster.wait("the end", lambda: not cluster.ask(project.slurm, "squeue", "-h").strip(), 60)
    assert {row[1] for row in project.jobs().values() if row[0] == PRETRAIN} == {"CANCELLED"}


def test_killed_and_started_again_nothing_runs_twice_and_nothing_is_lost(project):
    (project.folder / "hold").touch()
    targets = ("hardness", "--forcerun", "card", "correlate")
    process = project.start(*targets)
    cluster.wait("the card to run", lambda: project.job(CARD, "RUNNING"), 120)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    submitted = set(project.jobs())
    for arguments in (("hardness",), ("hardness", "--unlock"), targets):
        status, printed = project.run(*arguments)
        assert (status == 0) == ("--unlock" in arguments)
    assert "error: the run before was killed" in printed and "Traceback" not in printed
    process = project.start("hardness", program="easy2hard.cluster")
    cluster.wait("the word", lambda: "waiting for jobs of the run before" in project.printed(), 60)
    (project.folder / "hold").unlink()
    assert process.wait(300) == 0, project.printed()
    assert "kept, made after Snakemake was killed: " in project.printed()
    assert set(project.jobs()) == submitted
    status, printed = project.run("hardness", "-n")
    assert "Nothing to be done" in printed and "missing provenance" not in printed


def test_a_node_that_dies_costs_no_more_than_time(project):
    """Slurm starts its job again, under the same number, on another node."""
    (project.folder / "hold").touch()
    before = set(project.jobs())
    process = project.start("results/hardness/qa/README.md", "--forcerun", "card")
    log = project.folder / "results/logs/card/qa.log"
    log.unlink(missing_ok=True)
    cluster.wait("the card to be made", lambda: log.exists() and "device: " in log.read_text(), 240)
    number = project.job(CARD, "RUNNING")
    node = cluster.ask(project.slurm, "squeue", "-h", "-j", str(number), "-o", "%N").strip()
    cluster.kill_node(project.slurm, node)
    (project.folder / "hold").unlink()
    assert process.wait(500) == 0, project.printed()
    assert [n for n, row in project.jobs().items() if n not in before and row[0] == CARD] == [number]
    assert "Restarts=1" in cluster.ask(project.slurm, "scontrol", "show", "job", str(number))
