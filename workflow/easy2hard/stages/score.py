"""Stage `score`: what an evaluator thinks of every step and of the outcome of each sample."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from easy2hard import fingerprint, sample_tables, scratch, solutions, tables
from easy2hard.command import command
from easy2hard.errors import UserError
from easy2hard.solutions import Format


def distinct(samples: pd.DataFrame, items: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray]:
    """(item_id, text, question) of each different solution of an item, and of each sample which it is; -1: no text.

    Raises UserError for a sample of an unknown item.
    """
    unknown = set(samples["item_id"]) - set(items["item_id"])
    if unknown:
        raise UserError(f"score: {len(unknown)} items of the samples are not among the items, such as {min(unknown)}")
    worded = samples["text"].str.strip() != ""
    unique = samples.loc[worded, ["item_id", "text"]].drop_duplicates(ignore_index=True)
    number = unique.reset_index(names="number")
    which = samples[["item_id", "text"]].merge(number, how="left", validate="many_to_one")["number"]
    asked = unique.merge(items[["item_id", "question"]], how="left", validate="many_to_one")
    return asked, which.fillna(-1).to_numpy(int)


def rows(samples: pd.DataFrame, which: np.ndarray, logits: list[np.ndarray], unfinished: float | None) -> pd.DataFrame:
    """SCORES of the samples. unfinished: what replaces the last logit of one that was cut off."""
    cut = (samples["ended"] == "length").to_numpy() & (which >= 0) & (unfinished is not None)
    steps = [logits[number] if number >= 0 else np.empty(0, np.float32) for number in which]
    for number in np.nonzero(cut)[0]:
        steps[number] = np.append(steps[number][:-1], np.float32(unfinished))
    outcomes = [own[-1] if len(own) else np.nan for own in steps]
    columns = {"step_logits": steps, "outcome_logit": np.array(outcomes, np.float32)}
    return samples[["item_id", "sample"]].assign(**columns)


def prompts(asked: pd.DataFrame, layout: Format) -> list[str]:
    """The prompt of each solution."""
    return [solutions.prompt(layout, question) for question in asked["question"]]


@command
def main(samples: Path, items: Path, evaluator: Path, format: str, out: Path, model_spec: dict | None = None) -> None:
    """Write the SCORES table. evaluator: folder that train_evaluator wrote. A job that was killed goes on."""
    from easy2hard.models import judge, load
    from easy2hard.models.evaluator import load_evaluator
    from easy2hard.models.pairs import Pairs

    spec, layout = model_spec or {}, solutions.read(format)
    drawn = tables.read(samples, sample_tables.SAMPLES)
    asked, which = distinct(drawn, tables.read(items, tables.ITEMS))
    model, record = load_evaluator(evaluator, spec)
    pairs = Pairs(load.load_tokenizer(evaluator, spec)).encode(prompts(asked, layout), list(asked["text"]))
    readings = [judge.reading(pair, layout, text) for pair, text in zip(pairs, asked["text"], strict=True)]
    identity = {
        "code": fingerprint.fingerprint("stages.score"),
        "evaluator": load.model_fingerprint(evaluator, spec),
        "format": layout.model_dump(mode="json"),
        "spec": spec,
    }
    with scratch.folder(out, identity, (samples, items)) as state:
        logits = judge.read(model, readings, state)
        scored = rows(drawn, which, logits, record["options"]["unfinished"])
        tables.write(scored, out, sample_tables.SCORES, {"solutions": len(asked), "samples": len(drawn)})
    print(f"scored {len(asked):,} different solutions of {len(drawn):,} samples", file=sys.stderr)
