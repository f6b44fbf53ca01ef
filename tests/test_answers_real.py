"""The extractors on every gold solution of GSM8K and StrategyQA. Skipped where the files are not there."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from easy2hard import answers, prompts
from fetching import fetched

# Solutions that themselves say "the answer is …" before the cue of the prompt: the original reads the first of the two.
SAID_BEFORE = {"train/1297", "train/2291", "train/5415"}


@pytest.fixture(scope="module")
def items(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    if not (shared_data / "gsm8k").is_dir():
        pytest.skip(f"no real data: {shared_data / 'gsm8k'} is not there")
    out = tmp_path_factory.mktemp("gsm8k") / "items.parquet"
    frame, _ = fetched("gsm8k", shared_data / "gsm8k", out, hardness_items=1000)
    prompt = prompts.resolve("0305")
    queries = [prompts.render_query(prompt, item) for item in frame.to_dict("records")]
    shown = [prompts.render_example(prompt, item) for item in frame.to_dict("records")]
    return frame.assign(text=[text[len(query) :] for text, query in zip(shown, queries, strict=True)])


def test_all_gold_answers_are_recovered_from_their_own_solutions(items):
    found = [answers.choice_of(text, list(gold)) for text, gold in zip(items["text"], items["choices"], strict=True)]
    assert (len(found), sum(index == 0 for index in found)) == (8792, 8792)


def _missed(items: pd.DataFrame, texts: list[str]) -> pd.DataFrame:
    pairs = zip(texts, items["answer"], strict=True)
    return items[[not answers.legacy_right(text, gold, "number") for text, gold in pairs]]


def test_the_original_misses_commas_and_minus_signs(items):
    missed = _missed(items, [f" So the answer is {answer}" for answer in items["answer"]])
    left = missed[missed["part"] == "main"]
    assert [_signs(missed), _signs(left), len(missed), len(left)] == [(93, 5), (80, 5), 98, 85]


def test_on_whole_solutions_it_misses_those_that_say_the_answer_before_besides(items):
    plain = _missed(items, [f" So the answer is {answer}" for answer in items["answer"]])
    missed = _missed(items, list(items["text"]))
    assert set(missed["item_id"]) - set(plain["item_id"]) == SAID_BEFORE and len(missed) == 101


def _signs(missed: pd.DataFrame) -> tuple[int, int]:
    """Labels with a comma, and with a minus sign."""
    return int(missed["answer"].str.contains(",").sum()), int(missed["answer"].str.startswith("-").sum())


def test_strategyqa_answers_are_recovered_and_facts_alone_give_none(shared_data: Path, tmp_path: Path):
    if not (shared_data / "strategyqa").is_dir():
        pytest.skip(f"no real data: {shared_data / 'strategyqa'} is not there")
    frame, _ = fetched("strategyqa", shared_data / "strategyqa", tmp_path / "items.parquet")
    prompt, choices = prompts.resolve("0305"), ["yes", "no"]
    rows = frame.to_dict("records")
    found = [answers.choice_of(prompts.render_target(prompt, item), choices) for item in rows]
    assert sum(index == item["label"] for index, item in zip(found, rows, strict=True)) == len(rows) == 2290
    assert {answers.choice_of(item["solution"], choices) for item in rows} == {-1}
