"""Sampling: tokens per CPU second of ours over transformers' `generate` with `num_return_sequences`, in one run.

Same random Llama (6 layers, width 256), prompts of 200 tokens, 64 samples each, temperature 0.7, top-k 20; one token in
a hundred ends a text, so that lengths vary more than tenfold. `--small`: a model of 2 layers, width 64, prompts of 20
tokens and texts of about 10, ours alone, as the default config has them: CPU seconds for 500 problems.
Run: `PYTHONPATH=workflow:tests python tests/benchmarks/bench_sampling.py`.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np
import torch
import transformers
from bench_scoring import tokenizer_and_model
from easy2hard.models import sample
from easy2hard.models.choose import Drawing
from easy2hard.models.ends import Stop
from tiny_models import causal, word_tokenizer

FLOOR = 3.0
SMALL_SECONDS = 7.0
DRAWING = Drawing(temperature=0.7, top_k=20)


def prompts(problems: int, tokens: int, words: int) -> list[sample.Named]:
    """Named prompts of equal length, without a common beginning."""
    draw = np.random.default_rng(0)
    return [((f"p{number}",), draw.integers(4, words, tokens).tolist()) for number in range(problems)]


def theirs(model, asked: list, samples: int, most: int) -> tuple[float, list[int]]:
    """(CPU seconds, tokens a text) of `model.generate`, one prompt a call."""
    settings = {"do_sample": True, "temperature": DRAWING.temperature, "top_k": DRAWING.top_k, "top_p": 1.0}
    ends = torch.tensor(model.generation_config.eos_token_id)
    begun, lengths = time.process_time(), []
    for _, tokens in asked:
        ids = torch.tensor([tokens])
        settings |= {"max_new_tokens": most, "pad_token_id": 0, "num_return_sequences": samples}
        out = model.generate(ids, attention_mask=torch.ones_like(ids), **settings)[:, len(tokens) :]
        ended = torch.isin(out, ends)
        lengths += torch.where(ended.any(1), ended.int().argmax(1) + 1, out.shape[1]).tolist()
    return time.process_time() - begun, lengths


def ours(model, tokenizer, asked: list, samples: int, most: int) -> tuple[float, list[int]]:
    """(CPU seconds, tokens a text) of `sample.sample`, texts decoded."""
    begun = time.process_time()
    found = sample.sample(model, tokenizer, asked, samples, DRAWING, Stop((), most), 0)
    return time.process_time() - begun, [text.tokens for row in found for text in row]


def compare(problems: int, tokens: int, samples: int, most: int) -> bool:
    """Print the ratio; whether it reaches the floor."""
    tokenizer, model = tokenizer_and_model()
    model.generation_config.eos_token_id = [3, *range(100, 6000, 100)]
    asked = prompts(problems, tokens, 6000)
    ours(model, tokenizer, asked[:1], 4, 8)  # warm
    fast, lengths = ours(model, tokenizer, asked, samples, most)
    slow, expected = theirs(model, asked, samples, most)
    ratio = (sum(lengths) / fast) / (sum(expected) / slow)
    low, middle, high = np.percentile(lengths, [10, 50, 90])
    print(f"{problems} prompts x {samples}: {low:.0f} / {middle:.0f} / {high:.0f} tokens (10th, 50th, 90th percentile)")
    print(f"mean length {np.mean(lengths):.1f}, by transformers {np.mean(expected):.1f}")
    rates = f"transformers {sum(expected) / slow:.0f}, ours {sum(lengths) / fast:.0f} tokens per CPU second"
    print(f"{rates}: {ratio:.1f} times (floor {FLOOR:.0f})")
    return ratio >= FLOOR


def small(problems: int, samples: int) -> bool:
    """Print CPU seconds of the default's case; whether they are few enough."""
    tokenizer = word_tokenizer([f"w{number}" for number in range(60)])
    model = causal("llama", len(tokenizer), hidden_size=64, num_hidden_layers=2, intermediate_size=172)
    model.generation_config.eos_token_id = [3, *range(8, 64, 8)]
    seconds, lengths = ours(model, tokenizer, prompts(problems, 20, 64), samples, 24)
    print(
        f"{problems} x {samples} texts of {np.mean(lengths):.1f} tokens: {seconds:.1f} CPU s (at most {SMALL_SECONDS})"
    )
    return seconds <= SMALL_SECONDS


def main() -> int:
    """Status 1 when the ratio is below the floor, or the small case takes too long."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--problems", type=int, default=6)
    parser.add_argument("--tokens", type=int, default=200, help="of a prompt")
    parser.add_argument("--samples", type=int, default=64)
    parser.add_argument("--most", type=int, default=200, help="new tokens a text")
    parser.add_argument("--small", action="store_true")
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    if chosen.small:
        return int(not small(500, chosen.samples))
    return int(not compare(chosen.problems, chosen.tokens, chosen.samples, chosen.most))


if __name__ == "__main__":
    sys.exit(main())
