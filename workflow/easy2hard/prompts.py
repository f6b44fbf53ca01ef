"""Prompts: one rendering for every model (Hase 2024, §4.1 of the specification).

Spacing rule, the same for all tokenizers: a query never ends with a space, a continuation begins with one, and both
are tokenised together. DEVIATION: the original leaves a stray space before each line break of the in-context
examples, and cuts or keeps the space after "Answer:" by the name of the model; here there are neither.
"""

from __future__ import annotations

import json
import string
from collections.abc import Mapping
from typing import Literal

import pydantic

from easy2hard.errors import UserError, unknown
from easy2hard.strict import Strict

LETTERS = string.ascii_uppercase
QUERY_FIELDS = ("question", "choices")
EXAMPLE_FIELDS = ("query", "joiner", "answer", "solution", *QUERY_FIELDS)
CHOICE_FIELDS = ("letter", "text")
AnswerAs = Literal["text", "letter"]


class Prompt(Strict):
    """A prompt template. Braces name fields; `{{` and `}}` are literal braces."""

    name: str
    """Name of the template, as it appears in run names and logs."""
    query: str
    """What precedes the answer, of {question} and {choices}; must not end with white space."""
    example: str = "{query}{joiner}{answer}"
    """One answered example, of {query}, {joiner}, {answer}, {solution}, {question} and {choices}."""
    choice: str = "{letter}) {text}"
    """One line of {choices}, of {letter} and {text}."""
    separator: str = "\n\n"
    """What stands between two examples, and between the last example and the query."""
    joiner: str = " "
    """What joins the query and the answer; the continuation that is scored begins with it."""
    cue: str = ""
    """The bare cue after which PMI normalisation reads the prior of a choice; empty: PMI cannot be used."""

    @pydantic.field_validator("query", "example", "choice")
    @classmethod
    def _fields_known(cls, template: str, info: pydantic.ValidationInfo) -> str:
        allowed = {"query": QUERY_FIELDS, "example": EXAMPLE_FIELDS, "choice": CHOICE_FIELDS}[info.field_name]
        for _, field, spec, conversion in string.Formatter().parse(template):
            if field is not None and (field not in allowed or spec or conversion):
                raise ValueError(f"unknown field {{{field}}}; allowed: {', '.join(allowed)}")
        return template

    @pydantic.field_validator("query", "cue")
    @classmethod
    def _no_final_space(cls, text: str) -> str:
        if text != text.rstrip():
            raise ValueError("must not end with white space: the answer's `joiner` supplies it")
        return text


WITH_REASONING = "{query} {solution} So the answer is {answer}"
STEP_BY_STEP = "\nA: Let's think step by step.\n1."
# Our wording of the worksheet that precedes a zero-shot question (0305's layout follows it).
WORKSHEET = (
    "Work through the problem below by filling in this worksheet. Put one step on each line.\n"
    "[\n1. <first step and its result>\n2. <second step and its result>\n...\n"
    "Therefore, the answer is <number>\n]\nNow you try!\n\n"
)


BUILT_IN = {
    prompt.name: prompt
    for prompt in (
        Prompt(name="0040", query="Question: {question}\n{choices}\nAnswer:", cue="Answer:"),
        Prompt(name="0306", query="Q: {question}\nA:", cue="A:"),
        Prompt(name="0305", query="Q: {question}\nA:", example=WITH_REASONING),
        Prompt(name="5305", query=WORKSHEET + "Q: {question}\nA:", example=WITH_REASONING),
        Prompt(name="0305_steps", query="Q: {question}" + STEP_BY_STEP, example=WITH_REASONING),
        Prompt(name="5305_steps", query=WORKSHEET + "Q: {question}" + STEP_BY_STEP, example=WITH_REASONING),
        Prompt(name="plain", query="{question}", separator="\n"),
    )
}


def resolve(spec: str | Mapping, defined: Mapping[str, Mapping] | None = None) -> Prompt:
    """The template of a name (built in, or among `defined`), of a mapping, or of a JSON object.

    Raises UserError for a name that does not exist and for a template with a wrong key or field.
    """
    if isinstance(spec, Mapping):
        return _from_mapping({"name": "custom", **spec})
    if spec.lstrip().startswith("{"):
        return resolve(_from_json(spec))
    own = defined or {}
    if spec in own:
        return _from_mapping({"name": spec, **own[spec]})
    if spec in BUILT_IN:
        return BUILT_IN[spec]
    raise unknown("prompt", spec, [*BUILT_IN, *own], "prompts")


def render_query(prompt: Prompt, item: Mapping) -> str:
    """The item's question as the model reads it, up to where the answer begins; no white space at the end."""
    question = str(item["question"]).strip()
    return prompt.query.format(question=question, choices=_choice_lines(prompt, item)).rstrip()


def render_example(prompt: Prompt, item: Mapping, answer_as: AnswerAs = "text") -> str:
    """The item with its correct answer, as a demonstration in context."""
    if "{solution}" in prompt.example and not isinstance(item["solution"], str):
        raise UserError(f"prompt '{prompt.name}': item '{item['item_id']}' has no solution, which the template shows")
    return prompt.example.format(
        query=render_query(prompt, item),
        joiner=prompt.joiner,
        answer=_shown(item["answer"].strip(), int(item["label"]), answer_as),
        solution=item.get("solution"),
        question=str(item["question"]).strip(),
        choices=_choice_lines(prompt, item),
    )


def continuations(prompt: Prompt, item: Mapping, answer_as: AnswerAs = "text") -> list[str]:
    """What is scored after the query, one text a choice, each beginning with the template's joiner.

    Raises UserError for an item with fewer than two choices: a choice alone is always "right".
    """
    choices = [str(choice).strip() for choice in item["choices"]]
    if len(choices) < 2:
        raise UserError(
            f"item '{item['item_id']}': {len(choices)} choice; scoring choices needs at least two (use a method that "
            "generates the answer)"
        )
    return [prompt.joiner + _shown(text, index, answer_as) for index, text in enumerate(choices)]


def render_target(prompt: Prompt, item: Mapping) -> str:
    """What follows the query in a demonstration: reasoning and answer, as a model is taught to write them.

    Raises UserError where the template's example does not begin with the query, or the item has no solution.
    """
    query, example = render_query(prompt, item), render_example(prompt, item)
    if not example.startswith(query) or example == query:
        raise UserError(f"prompt '{prompt.name}': `example` must be {{query}} and more for a model to be taught it")
    return example[len(query) :]


def stops(prompt: Prompt) -> tuple[str, ...]:
    """Strings that end a generated answer: the separator where it is a blank line or more than blanks, and the line
    that begins the next question."""
    head = prompt.query.partition("{")[0].rsplit("\n", 1)[-1].strip()
    found = [prompt.separator] if prompt.separator.strip() or "\n\n" in prompt.separator else []
    return (*found, "\n" + head) if head else tuple(found)


def render_context(prompt: Prompt, examples: list[str]) -> str:
    """Demonstrations joined, with the separator that precedes the query; empty for none."""
    return "".join(example + prompt.separator for example in examples)


def _choice_lines(prompt: Prompt, item: Mapping) -> str:
    if "{choices}" not in prompt.query + prompt.example:
        return ""
    texts = (str(choice).strip() for choice in item["choices"])
    return "\n".join(prompt.choice.format(letter=_letter(index), text=text) for index, text in enumerate(texts))


def _shown(text: str, index: int, answer_as: AnswerAs) -> str:
    return _letter(index) if answer_as == "letter" else text


def _letter(index: int) -> str:
    if index >= len(LETTERS):
        raise UserError(f"choice number {index + 1}: letters name at most {len(LETTERS)} choices")
    return LETTERS[index]


def _from_json(text: str) -> Mapping:
    try:
        found = json.loads(text)
    except json.JSONDecodeError as error:
        raise UserError(f"prompt: not a JSON object ({error})") from error
    return found


def _from_mapping(spec: Mapping) -> Prompt:
    try:
        return Prompt.model_validate(dict(spec))
    except pydantic.ValidationError as error:
        first = error.errors()[0]
        place = ".".join(["prompts", str(spec["name"]), *map(str, first["loc"])])
        if first["type"] == "extra_forbidden":
            raise unknown("key", first["loc"][-1], Prompt.model_fields, place) from error
        raise UserError(f"{place}: {first['msg']}") from error
