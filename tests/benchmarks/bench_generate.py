"""Greedy generation: tokens per CPU second of ours over transformers' `generate` item by item, in one run.

Same random Llama, same prompts (in-context examples before each question), same end tokens (one in fifty, so that
texts end at different lengths); the texts must be the same.
Run: `PYTHONPATH=workflow:tests python tests/benchmarks/bench_generate.py`.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np
import torch
import transformers
from bench_scoring import tokenizer_and_model
from easy2hard.models import generate

FLOOR = 2.0


def prompts(items: int, context: int, question: int) -> list[list[int]]:
    """Token lists: one context for all, then a question of half to one and a half times the given length."""
    draw = np.random.default_rng(0)
    shared = draw.integers(4, 6000, context).tolist()
    lengths = draw.integers(question // 2, 3 * question // 2 + 1, items)
    return [shared + draw.integers(4, 6000, length).tolist() for length in lengths]


def theirs(model, tokenizer, stems: list[list[int]], stop: generate.Stop) -> tuple[float, int, list[str]]:
    """(CPU seconds, tokens, texts) of `model.generate`, one prompt a call."""
    begun, tokens, texts = time.process_time(), 0, []
    settings = {"do_sample": False, "max_new_tokens": stop.most, "pad_token_id": 0}
    for stem in stems:
        ids = torch.tensor([stem])
        out = model.generate(ids, attention_mask=torch.ones_like(ids), **settings)[0, len(stem) :]
        tokens += len(out)
        ended = int(out[-1]) in model.generation_config.eos_token_id
        texts.append(tokenizer.decode(out[: len(out) - ended], skip_special_tokens=True))
    return time.process_time() - begun, tokens, texts


def ours(model, tokenizer, stems: list[list[int]], stop: generate.Stop, rows: int) -> tuple[float, int, list[str]]:
    """(CPU seconds, tokens, texts) of `generate.generate`."""
    begun = time.process_time()
    found = generate.generate(model, tokenizer, stems, stop, rows)
    seconds = time.process_time() - begun
    return seconds, sum(one.tokens for one in found), [one.text for one in found]


def main() -> int:
    """Print the ratio; status 1 when it is below the floor or a text differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=32)
    parser.add_argument("--context", type=int, default=700, help="tokens of the shared examples; 0: zero-shot")
    parser.add_argument("--question", type=int, default=50)
    parser.add_argument("--most", type=int, default=60, help="new tokens a text")
    parser.add_argument("--rows", type=int, default=generate.ROWS_CPU)
    chosen = parser.parse_args()
    torch.set_num_threads(1)
    transformers.logging.set_verbosity_error()
    tokenizer, model = tokenizer_and_model()
    model.generation_config.eos_token_id = [3, *range(50, 6000, 50)]
    stems, stop = prompts(chosen.items, chosen.context, chosen.question), generate.Stop((), chosen.most)
    ours(model, tokenizer, stems[:2], stop, chosen.rows)  # warm
    fast, tokens, texts = ours(model, tokenizer, stems, stop, chosen.rows)
    slow, expected_tokens, expected = theirs(model, tokenizer, stems, stop)
    apart = sum(text != other for text, other in zip(texts, expected, strict=True))
    ratio = (tokens / fast) / (expected_tokens / slow)
    print(f"{chosen.items} texts, {tokens} tokens behind {chosen.context} + {chosen.question}; {apart} texts differ")
    rates = f"transformers {expected_tokens / slow:.0f}, ours {tokens / fast:.0f} tokens per CPU second"
    print(f"{rates}: {ratio:.1f} times (floor {FLOOR:.0f})")
    return 0 if apart == 0 and tokens == expected_tokens and ratio >= FLOOR else 1


if __name__ == "__main__":
    sys.exit(main())
