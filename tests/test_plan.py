"""The plan: the same jobs as a dry run, costs that grow with what is asked, past runs beside, faults in one line."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path

import house
import pytest
from easy2hard import plan, plan_costs, plan_facts, plan_jobs
from easy2hard.errors import UserError

H100 = plan_facts.GPUS["h100"]


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """The default config in an empty folder, without results."""
    shutil.copy(house.ROOT / "config.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def overlay(folder: Path, **settings: object) -> list[str]:
    (folder / "over.yaml").write_text(json.dumps(settings))
    return ["over.yaml"]


BIG = {"hub": "meta-llama/Llama-2-7b-hf", "gpus": 1, "dtype": "float16"}


def planned(folder: Path, model: dict | None = None, **settings: object) -> plan_costs.Plan:
    """A plan in which the default's model is another."""
    given = {"models": {"tiny_llama": {"pretrain": None, **(model or BIG)}}, **settings}
    return plan_costs.Plan(plan.read(overlay(folder, **given)), H100)


def hours(made: plan_costs.Plan) -> float:
    return plan.summed(made).total.gpu_hours


@pytest.mark.parametrize("overlay", ["", "mdl", "experiments", "cot", "sun2024"])
def test_the_jobs_of_a_dry_run(overlay, tmp_path):
    copy = house.copy(tmp_path / "copy")
    files = ["config.yaml", *([f"config/{overlay}.yaml"] if overlay else [])]
    runs = plan.Runs(plan.check.load(plan.front.read(*(copy / name for name in files))))
    asked = ("--configfile", files[1]) if overlay else ()
    assert dict(Counter(job.rule for job in plan_jobs.jobs(runs))) == house.would_run(copy, *asked)


@pytest.mark.parametrize("name", ["mdl", "experiments"])
def test_every_rule_of_an_overlay_has_a_cost_and_a_line(name, folder):
    made = plan_costs.Plan(plan.read([str(house.ROOT / "config" / f"{name}.yaml")]), H100)
    found = plan_jobs.jobs(made.runs)
    assert len({job.benchmark for job in found}) == len(found)
    table = plan.summed(made)
    assert {*table.rules} == {job.rule for job in found}, "no rule is left out of the table"
    assert sum(line.jobs for line in table.rules.values()) == table.total.jobs == len(found)


def test_measures_read_from_models_are_paid_for(folder):
    files = [str(house.ROOT / "config" / "mdl.yaml")]
    found = plan_jobs.jobs(plan.read(files))
    rules = Counter(job.rule for job in found)
    assert (rules["nll"], rules["annotate_by_models"], rules["split_apart"]) == (2, 6, 1)
    assert plan_jobs.models(plan.read(files)) == {"tiny_llama", "tiny_llama_48"}, "one of them in no experiment"


def test_every_rate_of_noise_is_predicted(folder):
    made = plan_costs.Plan(plan.read([str(house.ROOT / "config" / "experiments.yaml")]), H100)
    job = next(job for job in plan_jobs.jobs(made.runs) if job.rule == "predict" and job["split"] == "noise")
    quiet = made.runs.config.splits["noise"].model_copy(update={"noise": None})
    noisy = made.cost(job)
    made.runs.config.splits["noise"] = quiet
    assert noisy.disk == pytest.approx(5 * made.cost(job).disk), "five rates"


def test_every_job_has_a_cost_and_a_benchmark(folder):
    made = plan_costs.Plan(plan.read([]), H100)
    found = plan_jobs.jobs(made.runs)
    assert len({job.benchmark for job in found}) == len(found) > 30
    assert all(made.cost(job).seconds > 0 for job in found)


def test_a_model_without_gpu_costs_no_gpu_hours(folder):
    assert hours(plan_costs.Plan(plan.read([]), H100)) == 0


def test_hours_grow_with_the_model_and_shrink_with_the_gpu(folder):
    small, large = planned(folder), planned(folder, BIG | {"hub": "meta-llama/Llama-2-70b-hf", "gpus": 2})
    assert 0 < hours(small) < hours(large)
    slow = plan_costs.Plan(small.runs, plan_facts.GPUS["v100"])
    assert hours(slow) > hours(small)
    assert hours(planned(folder, BIG | {"dtype": "float32"})) > hours(small)


def test_scoring_takes_two_operations_a_parameter_and_token(folder):
    made = planned(folder)
    seconds = made._computing("tiny_llama", 1e6)
    assert seconds == pytest.approx(2 * 6.74e9 * 1e6 / (0.35 * 989e12))


def test_generation_reads_the_weights_once_a_token(folder):
    made = planned(folder)
    assert made._writing("tiny_llama", 64, 100) == pytest.approx(100 * 6.74e9 * 2 / (0.4 * 3.35e12))
    assert made._writing("tiny_llama", 65, 100) == pytest.approx(2 * made._writing("tiny_llama", 64, 100))


def test_parameters_from_a_config():
    llama = {"hidden_size": 8192, "num_hidden_layers": 80, "num_attention_heads": 64, "num_key_value_heads": 8}
    total = plan_costs.described(llama | {"intermediate_size": 28672, "vocab_size": 32000})[0]
    assert total == pytest.approx(plan_facts.MODELS["meta-llama/Llama-2-70b-hf"][0], rel=0.01)
    with pytest.raises(UserError, match="num_attention_heads"):
        plan_costs.described({"hidden_size": 8, "num_hidden_layers": 2})


def test_past_runs_are_set_beside(folder, capsys):
    file = folder / "results/benchmarks/plot/calibration.tsv"
    file.parent.mkdir(parents=True)
    file.write_text("s\th:m:s\n24.0\t0:00:24\n")
    assert plan.main([]) == 0
    printed = capsys.readouterr().out
    figures = plan.front.read("config.yaml")["select"]["figures"]
    assert f"1 of {len(figures)} jobs" in printed and "ratio 2.00" in printed


def test_the_page(folder, capsys):
    files = overlay(folder, models={"tiny_llama": {"pretrain": None, **BIG}})
    assert plan.main(["--configfile", *files, "--gpu", "a100", "--price", "3"]) == 0
    printed = capsys.readouterr().out
    assert "A100" in printed and "$3/h" in printed and "unchecked" in printed and "Assumed" in printed
    assert "Weights to download, once: 13.5 GB" in printed
    table = [line for line in printed.splitlines() if line.startswith((" ", "━", "─"))][:8]
    assert len({len(line) for line in table}) == 1, "columns stand under each other"


def test_a_model_too_large_for_its_gpus_is_said(folder, capsys):
    big = {"hub": "meta-llama/Llama-2-70b-hf", "gpus": 1, "dtype": "float16"}
    assert plan.main(["--configfile", *overlay(folder, models={"tiny_llama": {"pretrain": None, **big}})]) == 0
    assert "warning: tiny_llama needs about 159 GB, more than its 1 × 80 GB" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (["--gpu", "h10"], "unknown GPU 'h10'.*did you mean 'h100'"),
        (["--price", "-1"], "--price is -1"),
        (["--configfile", "none.yaml"], "none.yaml"),
    ],
)
def test_a_wrong_option_is_one_line(given, message, folder, capsys):
    import re

    assert plan.main(given) == 2
    printed = capsys.readouterr().err
    assert re.search(message, printed) and printed.count("\n") == 1


def test_an_unknown_hub_model_is_one_line(folder, capsys):
    files = overlay(folder, models={"tiny_llama": {"pretrain": None, "hub": "somebody/model", "gpus": 1}})
    assert plan.main(["--configfile", *files]) == 2
    assert "the size of 'somebody/model' is not known" in capsys.readouterr().err
