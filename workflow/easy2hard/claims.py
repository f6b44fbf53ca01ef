"""Claims of a paper judged by stored results. An interval decides: it supports, it refutes, or it leaves open.

Verdicts: `holds` (the whole interval satisfies the rule), `fails` (the whole interval contradicts it), `not resolved`
(the interval has values of both kinds), `not testable` (no such result, or no interval, or an undefined ratio).
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Literal

import pandas as pd
import yaml
from pydantic import Field, ValidationError, model_validator

from easy2hard import sample_tables, tables
from easy2hard.claim_estimates import ESTIMATES, WHERE
from easy2hard.errors import UserError, unknown
from easy2hard.strict import Strict

HOLDS, FAILS, OPEN, UNTESTABLE = "holds", "fails", "not resolved", "not testable"
ALLOWED = {
    "metric": (
        *("accuracy", "ece", "brier", "label_confidence", "gap"),
        *("sgr", "minus_hard", "minus_unsupervised", "minus_majority"),
    ),
    "condition": ("unsupervised", "easy", "medium", "hard", "all", "easy_and_hard"),
    "test_on": ("easy", "medium", "hard", "all"),
    "part": ("main", "held_out"),
}
KINDS = {
    "results": tables.RESULTS,
    "accuracy_by_value": tables.ACCURACY_BY_VALUE,
    "correlations": tables.CORRELATIONS,
    "reranked": sample_tables.RERANKED,
}
COLUMNS = [
    "claim",
    "scope",
    "verdict",
    *WHERE,
    "value",
    "low",
    "high",
    "n_items",
    "n_seeds",
    "rule",
    "reason",
    "statement",
    "source",
    "refuted_by",
]


class Rule(Strict):
    """What the interval must satisfy."""

    kind: Literal["above", "at_least", "at_most", "within"]
    """`above` value (touching it is not enough), `at_least` value, `at_most` value, or `within` −value … value."""
    value: float
    """The bound, in the unit of the metric."""
    min_items: Annotated[int, Field(ge=1)] = 1
    """accuracy_by_value: values of the measure with fewer items are passed over."""

    @model_validator(mode="after")
    def _positive(self) -> Rule:
        if self.kind == "within" and self.value <= 0:
            raise ValueError("'within' expects a value above 0")
        return self


class Claim(Strict):
    """One claim: where it is stated, which rows test it, what they must show."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    """Short name."""
    statement: str
    """The claim, in our words."""
    source: str
    """Page, figure or table."""
    table: Literal["results", "accuracy_by_value", "correlations", "reranked"] | None = None
    """The table that is filtered; none for a claim that no single row can test."""
    select: dict[str, list[str]] = {}
    """Allowed values by column."""
    rule: Rule | None = None
    """What the interval must satisfy."""
    needs: str | None = None
    """In place of table, select and rule: what results would be needed to test it."""
    refuted_by: str
    """What would refute it."""

    @model_validator(mode="after")
    def _testable_or_not(self) -> Claim:
        testable = self.table is not None and self.rule is not None
        partly = self.table is not None or self.rule is not None or bool(self.select)
        if testable == (self.needs is not None) or partly != testable:
            raise ValueError("expected either 'table', 'select' and 'rule', or 'needs'")
        return self


class Claims(Strict):
    """The claims of one paper."""

    paper: str
    """The paper."""
    claims: Annotated[list[Claim], Field(min_length=1)]
    """Its claims."""


def load(path: Path | str) -> Claims:
    """Read and check a file of claims. Raises UserError with file, line or key, and what is wrong."""
    try:
        found = Claims.model_validate(yaml.safe_load(Path(path).read_text(encoding="utf-8")))
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from error
    except yaml.YAMLError as error:
        raise UserError(f"{path}: not YAML ({error})") from error
    except ValidationError as error:
        first = error.errors()[0]
        raise UserError(f"{path}: {'.'.join(map(str, first['loc'])) or 'top level'}: {first['msg']}") from error
    _check(found, str(path))
    return found


def _check(found: Claims, path: str) -> None:
    ids = [claim.id for claim in found.claims]
    for name in ids:
        if ids.count(name) > 1:
            raise UserError(f"{path}: two claims have the id '{name}'")
    for claim in found.claims:
        for column, values in claim.select.items():
            place = f"{path}: claim '{claim.id}', select"
            if column not in KINDS[claim.table].columns:
                raise unknown("column", column, KINDS[claim.table].columns, place)
            for value in values:
                if column in ALLOWED and value not in ALLOWED[column]:
                    raise unknown(column, value, ALLOWED[column], place)


def verdict(rule: Rule, low: float, high: float) -> str:
    """What an interval says of a rule."""
    if math.isnan(low) or math.isnan(high):
        return UNTESTABLE
    bottom = {"at_most": -math.inf, "within": -rule.value}.get(rule.kind, rule.value)
    top = rule.value if rule.kind in ("at_most", "within") else math.inf
    if high < bottom or low > top:
        return FAILS
    touches = rule.kind == "above" and low == bottom
    return HOLDS if bottom <= low and high <= top and not touches else OPEN


def overall(verdicts: list[str]) -> str:
    """The verdict over settings: fails if it fails in one, holds if it holds in all that can test it."""
    tested = [found for found in verdicts if found != UNTESTABLE]
    if not tested:
        return UNTESTABLE
    return FAILS if FAILS in tested else HOLDS if set(tested) == {HOLDS} else OPEN


def judge(found: Claims, stored: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """One row a claim (scope `overall`), followed by one a setting (scope `setting`), with `COLUMNS`.

    stored: the tables by the names of `KINDS`. The columns of a setting that a table lacks are empty. Raises UserError
    where a claim's table is not among them.
    """
    for claim in found.claims:
        if claim.table and claim.table not in stored:
            raise UserError(f"claim '{claim.id}' is judged by the table '{claim.table}', which was not given")
    rows = [row for claim in found.claims for row in (_judge(claim, stored) if claim.table else [_untestable(claim)])]
    return pd.DataFrame(rows, columns=COLUMNS)


def _untestable(claim: Claim) -> dict:
    about = {"statement": claim.statement, "source": claim.source, "refuted_by": claim.refuted_by}
    reason = f"needs {claim.needs}"
    return {"claim": claim.id, "scope": "overall", "verdict": UNTESTABLE, "rule": "none", "reason": reason, **about}


def _judge(claim: Claim, stored: dict[str, pd.DataFrame]) -> list[dict]:
    table = stored[claim.table]
    for column, allowed in claim.select.items():
        table = table[table[column].astype(str).isin(allowed)]
    settings = [_setting(claim, row) for row in ESTIMATES[claim.table](table, claim.rule.min_items).to_dict("records")]
    counts = pd.Series([row["verdict"] for row in settings], dtype=object).value_counts()
    said = ", ".join(f"{name} in {counts[name]}" for name in (HOLDS, FAILS, OPEN, UNTESTABLE) if name in counts)
    about = {"statement": claim.statement, "source": claim.source, "refuted_by": claim.refuted_by}
    reason = f"{said} (settings: {len(settings)})" if settings else "no result matches"
    return [
        {
            "claim": claim.id,
            "scope": "overall",
            "verdict": overall([row["verdict"] for row in settings]),
            "rule": _say(claim.rule),
            "reason": reason,
            **about,
        },
        *settings,
    ]


def _setting(claim: Claim, row: dict) -> dict:
    found = verdict(claim.rule, row["low"], row["high"]) if row["defined"] else UNTESTABLE
    reason = {
        HOLDS: "the interval supports it",
        FAILS: "the interval refutes it",
        OPEN: "the interval has values for and against",
        UNTESTABLE: "no interval" if row["defined"] else "undefined: no gap to recover",
    }[found]
    return {"claim": claim.id, "scope": "setting", "verdict": found, "rule": _say(claim.rule), "reason": reason, **row}


def _say(rule: Rule) -> str:
    return f"within ±{rule.value:g}" if rule.kind == "within" else f"{rule.kind.replace('_', ' ')} {rule.value:g}"
