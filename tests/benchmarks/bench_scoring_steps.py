"""Scores of all steps of 64 samples a problem: CPU time of one forward pass a step over ours, in one run.

Same random evaluator (Llama), batches by length on both sides; the logits must agree to 1e-4. The ratio is that of
different solutions; what scoring equal ones once gives besides is printed apart. Run:
`PYTHONPATH=workflow:tests python tests/benchmarks/bench_scoring_steps.py`.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np
import torch
import transformers
from easy2hard import solutions
from easy2hard.models import judge
from easy2hard.models.evaluator import Evaluator
from easy2hard.models.pairs import Pairs
from tiny_models import word_tokenizer

FLOOR = 3.0
LAYOUT = solutions.Format(name="bench", prompt="{question} :", joiner=" ; ", breaks=" ; ", answer=" = ")
WORDS = [f"w{number}" for number in range(400)]


def evaluator_and_tokenizer() -> tuple[Evaluator, transformers.PreTrainedTokenizerBase]:
    """A random evaluator: 4 layers, width 128."""
    tokenizer = word_tokenizer([*WORDS, ":", ";", "="])
    config = transformers.LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=128,
        intermediate_size=256,
        num_hidden_layers=4,
        num_attention_heads=4,
        max_position_embeddings=512,
    )
    torch.manual_seed(0)
    made = Evaluator(transformers.LlamaModel(config)).eval().requires_grad_(False)
    made.head.weight.normal_()
    return made, tokenizer


def problems(count: int, samples: int) -> list[tuple[str, str]]:
    """(question, solution) of invented words: questions of 30 to 60, three to eight steps of 6 to 20; half are equal to
    another one of the same question."""
    draw = np.random.default_rng(0)

    def words(least: int, most: int) -> str:
        return " ".join(draw.choice(WORDS, draw.integers(least, most + 1)))

    made = []
    for _ in range(count):
        question = words(30, 60)
        texts = [" ; ".join(words(6, 20) for _ in range(draw.integers(3, 9))) for _ in range(samples // 2)]
        made += [(question, f"{text} = {words(1, 1)}") for text in texts]
    return made


def a_pass_a_step(made: Evaluator, readings: list[judge.Reading]) -> list[np.ndarray]:
    """The same logits, each from a forward pass that ends where it is read."""
    parts = [judge.Reading(one.ids[: place + 1], np.array([place])) for one in readings for place in one.places]
    values = np.concatenate(judge.read(made, parts))
    return np.split(values, np.cumsum([len(one.places) for one in readings])[:-1])


def timed(work, *given: object) -> tuple[float, list[np.ndarray]]:
    """(CPU seconds, result)."""
    start = time.process_time()
    found = work(*given)
    return time.process_time() - start, found


def main() -> int:
    """Print the ratio; status 1 when it is below the floor or the logits differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--problems", type=int, default=12)
    parser.add_argument("--samples", type=int, default=64)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    made, tokenizer = evaluator_and_tokenizer()
    asked = problems(chosen.problems, chosen.samples)
    sources = [solutions.prompt(LAYOUT, question) for question, _ in asked]
    pairs = Pairs(tokenizer).encode(sources, [text for _, text in asked])
    readings = [judge.reading(pair, LAYOUT, text) for pair, (_, text) in zip(pairs, asked, strict=True)]
    judge.read(made, readings[:20])  # warm
    fast, found = timed(judge.read, made, readings)
    doubled, _ = timed(judge.read, made, readings * 2)
    slow, expected = timed(a_pass_a_step, made, readings)
    apart = max(float(np.abs(one - two).max()) for one, two in zip(found, expected, strict=True))
    steps = sum(len(one.places) for one in readings)
    print(f"{len(readings)} different solutions of {chosen.problems} problems, {steps} steps; apart by {apart:.1e}")
    print(f"a pass a step {slow:.2f} s CPU, ours {fast:.2f} s CPU: {slow / fast:.1f} times (floor {FLOOR:.0f})")
    print(f"each drawn twice: scored once {fast:.2f} s, scored twice {doubled:.2f} s: {doubled / fast:.1f} times")
    return 0 if apart <= 1e-4 and slow / fast >= FLOOR else 1


if __name__ == "__main__":
    sys.exit(main())
