"""What a run would cost, before anything runs: jobs by rule, GPU-hours, disk and money.

`python -m easy2hard.plan --configfile config/hase2024.yaml --gpu h100 --price 2.5`
"""

from __future__ import annotations

import argparse
import csv
import sys
from dataclasses import dataclass, field
from pathlib import Path

from easy2hard import check, front, plan_facts
from easy2hard.errors import UserError, unknown
from easy2hard.plan_costs import Cost, Plan
from easy2hard.plan_jobs import Job, jobs, models
from easy2hard.runs import Runs

ORDER = ("fetch", "annotate", "annotate_by_models", "card", "correlate", "split", "split_apart", "corpus", "pretrain")
ORDER += ("encode", "nll", "predict_unsupervised", "predict", "evaluate")
ORDER += ("teach", "train_generator", "sample", "grade", "label", "train_evaluator", "score", "rerank")
ORDER += ("collect", "collect_reranked", "check_claims", "check_reranking_claims", "compare", "compare_reranking")
ORDER += ("tabulate_reranking", "plot", "examples", "case_studies", "write_report")


@dataclass
class Line:
    """A line of the table: what is summed over jobs."""

    name: str
    jobs: int = 0
    gpu_hours: float = 0.0
    cpu_hours: float = 0.0
    disk: float = 0.0
    estimated: float = 0.0
    measured: float = 0.0
    past: int = 0

    def add(self, cost: Cost, took: float | None) -> None:
        """Count one job; `took`: its seconds in a past run."""
        self.jobs += 1
        self.gpu_hours += cost.seconds * cost.gpus / 3600
        self.cpu_hours += 0 if cost.gpus else cost.seconds / 3600
        self.disk += cost.disk
        if took is not None:
            self.estimated += cost.seconds
            self.measured += took
            self.past += 1


@dataclass
class Table:
    """The plan by rule and by model."""

    rules: dict[str, Line] = field(default_factory=dict)
    models: dict[str, Line] = field(default_factory=dict)
    total: Line = field(default_factory=lambda: Line("total"))


def took(job: Job) -> float | None:
    """Seconds of a past run of the job, from its benchmark file; None where there is none."""
    path = Path(job.benchmark)
    if not path.is_file():
        return None
    with open(path, encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle, delimiter="\t"))
    return float(rows[-1]["s"]) if rows and rows[-1]["s"] not in ("", "NA", "-") else None


def summed(plan: Plan) -> Table:
    """The table of a plan."""
    table = Table()
    for job in jobs(plan.runs):
        cost, past = plan.cost(job), took(job)
        lines = [table.total, table.rules.setdefault(job.rule, Line(job.rule))]
        model = dict(job.names).get("judge") or dict(job.names).get("model")
        if model and cost.gpus:
            lines.append(table.models.setdefault(model, Line(model)))
        for line in lines:
            line.add(cost, past)
    table.rules = {name: table.rules[name] for name in ORDER if name in table.rules}
    return table


def text(plan: Plan, table: Table, price: float, bold: bool = False) -> str:
    """The plan as a page for a terminal."""
    head = ["rule", "jobs", "GPU-hours", "CPU-hours", "disk", f"cost (${price:g}/h)"]
    body = [_cells(line, price) for line in table.rules.values()]
    parts = [_grid(head, body, _cells(table.total, price), bold)]
    if table.models:
        rows = [_cells(line, price) for line in table.models.values()]
        parts.append(_grid(["model", *head[1:]], rows, None, bold))
        parts[-1] += f"\n Weights to download, once: {_bytes(plan.downloads())}"
    parts.append("\n".join(_past(table)))
    parts.append("\n".join(_assumptions(plan)))
    return "\n\n".join(parts) + "\n"


def _cells(line: Line, price: float) -> list[str]:
    money = f"${line.gpu_hours * price:,.0f}" if line.gpu_hours else "–"
    return [line.name, f"{line.jobs:,}", _hours(line.gpu_hours), _hours(line.cpu_hours), _bytes(line.disk), money]


def _hours(hours: float) -> str:
    return "–" if not hours else f"{hours:,.1f}" if hours >= 0.1 else f"{hours:.2f}" if hours >= 0.005 else "< 0.01"


def _bytes(gigabytes: float) -> str:
    return f"{gigabytes:,.1f} GB" if gigabytes >= 0.95 else f"{1000 * gigabytes:,.0f} MB"


def _grid(head: list[str], body: list[list[str]], foot: list[str] | None, bold: bool) -> str:
    """A table with rules above, below and under the head; the first column to the left, numbers to the right."""
    rows = [head, *body, *([foot] if foot else [])]
    widths = [max(len(row[at]) for row in rows) for at in range(len(head))]
    width = sum(widths) + 3 * (len(widths) - 1) + 2

    def line(row: list[str]) -> str:
        cells = [row[0].ljust(widths[0]), *(cell.rjust(wide) for cell, wide in zip(row[1:], widths[1:], strict=True))]
        return f" {'   '.join(cells)} "

    def strong(words: str) -> str:
        return f"\033[1m{words}\033[0m" if bold else words

    lines = ["━" * width, strong(line(head)), "─" * width, *map(line, body)]
    lines += ["─" * width, strong(line(foot))] if foot else []
    return "\n".join([*lines, "━" * width])


def _past(table: Table) -> list[str]:
    """How the estimates compare with past runs, by rule."""
    known = [line for line in table.rules.values() if line.past]
    if not known:
        return ["Past runs: none here, so the estimates are unchecked (results/benchmarks has no file of these jobs)."]
    lines = ["Past runs (results/benchmarks): seconds measured over estimated, on the machine that ran them."]
    wide = max(len(line.name) for line in known)
    for line in known:
        ratio = line.measured / line.estimated
        lines.append(
            f"  {line.name.ljust(wide)}  {line.past:>4,} of {line.jobs:,} jobs  {line.measured:>9,.0f} s measured"
            f"  {line.estimated:>9,.0f} s estimated  ratio {ratio:.2f}"
        )
    return lines


def _assumptions(plan: Plan) -> list[str]:
    gpu = plan.gpu
    facts = plan_facts
    return [
        "Assumed",
        f"  GPU         {gpu.name}: {gpu.half:g} TFLOP/s in 16 bits, {gpu.single:g} in 32, {gpu.bandwidth:g} TB/s; "
        f"{facts.USE:.0%} of it reached,",
        f"              8-bit weights at {facts.INT8:.0%} of 16-bit speed; a job holds all GPUs of its model, and they",
        "              are used one after another (layers are spread over them)",
        f"  training    {facts.BACKWARD:g}× a scoring pass; generation reads all weights once a token and "
        f"{facts.ROWS} texts, at {facts.GENERATING:.0%}",
        "              of the memory bandwidth",
        f"  texts       mean words × {facts.TOKENS_A_WORD:g} tokens; sizes from results/items where made",
        f"  start       {facts.START:g} s a job, weights read at {facts.READING:g} GB/s; downloads and queues left out",
        "  money       GPU-hours × price; CPU-hours and disk are free",
    ]


def fits(runs: Runs, gpu: plan_facts.Gpu, plan: Plan) -> list[str]:
    """One line for every model whose weights do not fit the GPUs it asks for."""
    found = []
    for name in sorted(models(runs)):
        weights, chosen = plan.weights(name), runs.config.models[name]
        needed = weights.total * weights.bytes * 1.15e-9
        if chosen.gpus and needed > chosen.gpus * gpu.memory:
            room = f"{chosen.gpus} × {gpu.memory:g} GB"
            found.append(
                f"warning: {name} needs about {needed:,.0f} GB, more than its {room}; raise models.{name}.gpus"
            )
    return found


def read(files: list[str]) -> Runs:
    """The run table of config.yaml and overlays. Raises UserError as the front door does."""
    every = ["config.yaml", *files]
    return Runs(check.load(front.read(*every), [Path(file) for file in every[::-1]]))


def main(given: list[str] | None = None) -> int:
    """Print the plan; status 2 and one line a fault where the config or an option is wrong."""
    parser = argparse.ArgumentParser(prog="plan", description=(__doc__ or "").splitlines()[0], allow_abbrev=False)
    parser.add_argument("--configfile", nargs="*", default=[], help="overlays on config.yaml, as for snakemake")
    parser.add_argument("--gpu", default="h100", help=f"one of {', '.join(plan_facts.GPUS)}")
    parser.add_argument(
        "--price", type=float, help="US dollars a GPU-hour; by default what the kind of GPU costs about"
    )
    options = parser.parse_args(given)
    try:
        if options.gpu not in plan_facts.GPUS:
            raise unknown("GPU", options.gpu, plan_facts.GPUS)
        if options.price is not None and options.price < 0:
            raise UserError(f"--price is {options.price:g}, expected 0 or more")
        gpu = plan_facts.GPUS[options.gpu]
        runs = read(options.configfile)
        plan = Plan(runs, gpu)
        page = text(plan, summed(plan), gpu.price if options.price is None else options.price, sys.stdout.isatty())
        print("\n".join([page, *fits(runs, gpu, plan)]))
    except UserError as error:
        print("\n".join(f"error: {line}" for line in str(error).splitlines()), file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
