"""What a job costs: seconds, GPUs, bytes on disk, from parameter counts and token counts. Assumptions: plan_facts.

Scoring takes two operations a parameter and token; training `BACKWARD` times as many. Generation reads all weights once
for every token of a batch of rows, or computes, whichever takes longer. Attention over long prompts and the bootstrap's
growth with the data are left out; texts are taken at their mean length.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

from easy2hard import paths, settings, tables
from easy2hard.config import Method
from easy2hard.errors import UserError
from easy2hard.plan_facts import (
    BACKWARD,
    CPU_FLOPS,
    DATASETS,
    FRAME,
    GENERATING,
    INT8,
    MODELS,
    READING,
    ROWS,
    SECONDS,
    START,
    TOKENS_A_WORD,
    USE,
    WORLD,
    Gpu,
    Size,
)
from easy2hard.plan_jobs import Job, models
from easy2hard.plan_reranking import RerankingCosts
from easy2hard.runs import Runs, plugin

PREDICTION = 45  # bytes of a stored prediction, compressed


@dataclass(frozen=True)
class Cost:
    """Of one job: seconds, GPUs it holds meanwhile, gigabytes it leaves."""

    seconds: float
    gpus: int = 0
    disk: float = 0.0


@dataclass(frozen=True)
class Weights:
    """Parameters (all, active), layers, width, bytes a parameter; speed as a share of 16-bit speed."""

    total: float
    active: float
    layers: int
    width: int
    bytes: float
    kind: str


@dataclass(frozen=True)
class Plan(RerankingCosts):
    """Costs of the jobs of one run on one kind of GPU."""

    runs: Runs
    gpu: Gpu

    def cost(self, job: Job) -> Cost:
        """Estimated cost of a job."""
        if job.rule in SECONDS:
            return Cost(SECONDS[job.rule], disk=1e-4)
        return getattr(self, f"_{job.rule}")(job)

    # -- models and data --------------------------------------------------------------------------------------

    def weights(self, name: str) -> Weights:
        """Size of a model. Raises UserError for a hub model whose size is not known."""
        chosen = self.runs.config.models[name]
        if chosen.hub and chosen.hub not in MODELS:
            known = ", ".join(sorted(MODELS))
            raise UserError(
                f"plan: the size of '{chosen.hub}' is not known (known: {known}); give it as a local 'path'"
            )
        size = MODELS[chosen.hub] if chosen.hub else self._local(name)
        width = {"8bit": 1.0, "4bit": 0.5}.get(chosen.quantization, 4.0 if chosen.dtype == "float32" else 2.0)
        return Weights(size[0] * 1e9, size[1] * 1e9, size[2], size[3], width, chosen.quantization or chosen.dtype)

    def downloads(self) -> float:
        """Gigabytes of the hub models that are used, in 16 bits."""
        return sum(2e-9 * self.weights(name).total for name in models(self.runs) if self.runs.config.models[name].hub)

    def _local(self, name: str) -> tuple[float, float, int, int]:
        chosen = self.runs.config.models[name]
        if chosen.pretrain:
            from easy2hard.corpora import Pretraining

            given = settings.parse(Pretraining, chosen.pretrain.options, "options")
            return count(given.hidden, given.layers, given.feed_forward, 400)
        path = Path(self.runs.located(chosen.path)) / "config.json"
        if not path.is_file():
            raise UserError(f"plan: {path} is missing, so the size of model '{name}' is not known")
        return described(json.loads(path.read_text(encoding="utf-8")))

    def size(self, dataset: str) -> Size:
        """Size of a dataset: of its items table where there is one, else as known of its loader."""
        stored = Path(paths.ITEMS.format(dataset=dataset))
        if stored.exists():
            return measured(stored)
        loader = self.runs.config.datasets[dataset].plugin
        if loader in DATASETS or loader.startswith("worlds/"):
            return DATASETS.get(loader, WORLD)
        raise UserError(
            f"plan: how large dataset '{dataset}' is, is not known; make {stored} first (snakemake {stored})"
        )

    # -- seconds ----------------------------------------------------------------------------------------------

    def _computing(self, name: str, tokens: float) -> float:
        """Seconds for a forward pass over tokens."""
        weights, chosen = self.weights(name), self.runs.config.models[name]
        if not chosen.gpus:
            return 2 * weights.active * tokens / (CPU_FLOPS * chosen.threads)
        peak = self.gpu.single if weights.kind == "float32" else self.gpu.half
        speed = USE * peak * 1e12 * (INT8 if "bit" in weights.kind else 1.0)
        return 2 * weights.active * tokens / speed

    def _writing(self, name: str, texts: float, length: float) -> float:
        """Seconds for greedy generation of texts of a length in tokens."""
        computing = self._computing(name, texts * length)
        if not self.runs.config.models[name].gpus:
            return computing
        weights = self.weights(name)
        moving = weights.total * weights.bytes / (GENERATING * self.gpu.bandwidth * 1e12)
        return max(computing, math.ceil(texts / ROWS) * length * moving)

    def _job(self, name: str, seconds: float, disk: float, gpus: int | None = None) -> Cost:
        """Of a job of a model. gpus: where it does not hold those of the model."""
        weights, held = self.weights(name), self.runs.config.models[name].gpus if gpus is None else gpus
        return Cost(START + weights.total * 2e-9 / READING + seconds, held, disk)

    # -- rules ------------------------------------------------------------------------------------------------

    def _pretrain(self, job: Job) -> Cost:
        return self._job(job["model"], BACKWARD * self._computing(job["model"], 2400 * 8 * 200), 0.001)

    def _encode(self, job: Job) -> Cost:
        size, chosen = self.size(job["dataset"]), self.runs.config.encodings[job["encoding"]]
        weights = self.weights(job["model"])
        layers = {"paper": 2, "middle": 1, "last": 1}.get(str(chosen.layers), len(chosen.layers))
        states = size.items * (size.choices if chosen.at == "choice" else 1)
        tokens = size.items * query(size) + states * answer(size)
        return self._job(job["model"], self._computing(job["model"], tokens), states * layers * weights.width * 2e-9)

    def _nll(self, job: Job) -> Cost:
        size = self.size(job["dataset"])
        tokens = size.items * words(size.question + size.choice + size.solution)
        return self._job(job["model"], self._computing(job["model"], tokens), size.items * PREDICTION * 1e-9)

    def _predict_unsupervised(self, job: Job) -> Cost:
        size, way = self.size(job["dataset"]), self.runs.config.methods[job["method"]]
        return self._job(job["model"], self._asking(job["model"], way, size), size.items * PREDICTION * 1e-9)

    def _predict(self, job: Job) -> Cost:
        split, way = self.runs.config.splits[job["split"]], self.runs.config.methods[job["method"]]
        _, measures, conditions = next(p for p in self.runs.parts(job["split"], job["method"]) if p[0] == job["part"])
        size, model = self.size(split.dataset), job["model"]
        taught = self.size(split.train_dataset or split.dataset)
        rates = sum(len(split.noise.of(name)) if split.noise else 1 for name in conditions)
        sets = len(measures) * rates * split.seeds
        disk = sets * len(way.sizes) * size.items * PREDICTION * 1e-9
        if plugin(way).NEEDS == "states":
            fitting = 1e-4 * sets * len(way.sizes) * size.items
            return Cost(START + fitting, self.runs.config.models[model].gpus, disk)
        seconds = sum(self._once(model, way, size, taught, n) for n in way.sizes) * sets
        return self._job(model, seconds, disk)

    def _once(self, model: str, way: Method, size: Size, taught: Size, n: int) -> float:
        """Seconds to train on one set of n items and to predict."""
        reasoned = way.plugin.endswith("_cot")
        if way.plugin.startswith("icl"):
            shown = n * (query(taught) + (words(taught.solution) if reasoned else answer(taught)))
            return self._computing(model, shown) + self._asking(model, way, size)
        options = settings.options_of(plugin(way), way.options)
        epochs = max(options.epochs, math.ceil(options.min_updates / math.ceil(n / options.batch)))
        length = query(taught) + (words(taught.solution) if reasoned else taught.choices * answer(taught))
        return BACKWARD * self._computing(model, n * epochs * length) + self._asking(model, way, size)

    def _asking(self, model: str, way: Method, size: Size) -> float:
        """Seconds to answer every item once."""
        if not way.plugin.endswith("_cot"):
            return self._computing(model, size.items * (query(size) + size.choices * answer(size)))
        most = settings.options_of(plugin(way), way.options).max_new
        length = min(most, words(size.solution or 50) * 1.5)
        return self._computing(model, size.items * query(size)) + self._writing(model, size.items, length)


def words(count_of_words: float) -> float:
    """Tokens of so many words."""
    return count_of_words * TOKENS_A_WORD


def query(size: Size) -> float:
    """Tokens of a prompt: question, choices where there are several, fixed words."""
    listed = size.choices * size.choice if size.choices > 2 else 0
    return words(size.question + listed) + FRAME


def answer(size: Size) -> float:
    """Tokens of a choice."""
    return max(1.0, words(size.choice))


def measured(path: Path) -> Size:
    """Size of an items table."""
    items = tables.read(path, tables.ITEMS)
    items = items[items["part"] != "hardness"]
    choices = items["choices"].explode().dropna()
    texts = [items["question"], choices, items["solution"].dropna()]
    question, choice, solution = (float(text.str.split().str.len().mean()) if len(text) else 0.0 for text in texts)
    return Size(len(items), float(items["choices"].str.len().mean()), question, choice, solution)


def count(width: int, layers: int, feed_forward: int, vocabulary: int, narrow: float = 1.0) -> tuple:
    """(billions of parameters, of active ones, layers, width) of a Llama. narrow: key-value heads a query head."""
    block = (2 + 2 * narrow) * width * width + 3 * width * feed_forward
    total = (layers * block + 2 * vocabulary * width) / 1e9
    return total, total, layers, width


def described(config: dict) -> tuple[float, float, int, int]:
    """The same of a model's config.json. Raises UserError where it does not say its width and depth."""
    try:
        width, layers = config["hidden_size"], config["num_hidden_layers"]
        heads = config["num_attention_heads"]
    except KeyError as error:
        raise UserError(f"plan: config.json has no {error}, so the size of the model is not known") from error
    narrow = config.get("num_key_value_heads", heads) / heads
    return count(width, layers, config.get("intermediate_size", 4 * width), config.get("vocab_size", 32000), narrow)
