"""Prompts as printed: the layouts of the paper, one spacing rule, free templates."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from easy2hard import prompts
from easy2hard.errors import UserError

ITEM = {
    "item_id": "x1",
    "question": "Which tool measures mass? ",
    "choices": ["a ruler", "a balance"],
    "label": 1,
    "answer": "a balance",
    "solution": "Mass is weighed.",
}
LAYOUT_0040 = "Question: Which tool measures mass?\nA) a ruler\nB) a balance\nAnswer:"


def test_0040():
    prompt = prompts.resolve("0040")
    assert prompts.render_query(prompt, ITEM) == LAYOUT_0040
    assert prompts.render_example(prompt, ITEM) == LAYOUT_0040 + " a balance"
    assert prompts.continuations(prompt, ITEM) == [" a ruler", " a balance"]
    assert prompts.render_context(prompt, ["x", "y"]) == "x\n\ny\n\n"


def test_0306():
    prompt = prompts.resolve("0306")
    assert prompts.render_example(prompt, ITEM) == "Q: Which tool measures mass?\nA: a balance"


def test_plain():
    prompt = prompts.resolve("plain")
    assert prompts.render_example(prompt, ITEM) == "Which tool measures mass? a balance"
    assert prompts.render_context(prompt, ["x"]) == "x\n"


def test_letters():
    prompt = prompts.resolve("0040")
    assert prompts.continuations(prompt, ITEM, "letter") == [" A", " B"]
    assert prompts.render_example(prompt, ITEM, "letter").endswith("Answer: B")


@pytest.mark.parametrize("name", prompts.BUILT_IN)
def test_the_spacing_rule(name):
    prompt = prompts.resolve(name)
    query = prompts.render_query(prompt, ITEM)
    assert query == query.strip() and " \n" not in query
    assert all(text.startswith(" ") and text == " " + text.strip() for text in prompts.continuations(prompt, ITEM))
    gold = prompts.continuations(prompt, ITEM)[ITEM["label"]]
    before = "" if "{solution}" not in prompt.example else " Mass is weighed. So the answer is"
    assert prompts.render_example(prompt, ITEM) == query + before + gold
    assert prompts.render_target(prompt, ITEM) == before + gold


def test_0305_shows_the_reasoning():
    prompt = prompts.resolve("0305")
    asked = "Q: Which tool measures mass?\nA:"
    assert prompts.render_query(prompt, ITEM) == asked
    assert prompts.render_example(prompt, ITEM) == asked + " Mass is weighed. So the answer is a balance"
    assert prompts.stops(prompt) == ("\n\n", "\nQ:")


def test_5305_begins_with_a_worksheet_and_may_end_step_by_step():
    query = prompts.render_query(prompts.resolve("5305"), ITEM)
    assert "Therefore, the answer is" in query and query.endswith("\n\nQ: Which tool measures mass?\nA:")
    stepwise = prompts.render_query(prompts.resolve("5305_steps"), ITEM)
    assert stepwise == query + " Let's think step by step.\n1."
    assert prompts.stops(prompts.resolve("5305")) == prompts.stops(prompts.resolve("0305_steps")) == ("\n\n", "\nQ:")


def test_stops_and_targets_of_other_templates():
    assert prompts.stops(prompts.resolve("plain")) == ()
    assert prompts.stops(prompts.resolve("0040")) == ("\n\n", "\nQuestion:")
    assert prompts.stops(prompts.resolve({"query": "{question}", "separator": " ## "})) == (" ## ",)
    with pytest.raises(UserError, match="`example` must be {query} and more"):
        prompts.render_target(prompts.resolve({"query": "{question}", "example": "{answer}"}), ITEM)
    with pytest.raises(UserError, match="item 'x1' has no solution"):
        prompts.render_target(prompts.resolve("0305"), ITEM | {"solution": None})


def test_braces_in_a_question_are_text():
    item = ITEM | {"question": "What is {choices} in {0}?"}
    assert "What is {choices} in {0}?" in prompts.render_query(prompts.resolve("0040"), item)


def test_own_template_by_name_mapping_and_json():
    spec = {"query": "{question}\n{choices}\n=", "choice": "- {text}", "example": "{query} {solution} So {answer}"}
    named = prompts.resolve("mine", {"mine": spec})
    assert named.name == "mine"
    assert prompts.render_query(named, ITEM) == "Which tool measures mass?\n- a ruler\n- a balance\n="
    assert prompts.render_example(named, ITEM).endswith("= Mass is weighed. So a balance")
    assert prompts.resolve(json.dumps(spec | {"name": "mine"})) == named == prompts.resolve(spec | {"name": "mine"})
    with pytest.raises(UserError, match="item 'x1' has no solution"):
        prompts.render_example(named, ITEM | {"solution": None})


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ("0041", "prompts: unknown prompt '0041'; allowed: 0040, 0305, .*, 0306, .*mine, plain; did you mean '0040'"),
        ({"query": "{question} "}, "prompts.custom.query: .*must not end with white space"),
        ({"query": "{text}"}, "prompts.custom.query: .*unknown field {text}; allowed: question, choices"),
        ({"query": "{question.__class__}"}, "unknown field"),
        ({"query": "{question"}, "prompts.custom.query"),
        ({"query": "{question!r}"}, "unknown field"),
        ({"query": "x", "seperator": ""}, "unknown key 'seperator'.*did you mean 'separator'"),
        ({"query": 3}, "prompts.custom.query"),
        ({}, "prompts.custom.query"),
        ("{'query': 1}", "not a JSON object"),
        ("{} 3", "not a JSON object"),
    ],
)
def test_wrong_templates(spec, message):
    with pytest.raises(UserError, match=message):
        prompts.resolve(spec, {"mine": {"query": "{question}"}})


def test_one_choice_is_an_error():
    with pytest.raises(UserError, match="item 'x1': 1 choice; scoring choices needs at least two"):
        prompts.continuations(prompts.resolve("0306"), ITEM | {"choices": ["12"]})


def test_more_choices_than_letters_is_an_error():
    with pytest.raises(UserError, match="choice number 27"):
        prompts.render_query(prompts.resolve("0040"), ITEM | {"choices": ["x"] * 27})


def test_prompts_need_no_torch():
    code = "import sys; import easy2hard.prompts; sys.exit('torch' in sys.modules or 'transformers' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": "workflow"}, check=False).returncode == 0
