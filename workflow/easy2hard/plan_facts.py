"""What a plan assumes: GPUs, models, datasets, seconds of small jobs. Rough figures; the plan prints those it used."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Gpu:
    """A GPU: dense 16-bit and 32-bit TFLOP/s, memory bandwidth in TB/s, memory in GB (makers' data sheets)."""

    name: str
    half: float
    single: float
    bandwidth: float
    memory: float
    price: float
    """US dollars an hour that are assumed where none is given."""


GPUS = {
    "v100": Gpu("V100 32 GB", 125, 15.7, 0.9, 32, 1.0),
    "a100": Gpu("A100 80 GB", 312, 19.5, 2.0, 80, 1.8),
    "l40s": Gpu("L40S 48 GB", 362, 91.6, 0.86, 48, 1.2),
    "h100": Gpu("H100 80 GB", 989, 67, 3.35, 80, 2.5),
    "h200": Gpu("H200 141 GB", 989, 67, 4.8, 141, 3.5),
}
# Billions of parameters (all, and those active for a token), layers, width; from the models' own descriptions.
MODELS = {
    "huggyllama/llama-7b": (6.74, 6.74, 32, 4096),
    "meta-llama/Llama-2-7b-hf": (6.74, 6.74, 32, 4096),
    "meta-llama/Llama-2-13b-hf": (13.02, 13.02, 40, 5120),
    "meta-llama/Llama-2-70b-hf": (68.98, 68.98, 80, 8192),
    "meta-llama/Llama-2-70b-chat-hf": (68.98, 68.98, 80, 8192),
    "mistralai/Mistral-7B-v0.1": (7.24, 7.24, 32, 4096),
    "mistralai/Mixtral-8x7B-v0.1": (46.7, 12.9, 32, 4096),
    "Qwen/Qwen-72B": (72.29, 72.29, 80, 8192),
    "tiiuae/falcon-7b": (7.22, 7.22, 32, 4544),
    "EleutherAI/llemma_7b": (6.74, 6.74, 32, 4096),
    "EleutherAI/llemma_34b": (33.74, 33.74, 48, 8192),
    "adept/persimmon-8b-base": (9.4, 9.4, 36, 4096),
}


@dataclass(frozen=True)
class Size:
    """A dataset: items that are predicted, choices an item, mean words of question, choice and solution."""

    items: int
    choices: float
    question: float
    choice: float
    solution: float = 0.0


# Counted on the official files.
DATASETS = {
    "arc": Size(3521, 4.0, 19.8, 3.9),
    "arc_all": Size(4521, 4.0, 19.8, 3.9),
    "mmlu_stem5": Size(1746, 4.0, 29.5, 5.0),
    "strategyqa": Size(2290, 2.0, 9.6, 1.0, 29.9),
    "gsm8k": Size(7792, 1.0, 45.3, 1.0, 49.9),
    "math": Size(12500, 1.0, 33.0, 1.0, 78.0),
}
PARTS = {"math": {"main": 11500, "validation": 500, "test": 500}}  # problems by part
TAUGHT = {  # tokens of a published training set, of all levels, estimated from the sizes of its files
    ("prm800k", "lessons"): 7e7,
    ("prm800k", "labelled"): 1.4e8,
    ("metamath", "lessons"): 3e8,
    ("math_shepherd", "labelled"): 8e7,
}
STEPWISE = {"lessons": 2.5, "labelled": 1.6}  # as many tokens without `one_pass`, counted on records of PRM800K
WORLD_PARTS = {"main": 6000, "validation": 500, "test": 500}
SHARES = {"all": 1.0, "easy": 0.48, "hard": 0.52, "medium": 0.0}  # of the problems, by condition (MATH)
WORLD = Size(1200, 3.0, 12.0, 1.0, 20.0)
TOKENS_A_WORD = 1.4  # of a byte-pair tokenizer, marks and line breaks of the prompt included
FRAME = 8  # tokens of a prompt's fixed words
USE = 0.35  # share of a GPU's peak that scoring and training reach
INT8 = 0.5  # speed of 8-bit or 4-bit weights against 16-bit ones
BACKWARD = 3.0  # a training pass over an inference pass: forward, backward, activations computed again
GENERATING = 0.4  # share of the memory bandwidth that greedy generation reaches
ROWS = 64  # texts generated at once
CPU_FLOPS = 1e10  # of one thread, for models without a GPU
READING = 1.0  # GB of weights loaded a second
START = 20.0  # seconds until torch and transformers are there
SECONDS = {  # of jobs without a model, on one core
    "fetch": 8.0,
    "annotate": 2.0,
    "annotate_by_models": 6.0,
    "card": 2.0,
    "correlate": 2.0,
    "split": 4.0,
    "split_apart": 4.0,
    "corpus": 7.0,
    "evaluate": 12.0,
    "collect": 3.0,
    "grade": 20.0,
    "label": 5.0,
    "teach": 120.0,
    "rerank": 30.0,
    "collect_reranked": 3.0,
    "check_reranking_claims": 3.0,
    "compare_reranking": 3.0,
    "tabulate_reranking": 3.0,
    "case_studies": 3.0,
    "check_claims": 3.0,
    "compare": 3.0,
    "plot": 12.0,
    "examples": 3.0,
    "write_report": 3.0,
}
