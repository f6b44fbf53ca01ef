"""What jobs finished after Snakemake was killed: recorded where nothing changed since, else removed. Needs no Slurm."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import house
from easy2hard import cluster

MADE = ["results/items/qa.parquet", "results/hardness/qa/level.parquet"]


def forget(folder: Path) -> None:
    """Remove Snakemake's records, as if it had not lived to write them."""
    records = [path for path in (folder / cluster.RECORDS).rglob("*") if path.is_file()]
    assert records
    for path in records:
        path.unlink()


def test_kept_with_its_record_or_removed(tree, monkeypatch, capsys):
    arguments = (MADE[1], "--config", "seed=1")
    house.snakemake(tree, *arguments)
    monkeypatch.chdir(tree)
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    forget(tree)
    assert cluster.unrecorded(MADE) == MADE
    cluster.take_over({"identity": cluster.identity(arguments)}, arguments)
    assert cluster.unrecorded(MADE) == [] and "kept, made after" in capsys.readouterr().out
    forget(tree)
    cluster.take_over({"identity": cluster.identity((MADE[1], "--config", "seed=2"))}, arguments)
    assert not any(Path(name).exists() for name in MADE) and "removed, made by" in capsys.readouterr().out
