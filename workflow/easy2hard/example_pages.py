"""The page of an experiment's prompts and worked examples, in Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from easy2hard.strict import Strict
from easy2hard.worked_examples import CHANGES, Example, Method, prompt_text

SAID = {"gained": "wrong without training, right with it", "lost": "right without, wrong with it", "kept": "right both"}
LONGEST = 4000  # characters of a prompt or a text shown


class About(Strict):
    """What an experiment's page is told."""

    title: str
    """Title of the experiment."""
    model: str
    """Model whose predictions are shown."""
    measure: str
    """Hardness measure."""
    condition: str
    """What the trained method was trained on."""
    size: int
    """Its training items."""
    methods: list[Method]
    """Methods whose prompts are shown; the first is the one without training, the second the trained one shown."""


def page(about: About, examples: Sequence[Example], shown: Sequence[dict], rows: pd.DataFrame) -> str:
    """The page. shown: training items of the trained method, in draw order; rows: `worked_examples.rows`."""
    blocks = [f"# Prompts and worked examples: {_line(about.title)}", _lead(about)]
    blocks += ["## Prompts", *_prompts(about.methods, shown, examples)]
    blocks += ["## Worked examples", _trained_on(about, shown)]
    for one in examples:
        blocks += _example(about, one, rows[rows["change"] == one.change])
    return "\n\n".join(blocks) + "\n"


def _lead(about: About) -> str:
    changes = "; ".join(SAID[change] for change in CHANGES)
    return (
        f"Model `{about.model}`, first seed. Items are test items, hard ones by `{about.measure}` where there are any, "
        f"each the first by id of its kind ({changes}): nothing was picked by hand. Very long texts are cut."
    )


def _prompts(methods: Sequence[Method], shown: Sequence[dict], examples: Sequence[Example]) -> Iterator[str]:
    for method in methods if examples else ():
        after = f", after {method.shown} examples" if method.shown else ""
        yield f"### {_line(method.title)}: the question{after}"
        yield _fenced(prompt_text(method, shown, examples[0].item))


def _trained_on(about: About, shown: Sequence[dict]) -> str:
    """How many steps the training items have: what is learnt from is easier than what is asked."""
    steps = [len(one["steps"]) for one in shown if one["steps"] is not None]
    range_of = f", solutions of {min(steps)} to {max(steps)} steps" if steps else ""
    methods = " and ".join(_line(method.title) for method in about.methods[:2])
    return f"{methods}, the latter trained on {about.size} items of `{about.condition}`{range_of}."


def _example(about: About, one: Example, rows: pd.DataFrame) -> Iterator[str]:
    yield f"### {_code(one.item['item_id'])}: {SAID[one.change]}"
    yield _fenced(str(one.item["question"]).strip())
    if one.item["steps"] is not None:
        solution = f"Reference solution, {len(one.item['steps'])} steps; the answer is {_code(one.item['answer'])}:"
        yield from (solution, _fenced(str(one.item["solution"])))
    if pd.isna(one.before["generated"]):
        yield _table(about, rows)
    for method, prediction in zip(about.methods, (one.before, one.after), strict=False):
        if not pd.isna(prediction["generated"]):
            verdict = "right" if prediction["correct"] else "wrong"
            yield f"{_line(method.title)} writes ({verdict}):"
            yield _fenced(prediction["generated"].strip() or "(nothing)")


def _table(about: About, rows: pd.DataFrame) -> str:
    head = ["choice", "right", *(_line(method.title) for method in about.methods[:2])]
    lines = [_cells(head), _cells(["---", "---", "---:", "---:"])]
    for row in rows.itertuples():
        chances = (_percent(value) for value in (row.unsupervised, row.trained))
        lines.append(_cells([_code(row.text), "yes" if row.right else "", *chances]))
    return "\n".join(lines)


def _percent(value: float) -> str:
    return "–" if pd.isna(value) else f"{value:.1%}"


def _cells(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _line(text: str) -> str:
    """A text of the config on one line."""
    return " ".join(text.split())


def _code(text: str) -> str:
    """A text of the data in code font, within a line or a cell of a table."""
    return f"`{_line(text).replace('`', chr(39)).replace('|', chr(92) + '|')}`"


def _fenced(text: str) -> str:
    """A text of the data as it is, in a block that nothing in it can end."""
    whole = text if len(text) <= LONGEST else text[:LONGEST] + " […]"
    return "```text\n" + whole.replace("```", "`\u200b``") + "\n```"
