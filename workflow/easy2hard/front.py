"""The front door: what the Snakefile needs and no rule does. Checks the config and names the targets."""

from __future__ import annotations

import os
import shlex
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NoReturn

from easy2hard import apart, check, identities_reranking, paths
from easy2hard.config_errors import read_yaml
from easy2hard.errors import UserError
from easy2hard.runs import Runs

WILDCARDS = ("dataset", "measure", "split", "world", "model", "encoding", "method", "experiment", "figure")
WILDCARDS += ("generator", "sampling", "evaluator", "judge", "reranking", "teaching")
BY_MODELS = "(?:mdl|nll)_[a-z0-9_-]+"  # measures read from models
BY_ITEMS = "(?!mdl_|nll_)[a-z0-9][a-z0-9_-]*"  # measures computed from the items
BY_NONE = apart.MEASURE  # training sets drawn without regard to hardness
BY_MEASURE = f"(?!{BY_NONE}[.])[a-z0-9][a-z0-9_-]*"
NAMES = dict.fromkeys(WILDCARDS, "[a-z0-9][a-z0-9_-]*") | {"part": "[a-z0-9][a-z0-9_.-]*"}


def runs(settings: dict, files: Iterable[Path | str] = ()) -> Runs:
    """The run table of a config; a fault ends the program with one line each and status 2, before any job."""
    files = [Path(file) for file in files]
    try:
        for file in files:
            read_yaml(file)
        return Runs(check.load(settings, files))
    except UserError as error:
        _end(error)


def _end(error: UserError) -> NoReturn:
    for line in str(error).splitlines():
        print(f"error: {line}", file=sys.stderr)
    sys.stderr.flush()
    os._exit(2)  # a SystemExit would be wrapped in Snakemake's own traceback


def readable(file: Path | str) -> None:
    """End the program with one line, naming file and line, where a config file is not YAML."""
    try:
        read_yaml(file)
    except UserError as error:
        _end(error)


def read(*files: Path | str) -> dict:
    """Settings of several files, merged as Snakemake does: mappings are merged, lists and values replaced."""
    merged: dict = {}
    for file in files:
        merge(merged, read_yaml(file))
    return merged


def merge(into: dict, given: dict) -> None:
    """Put settings into others, in place: mappings are merged, lists and values replaced."""
    for key, value in given.items():
        if isinstance(value, dict) and isinstance(into.get(key), dict):
            merge(into[key], value)
        else:
            into[key] = value


def shell_prefix(folder: Path | str, offline: bool) -> str:
    """What every job's shell begins with: strict mode, the library on the path, the hub out of reach when offline.

    Braces are doubled, as Snakemake formats the text. None of it is identity: no job reruns for it.
    """
    hub = "export HF_HUB_OFFLINE=1; " if offline else ""
    library = shlex.quote(str(Path(folder) / "workflow"))
    return f"set -euo pipefail; export PYTHONPATH={library}${{{{PYTHONPATH:+:$PYTHONPATH}}}} PYTHONHASHSEED=0; {hub}"


def more(amount: int) -> Callable[[object, int], int]:
    """Function of a job's wildcards and attempt: memory or runtime, which a retry on a cluster asks more of."""
    return lambda wildcards, attempt: amount * attempt


def hardness(table: Runs) -> list[str]:
    """Files of the target `hardness`: tables, cards and correlations of the selected datasets."""
    chosen = table.config.select.datasets
    files = [file for name in chosen for file in table.measure_files(name)]
    return files + [paths.CARD.format(dataset=name) for name in chosen] + table.correlation_files()


def splits(table: Runs) -> list[str]:
    """Files of the target `splits`."""
    return [file for name in table.config.select.splits for file in table.split_files(name)]


def figure_files(table: Runs, kind: str) -> list[str]:
    """One format of the selected figures."""
    return [paths.FIGURE[kind].format(figure=name) for name in table.config.select.figures]


def captions(table: Runs) -> list[str]:
    """Captions of the selected figures, in the order of the figures."""
    return [paths.CAPTION.format(figure=name) for name in table.config.select.figures]


def cards(table: Runs) -> list[str]:
    """Data cards of the selected datasets."""
    return [paths.CARD.format(dataset=name) for name in table.config.select.datasets]


def examples(table: Runs) -> list[str]:
    """Pages of prompts and worked examples, in the order of the experiments."""
    return [paths.EXAMPLES.format(experiment=name) for name in table.with_examples()]


def published(name: str) -> str:
    """A file of the papers' facts, shipped with the project."""
    return shipped("published", name)


def published_reranking() -> list[str]:
    """The second paper's values, shipped with the project."""
    return [published(name) for name in identities_reranking.FILES]


def overlay(table: Runs, figure: str) -> list[str]:
    """The paper's values, for a figure that shows them."""
    chosen = table.config.figures[figure]
    if not chosen.published:
        return []
    return published_reranking() if chosen.rerankings else [published("hase2024.csv")]


def report_inputs(table: Runs) -> dict[str, str | list[str]]:
    """What the report is written from; that of the second study only where a re-ranking is selected."""
    found: dict[str, str | list[str]] = {
        "figures": figure_files(table, "svg"),
        "captions": captions(table),
        "results": paths.RESULTS,
        "tables": [paths.RESULTS_CSV],
        "cards": cards(table),
        "examples": examples(table),
        "claims": paths.CLAIMS,
        "published": paths.PUBLISHED,
    }
    if not table.config.select.rerankings:
        return found
    return found | {
        "tables": [paths.RESULTS_CSV, *paths.RERANKING_TABLES.values()],
        "reranked": paths.ALL_RERANKED,
        "diagnosed": paths.ALL_DIAGNOSED,
        "published_reranking": paths.PUBLISHED_RERANKING,
        "claims_reranking": paths.CLAIMS_RERANKING,
        "case_studies": [paths.CASES.format(reranking=name) for name in table.with_cases()],
    }


def shipped(folder: str, *names: str) -> str:
    """A file of the project that is not code, from where the run is: no absolute path in any record."""
    return os.path.relpath(Path(__file__).parents[1].joinpath(folder, *names))


def inputs(files: Mapping[str, str | list[str]]) -> dict[str, str | list[str]]:
    """Named input files for Snakemake, which keeps the name `items` to itself."""
    return {"table" if name == "items" else name: found for name, found in files.items()}


def options(files: Mapping[str, str | list[str]], leave: tuple[str, ...] = ()) -> str:
    """Named input files as shell-quoted options, without those to leave out and those that are empty."""
    given = {name: [found] if isinstance(found, str) else found for name, found in files.items() if name not in leave}
    return " ".join(f"--{name.replace('_', '-')} {shlex.join(found)}" for name, found in given.items() if found)


def figures(table: Runs) -> list[str]:
    """Files of the target `figures`: four formats and a caption each."""
    kinds = [*paths.FIGURE.values(), paths.CAPTION]
    return [kind.format(figure=name) for name in table.config.select.figures for kind in kinds]


def reranked(table: Runs) -> list[str]:
    """Tables of re-ranking, where any is selected."""
    found = [paths.ALL_RERANKED_CSV, paths.PUBLISHED_RERANKING_CSV, paths.CLAIMS_RERANKING_TEXT]
    return found if table.config.select.rerankings else []


def claims(table: Runs) -> list[str]:
    """Files of the target `claims`."""
    second = [paths.CLAIMS_RERANKING, paths.CLAIMS_RERANKING_TEXT] if table.config.select.rerankings else []
    return [paths.CLAIMS, paths.CLAIMS_TEXT, *second]


def everything(table: Runs) -> list[str]:
    """Files of the target `all`."""
    return [
        *hardness(table),
        *splits(table),
        *figures(table),
        *reranked(table),
        paths.RESULTS,
        paths.PUBLISHED_CSV,
        *claims(table),
        paths.REPORT,
    ]
