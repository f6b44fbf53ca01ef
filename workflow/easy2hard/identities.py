"""What the datasets, methods and models of a config are called in the paper (Hase 2024)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from easy2hard import published, registry
from easy2hard.config import Config

TRAINING = "arc_all"  # not a dataset that the paper tests on, but one it trains on


def counterparts(config: Config, experiments: Iterable[str], asked: Mapping[str, str] | None = None) -> dict:
    """Settings of `counterparts.Counterparts`. `asked`: datasets of the paper beside others of ours, by our name."""
    asked = dict(asked or {})
    known = {*published.DATASETS, TRAINING}
    datasets = {name: one.plugin for name, one in config.datasets.items() if one.plugin in known}
    chosen = [config.experiments[name] for name in experiments]
    models = {name: _model(config, name) for one in chosen for name in one.models}
    return {
        "datasets": datasets | asked,
        "methods": {name: config.methods[name].plugin for one in chosen for name in one.methods},
        "models": {name: found for name, found in models.items() if found},
        "stand_ins": sorted(asked),
        "recut": sorted(_recut(config)),
    }


def _model(config: Config, name: str) -> str | None:
    chosen = config.models[name]
    return published.paper_model([chosen.hub, chosen.path])


def _recut(config: Config) -> Iterable[str]:
    """Measures whose cutoffs are the user's own."""
    for name, dataset in config.datasets.items():
        paper = registry.load("datasets", dataset.plugin).CUTOFFS
        for measure, cutoffs in dataset.cutoffs.items():
            kind = "fixed" if measure in paper else "percentiles"
            if (cutoffs.kind, cutoffs.easy, cutoffs.hard) != (kind, *paper.get(measure, (30, 70))):
                yield f"{name}/{measure}"
