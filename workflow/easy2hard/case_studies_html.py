"""Case studies as HTML. What a model wrote is hostile: all of it is escaped, cut where it is long, and freed of control
characters, so that it can neither run, nor hide, nor turn the text around it."""

from __future__ import annotations

import re
import unicodedata
from html import escape

import numpy as np
import pandas as pd

from easy2hard import html_report, solutions
from easy2hard.case_studies import GAINED, Case, Kind, Spec
from easy2hard.errors import UserError

LONGEST = 3000  # characters of a text that are shown
HEADINGS = {
    GAINED: "The majority is wrong, weighted voting is right",
    "lost": "The majority is right, weighted voting is wrong",
}
VERDICTS = {GAINED: "right where the majority is wrong", "lost": "wrong where the majority is right"}
CHECKED = {1: "checker: right", 0: "checker: first wrong step", -1: ""}


def plain(text: str, longest: int = LONGEST) -> str:
    """Text as it may be shown (not escaped yet): cut, control and direction characters replaced."""
    cut = text[:longest] + (f" … ({len(text) - longest:,} more characters)" if len(text) > longest else "")
    return "".join(
        mark if mark in "\n\t" or unicodedata.category(mark) not in ("Cc", "Cf", "Cs", "Co", "Cn") else "\ufffd"
        for mark in cut
    )


def lead(spec: Spec, problems: int, kinds: list[Kind]) -> str:
    """What the page shows and by which rule."""
    word = f"{spec.evaluator} gives every step a probability of being right; the score of a solution is " + (
        f"their aggregation “{spec.aggregation}”."
        if spec.reads == "steps"
        else "its probability at the last token alone."
    )
    counts = " and ".join(f"{VERDICTS[kind.name]} on {kind.count:,}" for kind in kinds)
    said = [
        f"Solutions by {spec.generator}, scored by {spec.evaluator} ({spec.title}; {spec.dataset}). {word} Majority "
        "voting takes the answer that most solutions give, weighted voting the one whose solutions have the largest "
        "sum of scores. The number before a step is its probability, brown where low and blue where high.",
        f"Of the {problems:,} {spec.bucket} problems with an answer, weighted voting is {counts}. Those shown were "
        f"drawn at random among them (seed {spec.seed}), not picked. Problems on which either vote is a tie are not "
        "counted.",
    ]
    made = "Generated data: these problems were made by a program, not taken from a real text."
    note = html_report.paragraph(made, "note") if spec.generated else ""
    return "\n".join(map(html_report.paragraph, said)) + note


def section(kind: Kind, spec: Spec) -> tuple[str, str]:
    """Heading and HTML of the cases of one kind."""
    body = "\n".join(_case(case, spec) for case in kind.cases)
    return HEADINGS[kind.name], body or html_report.paragraph("No problem of this kind.")


def _case(case: Case, spec: Spec) -> str:
    shown = case.answers.head(spec.answers)
    body = [
        f"<h3>Problem {escape(plain(case.item['item_id'], 80))}</h3>",
        f"<pre>{escape(plain(case.item['question']))}</pre>",
        html_report.paragraph(f"Right answer: {plain(str(case.item['answer']), 200)}"),
        _votes(case, shown),
        *(_answer(case, row, spec) for _, row in shown.iterrows()),
    ]
    return "\n".join(body)


def _votes(case: Case, shown: pd.DataFrame) -> str:
    """The table of answers, with who chooses which."""
    majority, weighted = case.answers["votes"].idxmax(), case.answers["score"].idxmax()
    rows = []
    for at, row in shown.iterrows():
        chosen = [name for name, place in (("majority", majority), ("weighted voting", weighted)) if place == at]
        right = "right" if row["correct"] else "wrong"
        answer = plain(str(row["answer"]), 120).replace("\n", " ")
        rows.append([answer, right, f"{row['votes']:,}", f"{row['score']:.3g}", ", ".join(chosen)])
    silent = int((case.samples["cluster"] < 0).sum())
    others = len(case.answers) - len(shown)
    said = f"{len(case.samples):,} solutions; {silent:,} without an answer" + (
        f"; {others:,} more answers with fewer votes" if others > 0 else ""
    )
    head = ["answer", "is", "votes", "sum of scores", "chosen by"]
    return html_report.table(head, rows, numbers=(2, 3), caption=f"{said}.")


def _answer(case: Case, row: pd.Series, spec: Spec) -> str:
    """The best-scored solutions that give an answer, folded away."""
    own = case.samples[case.samples["cluster"] == row["cluster"]]
    best = own.sort_values(["weight", "sample"], ascending=[False, True], kind="stable")
    best = best.drop_duplicates("text").head(spec.solutions)
    said = f"Answer {plain(str(row['answer']), 60)}: {len(best)} of its {len(own):,} solutions, the best-scored first"
    return html_report.details(said, "\n".join(_solution(one, spec) for _, one in best.iterrows()))


def _solution(sample: pd.Series, spec: Spec) -> str:
    """A solution step by step, each with its probability."""
    parsed = solutions.parse(solutions.resolve(spec.format), sample["text"])
    logits = np.asarray(sample["step_logits"], dtype=np.float64)
    if len(parsed.steps) != len(logits):
        raise UserError(
            f"case studies: problem {sample['item_id']}, sample {sample['sample']}: {len(parsed.steps)} steps but "
            f"{len(logits)} step scores; is 'format' that of the generator?"
        )
    labels = sample["step_labels"] if sample["step_labels"] is not None else [-1] * len(logits)
    pieces = zip(parsed.words(sample["text"]), logits, labels, strict=True)
    steps = "\n".join(_step(text, float(logit), int(label)) for text, logit, label in pieces)
    outcome = sample["outcome_logit"]
    last = "" if pd.isna(outcome) else f"; at the last token {probability(float(outcome)):.2f}"
    head = f"Sample {sample['sample']}: score {sample['weight']:.3g}{last}"
    return f'{html_report.paragraph(head)}\n<ol class="steps">\n{steps}\n</ol>'


def _step(text: str, logit: float, label: int) -> str:
    p = probability(logit)
    words = re.sub(r"\n\s*\n", "\n", plain(text))
    checked = f' <small class="checked">{CHECKED[label]}</small>' if CHECKED[label] else ""
    score = f'<span class="score s{min(4, int(5 * p))}">{p:.2f}</span>'
    return f'<li>{score} <span class="words">{escape(words)}</span>{checked}</li>'


def probability(logit: float) -> float:
    """σ of a logit."""
    return float(np.exp(-np.logaddexp(0.0, -logit)))
