"""The config: typed, strict, every key described. Lists select, mappings define.

`load` turns the merged mapping into a `Config` or raises one UserError with every fault on its own line, each with
the key, its place, what is allowed and the nearest match. Nothing is read at import but pydantic.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from easy2hard.conditions import Condition, Noise
from easy2hard.config_reranking import Evaluator, Generator, Reranking, Sampling
from easy2hard.config_source import Revision, Source
from easy2hard.config_teaching import Teaching
from easy2hard.model_kinds import Kind
from easy2hard.strict import Count, Name, Strict

Percent = Annotated[float, Field(ge=0, le=100)]


class Cutoffs(Strict):
    """Where easy ends and hard begins: values, or percentiles of the items that may be trained on."""

    kind: Literal["fixed", "percentiles"]
    """`fixed`: easy and hard are values of the measure; `percentiles`: percentages of the items."""
    easy: float
    """Easy is at most this."""
    hard: float
    """Hard is at least this (and not easy)."""

    @model_validator(mode="after")
    def _ordered(self) -> Cutoffs:
        if self.easy >= self.hard:
            raise ValueError(f"easy ({self.easy:g}) must be below hard ({self.hard:g})")
        if self.kind == "percentiles" and not (self.easy >= 0 and self.hard <= 100):
            raise ValueError("percentiles lie between 0 and 100")
        return self


class ModelMeasure(Strict):
    """A hardness measure read from models: MDL (Hase 2024, §2.1) or the likelihood of a text (§2.2)."""

    method: Name | None = None
    """MDL: key of `methods`; one minus its mean confidence in the right choice, over its sizes and all seeds."""
    split: Name | None = None
    """MDL by a supervised method: key of `splits`, one with `pool: hardness`."""
    text: Literal["question", "answer", "reasoning"] | None = None
    """Negative log-likelihood of this text, in place of MDL."""
    models: list[Name]
    """Keys of `models`, averaged."""
    average: Literal["raw", "normed"] = "raw"
    """`raw`: mean over the models; `normed`: each model's values are first stretched to 0–1 over part `main`."""
    title: str | None = None
    """What a reader should call it; by default from the method or the text."""

    @model_validator(mode="after")
    def _one(self) -> ModelMeasure:
        if (self.method is None) == (self.text is None):
            raise ValueError("expected exactly one of 'method' and 'text'")
        if self.text and self.split:
            raise ValueError("'split' belongs to a 'method'")
        return self


class Dataset(Strict):
    """A dataset: its loader, its source, the hardness measures to write."""

    plugin: str
    """Loader: a file name in `workflow/easy2hard/datasets` (without .py)."""
    source: Source | None = None
    """Where the records come from; none for a generated world."""
    options: dict = Field(default_factory=dict)
    """Options of the loader."""
    measures: list[str] = Field(default_factory=list)
    """Hardness measures to write; file names in `workflow/easy2hard/hardness`, or keys of `model_measures`."""
    model_measures: dict[Name, ModelMeasure] = Field(default_factory=dict)
    """Measures read from models, by name: `mdl_…` by a method, `nll_…` of a text."""
    cutoffs: dict[str, Cutoffs] = Field(default_factory=dict)
    """Cutoffs by measure, in place of the paper's."""
    prompt: str = "0040"
    """Prompt template: a built-in name or a key of `prompts`."""


class Pretraining(Strict):
    """A tiny model pretrained as a rule of the DAG on the corpus of a generated world."""

    world: Name
    """Key of `datasets`: the generated world whose corpus is read."""
    options: dict = Field(default_factory=dict)
    """Options of the pretraining (size, learning rate, gate)."""


class TrainingResources(Strict):
    """What a job that trains a generator or evaluator asks for, where other jobs of the model need something else."""

    gpus: Annotated[int, Field(ge=0)] | None = None
    """GPUs."""
    threads: Count | None = None
    """CPU threads."""
    mem_mb: Count | None = None
    """Memory in MB."""
    runtime: Count | None = None
    """Minutes."""


class Model(Strict):
    """A language model: pretrained in the DAG, in a local folder, or on the hub."""

    pretrain: Pretraining | None = None
    """Pretrain it here on a generated world."""
    path: str | None = None
    """Local folder with config.json, *.safetensors and the tokenizer; relative paths start at `data_root`."""
    hub: str | None = None
    """Hub id, for example `meta-llama/Llama-2-7b-hf`."""
    revision: Revision | None = None
    """Commit of the hub repository, 40 hexadecimal digits; without one the newest is used, with a warning."""
    kind: Kind = "causal"
    """`causal` scores and generates text from left to right; `encoder_decoder` does so in its decoder; `encoder` gives
    hidden states only (method `probe`)."""
    dtype: Literal["float32", "bfloat16", "float16"] = "float32"
    """Number format of the weights."""
    device: str = "auto"
    """`auto` (a GPU when there is one), `cpu`, `cuda`, `cuda:0` …"""
    quantization: Literal["8bit", "4bit"] | None = None
    """Load in 8 or 4 bits; needs bitsandbytes and a GPU."""
    trust_remote_code: bool = False
    """Run Python code that comes with the model. Off unless you trust its authors with your account."""
    gpus: Annotated[int, Field(ge=0)] = 0
    """GPUs a job of this model asks for."""
    threads: Count = 1
    """CPU threads a job of this model asks for."""
    mem_mb: Count = 4000
    """Memory in MB a job of this model asks for."""
    runtime: Count = 60
    """Minutes a job of this model asks for."""
    training: TrainingResources = Field(default_factory=TrainingResources)
    """The same of jobs that train a generator or evaluator from it, which need more: gradients, AdamW's state."""

    @model_validator(mode="after")
    def _one(self) -> Model:
        if sum(given is not None for given in (self.pretrain, self.path, self.hub)) != 1:
            raise ValueError("expected exactly one of 'pretrain', 'path' and 'hub'")
        if self.revision and not self.hub:
            raise ValueError("'revision' belongs to a 'hub' model")
        return self


class Encoding(Strict):
    """Which hidden states to keep."""

    at: Literal["choice", "question_end"] = "choice"
    """`choice`: last token of prompt and choice, one state a choice; `question_end`: last token of the prompt."""
    layers: Literal["paper", "middle", "last"] | list[int] = "paper"
    """`paper`: the middle and the last one (Hase 2024, §4.5); one of them; or indices, 0 being the embeddings."""
    pooling: Literal["last", "mean", "cls"] | None = None
    """Which token is read: the last, the mean over tokens, the first; by default last, for encoders mean."""
    prompt: str | None = None
    """Prompt template in place of the dataset's."""


class Method(Strict):
    """A way to supervise a model, with its sizes and options."""

    plugin: str
    """File name in `workflow/easy2hard/methods`."""
    title: str | None = None
    """What a reader should call it; by default the plug-in's title."""
    sizes: list[Count] = Field(default_factory=list)
    """Training sizes; each must be among the sizes of the split. Empty for an unsupervised method."""
    prompt: str | None = None
    """Prompt template in place of the dataset's."""
    encoding: str | None = None
    """Key of `encodings`, for a method that reads hidden states."""
    options: dict = Field(default_factory=dict)
    """Options of the method."""


class Test(Strict):
    """Which items test."""

    kind: Literal["complement", "stratified"] = "complement"
    """`complement`: everything outside the training set; `stratified`: a capped draw balanced over the buckets."""
    n: Count | None = None
    """Items of the stratified draw (Hase 2024, §3.2)."""

    @model_validator(mode="after")
    def _size(self) -> Test:
        if (self.n is None) != (self.kind == "complement"):
            raise ValueError("'n' is expected with kind 'stratified', and only there")
        return self


class Split(Strict):
    """Training and test sets: which dataset, by which measures, how many, how often."""

    dataset: Name
    """Dataset that tests, and trains unless `train_dataset` says otherwise."""
    train_dataset: Name | None = None
    """Another dataset to train on."""
    pool: Literal["main", "hardness"] = "main"
    """Where training items come from: part `main`, or the items held apart for MDL (then by no measure, `all` only)."""
    measures: list[str] = Field(default_factory=list)
    """Hardness measures to split by; none with `pool: hardness`."""
    train_measure: str | None = None
    """Measure of the training dataset, with `train_dataset`; else the same as the test's."""
    conditions: list[Condition] = Field(default_factory=lambda: ["easy", "hard", "all"])
    """Training conditions: easy, medium, hard, all, easy_and_hard; `value_3` (items whose measure is 3 and no other);
    `mix_30` (30 % hard, 70 % easy items)."""
    sizes: list[Count]
    """Training sizes; sets are nested."""
    seeds: Count = 5
    """Number of draws."""
    test: Test = Field(default_factory=Test)
    """Which items test."""
    reserve: Annotated[int, Field(ge=0)] | None = None
    """A pool must hold this many items more than the largest size (§3.2); by default 50, or 0 with `train_dataset`."""
    standardize: bool = False
    """The same test size for every condition (Hase 2024, §3.3)."""
    noise: Noise | None = None
    """Wrong labels in the training sets: every method of the split trains on every rate."""
    legacy: bool = False
    """Draw as the code released with Hase et al. 2024 does: training points by NumPy's process-wide generator."""

    @model_validator(mode="before")
    @classmethod
    def _apart(cls, given: object) -> object:
        """Items held apart have no buckets: the only condition is `all`."""
        if isinstance(given, dict) and given.get("pool") == "hardness":
            return {"conditions": ["all"], **given}
        return given


class Experiment(Strict):
    """Models × methods on one split."""

    title: str
    """What a reader should call it."""
    split: Name
    """Key of `splits`."""
    models: list[Name]
    """Keys of `models`."""
    methods: list[Name]
    """Keys of `methods`."""
    unsupervised: Name | None = None
    """Key of `methods`: the floor of Supervision Gap Recovered; none for encoders, which cannot be prompted."""
    oracle: Name | None = None
    """Key of `experiments`: for training on another dataset, the experiment on the dataset tested whose hard-trained
    runs are what SGR and minus_hard compare with."""
    paper: str | None = None
    """Which figure or table of which paper this stands for."""


class Figure(Strict):
    """A figure: its plug-in and what it shows."""

    plugin: str
    """File name in `workflow/easy2hard/figures`."""
    experiments: list[Name] = Field(default_factory=list)
    """Keys of `experiments` it shows; empty for figures of hardness alone."""
    datasets: list[Name] = Field(default_factory=list)
    """Keys of `datasets` it shows, for figures of hardness alone."""
    rerankings: list[Name] = Field(default_factory=list)
    """Keys of `rerankings` it shows, for figures of re-ranking."""
    options: dict = Field(default_factory=dict)
    """Options of the plug-in."""
    paper: str | None = None
    """Which figure or table of which paper this stands for."""
    published: bool | dict[str, str] = False
    """Draw the paper's values beside ours where dataset, measure, method and training are the same. A mapping asks for
    those of another dataset of the paper beside one of ours, a generated world for instance: `qa: mmlu_stem5`. In a
    figure of re-rankings: of a generator or evaluator of the paper, `sft_easy: SFT-7b`, `oprm/large: OPRM-34b`."""


class Statistics(Strict):
    """Block bootstrap."""

    resamples: Annotated[int, Field(ge=100)] = 10_000
    """Bootstrap resamples."""
    level: Annotated[float, Field(gt=0, lt=1)] = 0.95
    """Confidence level of every interval."""


class Selection(Strict):
    """What the targets make: lists of keys."""

    datasets: list[Name] = Field(default_factory=list)
    """Datasets of the target `hardness`."""
    splits: list[Name] = Field(default_factory=list)
    """Splits of the target `splits`."""
    experiments: list[Name] = Field(default_factory=list)
    """Experiments of the target `claims` and of the results table."""
    rerankings: list[Name] = Field(default_factory=list)
    """Re-rankings of the target `claims` and of the tables of re-ranking."""
    figures: list[Name] = Field(default_factory=list)
    """Figures of the targets `figures` and `report`."""


class Config(Strict):
    """Everything a run depends on."""

    seed: Annotated[int, Field(ge=0)] = 0
    """Base of every random draw."""
    offline: bool = False
    """Never ask the hub; use only what is cached or local."""
    data_root: str = "."
    """Folder that relative dataset and model paths start at."""
    datasets: dict[Name, Dataset]
    """Datasets by name."""
    prompts: dict[Name, dict] = Field(default_factory=dict)
    """Prompt templates by name, beside the built-in ones."""
    models: dict[Name, Model] = Field(default_factory=dict)
    """Models by name."""
    encodings: dict[Name, Encoding] = Field(default_factory=dict)
    """Hidden-state encodings by name."""
    methods: dict[Name, Method] = Field(default_factory=dict)
    """Methods by name."""
    splits: dict[Name, Split] = Field(default_factory=dict)
    """Splits by name."""
    experiments: dict[Name, Experiment] = Field(default_factory=dict)
    """Experiments by name."""
    generators: dict[Name, Generator] = Field(default_factory=dict)
    """Generators by name: what writes solutions."""
    teaching: dict[Name, Teaching] = Field(default_factory=dict)
    """Published training sets by name: what generators and evaluators may learn from."""
    samplings: dict[Name, Sampling] = Field(default_factory=dict)
    """Samplings by name: solutions drawn from generators."""
    evaluators: dict[Name, Evaluator] = Field(default_factory=dict)
    """Evaluators by name: what scores solutions."""
    rerankings: dict[Name, Reranking] = Field(default_factory=dict)
    """Re-rankings by name."""
    figures: dict[Name, Figure] = Field(default_factory=dict)
    """Figures by name."""
    statistics: Statistics = Field(default_factory=Statistics)
    """Bootstrap settings."""
    select: Selection
    """What the targets make."""
