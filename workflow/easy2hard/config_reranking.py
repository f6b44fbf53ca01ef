"""Config of the second study (Sun 2024): generators, samplings, evaluators, re-rankings."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from easy2hard.buckets import BUCKETS
from easy2hard.conditions import Condition, value
from easy2hard.strict import Count, Name, Strict

Aggregation = Literal["prod", "min", "max", "mean", "mean_logit", "mean_odd", "last"]


class Problems(Strict):
    """Which problems of a dataset: a part, a condition by a hardness measure, how many."""

    dataset: Name
    """Key of `datasets`."""
    part: str = "main"
    """Part of the dataset: `main` (training problems), `validation`, `test`."""
    measure: str = "level"
    """Hardness measure of `condition`."""
    condition: Condition = "all"
    """easy, medium, hard, all, or `value_5`: problems of that value and no other."""
    size: Count | None = None
    """That many of them, drawn at random; all by default."""

    @field_validator("condition")
    @classmethod
    def _of_one_pool(cls, condition: str) -> str:
        if condition not in (*BUCKETS, "all") and value(condition) is None:
            raise ValueError(f"'{condition}' mixes two pools; allowed here: easy, medium, hard, all, value_<number>")
        return condition


class Generator(Strict):
    """What writes solutions: a model prompted in context, or fine-tuned on worked solutions."""

    plugin: str
    """File name in `workflow/easy2hard/generators`."""
    title: str | None = None
    """What a reader should call it; by default the plug-in's title."""
    problems: Problems
    """Problems whose solutions it learns from, or is shown."""
    teaching: list[Name] = Field(default_factory=list)
    """Keys of `teaching`: published lessons it learns from, in place of the problems' solutions."""
    format: str | dict | None = None
    """Solution format: a built-in name or its settings; by default that of the dataset."""
    paper: dict[Name, str] = Field(default_factory=dict)
    """By model, what the paper calls this generator (`llemma_7b: SFT-7b`); its values are then shown beside ours."""
    options: dict = Field(default_factory=dict)
    """Options of the plug-in."""


class Sampling(Strict):
    """Solutions drawn from a generator."""

    generator: Name
    """Key of `generators`."""
    problems: Problems
    """Problems to solve."""
    n: Count
    """Samples a problem."""
    temperature: Annotated[float, Field(ge=0)] = 0.7
    """Temperature; 0 is greedy (then n is 1). Sun 2024, C.2: 0.7."""
    top_k: Annotated[int, Field(ge=0)] = 20
    """Only the k most probable tokens; 0: all. Sun 2024, C.2: 20."""
    top_p: Annotated[float, Field(gt=0, le=1)] = 1.0
    """Only the most probable tokens that together have this probability."""
    max_tokens: Count = 768
    """Tokens after which a sample is cut off."""
    seed: Annotated[int, Field(ge=0)] = 0
    """Tells samplings of the same problems apart; added to the run's seed by purpose."""
    engine: str = "transformers"
    """File name in `workflow/easy2hard/engines`."""
    engine_options: dict = Field(default_factory=dict)
    """Options of the engine."""
    grader: Literal["prm800k", "released", "math_verify", "exact"] | None = None
    """What decides whether an answer is right: `prm800k` (the reference), `released` (without algebra, as the released
    code of Sun 2024), `math_verify`, `exact`; by default the dataset's."""

    @model_validator(mode="after")
    def _greedy(self) -> Sampling:
        if self.temperature == 0 and self.n != 1:
            raise ValueError(f"temperature 0 is greedy, so 'n' must be 1, not {self.n}")
        return self


class Evaluator(Strict):
    """A reward model: what scores solutions, trained on solutions that are labelled."""

    plugin: str
    """File name in `workflow/easy2hard/evaluators`: orm, prm, oprm."""
    title: str | None = None
    """What a reader should call it; by default the plug-in's title."""
    samplings: list[Name] = Field(default_factory=list)
    """Keys of `samplings`: the solutions it learns from, drawn from the same model's generator."""
    teaching: list[Name] = Field(default_factory=list)
    """Keys of `teaching`: published labelled steps it learns from, beside those solutions or alone."""
    paper: dict[Name, str] = Field(default_factory=dict)
    """By model it is trained from, what the paper calls this evaluator (`llemma_7b: OPRM-7b`)."""
    options: dict = Field(default_factory=dict)
    """Options of the plug-in: its labels and its training."""

    @model_validator(mode="after")
    def _something(self) -> Evaluator:
        if not self.samplings and not self.teaching:
            raise ValueError("expected 'samplings', 'teaching' or both, to learn from")
        return self


class Reranking(Strict):
    """One table of re-ranking: samples of hard and easy problems, ranked by evaluators."""

    title: str
    """What a reader should call it."""
    models: list[Name] = Field(min_length=1)
    """Keys of `models`: what the generator was trained from."""
    replicates: bool = False
    """The models are replicates of each other (pretraining seeds): averages over them are told too."""
    sampling: Name | None = None
    """Key of `samplings`: the solutions to rank."""
    greedy: Name | None = None
    """Key of `samplings`: greedy solutions of the same problems."""
    evaluators: list[Name] = Field(default_factory=list)
    """Keys of `evaluators`."""
    judge: Name | None = None
    """Key of `models`: what the evaluators were trained from; by default each generator's own model."""
    measure: str = "level"
    """Hardness measure whose buckets and values results are told by."""
    numbers: list[Count] = Field(default_factory=lambda: [1, 4, 16, 64])
    """Numbers of samples a problem to vote with, at most those drawn."""
    subsets: Count = 400
    """Random subsets a number, without replacement."""
    weighted: list[Aggregation] = Field(default_factory=lambda: ["prod"])
    """Aggregations of step scores for weighted voting. Sun 2024, L: prod."""
    best_of_n: list[Aggregation] = Field(default_factory=lambda: ["min"])
    """Aggregations of step scores for best-of-N. Sun 2024, L: min."""
    cases: Name | None = None
    """Key of `evaluators`: a page of case studies shows how it votes on samples of the first model; none by default."""
    paper: str | None = None
    """Which figure or table of which paper this stands for."""
