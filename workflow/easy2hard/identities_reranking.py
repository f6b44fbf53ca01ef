"""What the generators and evaluators of a config are called in Sun et al. 2024, as a figure's `published` says.

`published: {sft_easy: SFT-7b, oprm: OPRM-7b}` names them; `sft_easy/small: SFT-7b` one model of several, and
`oprm/large: OPRM-34b` an evaluator that was trained from that model. Nothing is guessed: no config says by itself that
it trains what the paper trained.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from easy2hard import published_reranking
from easy2hard.config import Config
from easy2hard.errors import nearest

FILES = ("sun2024_curves.csv", "sun2024_tables.csv", "sun2024_reward_models.csv")
REAL = "math"  # dataset plug-in of the problems that the paper tests on


def files() -> list[Path]:
    """The paper's values, in the order in which they go before each other."""
    return [Path(__file__).parents[1] / "published" / name for name in FILES]


def counterparts(config: Config, rerankings: Iterable[str], asked: Mapping[str, str]) -> dict:
    """Settings of `counterparts.Counterparts` for figures of these re-rankings."""
    chosen = [config.rerankings[name] for name in rerankings]
    samplings = {name for one in chosen for name in (one.sampling, one.greedy) if name}
    tested = {config.samplings[name].problems.dataset for name in samplings}
    return {
        "generators": {name: paper for name, paper in asked.items() if _base(name) in config.generators},
        "evaluators": {name: paper for name, paper in asked.items() if _base(name) in config.evaluators},
        "stand_ins": sorted(name for name in tested if config.datasets[name].plugin != REAL),
    }


def faults(config: Config, asked: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """(name of ours, reason) of every name on either side that does not exist."""
    for name, paper in asked.items():
        base, _, model = name.partition("/")
        kind = "generator" if base in config.generators else "evaluator"
        ours = [*config.generators, *config.evaluators]
        if base not in ours:
            yield name, f"unknown generator or evaluator '{base}'{nearest(base, ours)}"
        elif model and model not in config.models:
            yield name, f"unknown model '{model}'{nearest(model, config.models)}"
        elif paper not in (known := published_reranking.names(files(), kind)):
            yield name, f"the paper has no {kind} '{paper}'; it has {', '.join(known)}{nearest(paper, known)}"


def _base(name: str) -> str:
    return name.partition("/")[0]
