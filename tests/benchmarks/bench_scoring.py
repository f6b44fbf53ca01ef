"""k-shot choice scoring: CPU time of lm-evaluation-harness 0.4.13's HFLM over ours, in one run on one machine.

Same random Llama, same tokenizer, same requests (a prompt of about 700 tokens, four choices); the log-probabilities
must agree to 1e-4. Run: `PYTHONPATH=workflow:tests python tests/benchmarks/bench_scoring.py`.
"""

from __future__ import annotations

import argparse
import importlib.util
import sys
import time

import numpy as np
import torch
import transformers
from easy2hard import prompts
from easy2hard.models import score
from tiny_models import word_tokenizer

FLOOR = 10.0
NEEDS = "this benchmark needs lm-evaluation-harness: pip install lm-eval==0.4.13 (better in its own environment)"
LAYOUT = ["Question:", "Answer:", "A)", "B)", "C)", "D)"]
Texts = list[list[str]]


def tokenizer_and_model(words: int = 6000) -> tuple[transformers.PreTrainedTokenizerBase, torch.nn.Module]:
    """A word-level tokenizer and a random Llama: 6 layers, width 256."""
    tokenizer = word_tokenizer([f"w{number}" for number in range(words)] + LAYOUT)
    config = transformers.LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=256,
        intermediate_size=688,
        num_hidden_layers=6,
        num_attention_heads=8,
        max_position_embeddings=2048,
    )
    torch.manual_seed(0)
    return tokenizer, transformers.LlamaForCausalLM(config).eval()


def requests(items: int, shots: int, answer: tuple[int, int]) -> tuple[str, list[str], Texts]:
    """Context of `shots` invented examples, queries, and four continuations of `answer` words each."""
    draw = np.random.default_rng(0)
    prompt = prompts.resolve("0040")

    def words(least: int, most: int) -> str:
        return " ".join(f"w{number}" for number in draw.integers(0, 6000, draw.integers(least, most + 1)))

    made = [
        {"item_id": str(number), "question": words(15, 30), "choices": [words(*answer) for _ in range(4)], "label": 0}
        for number in range(items + shots)
    ]
    shown = [prompts.render_example(prompt, item | {"answer": item["choices"][0]}) for item in made[:shots]]
    asked = made[shots:]
    queries = [prompts.render_query(prompt, item) for item in asked]
    return prompts.render_context(prompt, shown), queries, [prompts.continuations(prompt, item) for item in asked]


def harness(model, tokenizer, context: str, queries: list[str], texts: Texts, batch: int) -> tuple[float, list]:
    """(CPU seconds, log-probabilities) of HFLM."""
    from lm_eval.api.instance import Instance
    from lm_eval.models.huggingface import HFLM

    hflm = HFLM(pretrained=model, tokenizer=tokenizer, batch_size=batch, device="cpu", max_length=2048)
    pairs = [(context + query, text) for query, choices in zip(queries, texts, strict=True) for text in choices]
    asked = [Instance("loglikelihood", {}, pair, number) for number, pair in enumerate(pairs)]
    start = time.process_time()
    found = [value for value, _ in hflm.loglikelihood(asked, disable_tqdm=True)]
    seconds = time.process_time() - start
    return seconds, [np.array(found[at : at + 4]) for at in range(0, len(found), 4)]


def ours(model, tokenizer, context: str, queries: list[str], texts: Texts) -> tuple[float, list]:
    """(CPU seconds, log-probabilities) of `score.choice_log_probs`, tokenisation included."""
    start = time.process_time()
    found = score.choice_log_probs(model, tokenizer, context, queries, texts)
    return time.process_time() - start, found


def main() -> int:
    """Print the ratio; status 1 when it is below the floor or the scores differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--items", type=int, default=40)
    parser.add_argument("--shots", type=int, default=13)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--answer", type=int, nargs=2, default=(2, 6), help="least and most words of a choice")
    chosen = parser.parse_args()
    if importlib.util.find_spec("lm_eval") is None:
        print(NEEDS, file=sys.stderr)
        return 2
    torch.set_num_threads(1)
    tokenizer, model = tokenizer_and_model()
    asked = requests(chosen.items, chosen.shots, tuple(chosen.answer))
    ours(model, tokenizer, asked[0], asked[1][:2], asked[2][:2])  # warm
    fast, found = ours(model, tokenizer, *asked)
    slow, expected = harness(model, tokenizer, *asked, batch=chosen.batch)
    apart = max(float(np.abs(a - b).max()) for a, b in zip(found, expected, strict=True))
    length = len(tokenizer(asked[0] + asked[1][0])["input_ids"])
    print(f"{chosen.items} items, prompt {length} tokens, 4 choices; scores apart by at most {apart:.1e}")
    print(f"HFLM {slow:.2f} s CPU, ours {fast:.2f} s CPU: {slow / fast:.1f} times (floor {FLOOR:.0f})")
    return 0 if apart <= 1e-4 and slow / fast >= FLOOR else 1


if __name__ == "__main__":
    sys.exit(main())
