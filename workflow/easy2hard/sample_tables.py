"""Tables of the second study: sampled solutions, their grades, what evaluators learn from, scores, re-ranking."""

from __future__ import annotations

import pyarrow as pa

from easy2hard.tables import Table

SAMPLES = Table(
    "samples",
    {"item_id": pa.string(), "sample": pa.int32(), "text": pa.string(), "tokens": pa.int32(), "ended": pa.string()},
    key=("item_id", "sample"),
)
"""text: the solution without end token and stop string. tokens: written ones, the end token included. ended: `eos`,
`stop` (at a stop string) or `length` (cut off)."""

GRADES = Table(
    "grades",
    {
        "item_id": pa.string(),
        "sample": pa.int32(),
        "answer": pa.string(),
        "correct": pa.bool_(),
        "cluster": pa.int32(),
        "step_labels": pa.list_(pa.int8()),
    },
    key=("item_id", "sample"),
    # No answer: null, not correct, cluster -1. step_labels: null where the dataset has no step checker.
    nullable=frozenset({"answer", "step_labels"}),
)
"""answer: as extracted by the solution format. cluster: number of the class of equivalent answers within the item, by
first appearance in the order of the samples. step_labels: one a step as `solutions.parse` cuts it: 1 right, 0 the first
wrong one, -1 not labelled (after the first error)."""

LESSONS = Table(
    "lessons",
    {
        "item_id": pa.string(),
        "example": pa.string(),
        "source": pa.string(),
        "target": pa.string(),
        "ends": pa.bool_(),
    },
    key=("item_id", "example"),
)
"""What a generator is trained on, an example a row: `lessons.Lesson`, with a name for it that stands once."""

LABELLED = Table(
    "labelled",
    {
        "item_id": pa.string(),
        "example": pa.string(),
        "question": pa.string(),
        "text": pa.string(),
        "starts": pa.list_(pa.int32()),
        "stops": pa.list_(pa.int32()),
        "labels": pa.list_(pa.float32()),
    },
    key=("item_id", "example"),
)
"""What an evaluator is trained on: a (partial) solution `text` with labelled spans of characters [start, stop) of it,
label 1 (good) or 0. Characters in no span carry no loss. Spans of one row do not overlap."""

SCORES = Table(
    "scores",
    {
        "item_id": pa.string(),
        "sample": pa.int32(),
        "step_logits": pa.list_(pa.float32()),
        "outcome_logit": pa.float32(),
    },
    key=("item_id", "sample"),
    # A solution without text has no scores.
    nullable=frozenset({"outcome_logit"}),
)
"""step_logits: one a step as `solutions.parse` cuts it. outcome_logit: at the last token of the solution."""

RERANKED = Table(
    "reranked",
    {
        "reranking": pa.string(),
        "dataset": pa.string(),
        "generator": pa.string(),
        "model": pa.string(),
        "evaluator": pa.string(),
        "judge": pa.string(),
        "method": pa.string(),
        "aggregation": pa.string(),
        "measure": pa.string(),
        "test_on": pa.string(),
        "n": pa.int32(),
        "metric": pa.string(),
        "value": pa.float64(),
        "spread": pa.float64(),
        "low": pa.float64(),
        "high": pa.float64(),
        "p_value": pa.float64(),
        "n_items": pa.int32(),
        "n_models": pa.int32(),
        "exact": pa.bool_(),
    },
    key=(
        *("reranking", "dataset", "generator", "model", "evaluator", "judge"),
        *("method", "aggregation", "measure", "test_on", "n", "metric"),
    ),
    nullable=frozenset({"value", "spread", "low", "high", "p_value"}),
)
"""evaluator, judge (the model the evaluator was trained from), aggregation: "" where there is none. model: of the
generator; "*" where replicates are averaged (n_models of them). method: greedy, sampled, majority, weighted, best_of_n,
pass_at_n, random. test_on: easy, medium, hard, all, `value 3` (of the measure), `subject Algebra`. metric: accuracy, or
minus_majority (paired by item; low, high and p_value say whether it is resolved). spread: standard deviation over
random subsets of n samples, as the papers shade it; low, high: bootstrap over items (and replicates). exact: closed
form."""

DIAGNOSED = Table(
    "diagnosed",
    {
        "reranking": pa.string(),
        "dataset": pa.string(),
        "generator": pa.string(),
        "model": pa.string(),
        "evaluator": pa.string(),
        "judge": pa.string(),
        "other": pa.string(),
        "measure": pa.string(),
        "test_on": pa.string(),
        "metric": pa.string(),
        "value": pa.float64(),
        "low": pa.float64(),
        "high": pa.float64(),
        "n": pa.int32(),
    },
    key=("reranking", "dataset", "generator", "model", "evaluator", "judge", "other", "measure", "test_on", "metric"),
    nullable=frozenset({"value", "low", "high"}),
)
"""metric: step_accuracy, step_auc, outcome_accuracy, outcome_auc (over n steps or solutions), agreement (with `other`,
an evaluator or "final_answer": share of solutions on which both say the same)."""
