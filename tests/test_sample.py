"""Sampling: the exact distribution, draws that no batch changes, the same texts as by transformers' `generate`."""

from __future__ import annotations

import collections
import itertools
import warnings

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from easy2hard.models import choose, generate, sample, shared_prompt, tree  # noqa: E402
from easy2hard.models.choose import Drawing  # noqa: E402
from easy2hard.models.ends import Stop  # noqa: E402
from scipy.stats import chisquare  # noqa: E402
from tiny_models import FAMILIES, causal, merging_tokenizer, word_tokenizer  # noqa: E402
from transformers import LogitsProcessorList, TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper  # noqa: E402

FALSE_ALARM = 1e-6  # chance that a right sampler fails the chi-square test; the draws are fixed, so it does not flicker
TOKENIZER = merging_tokenizer()
SIZE = len(TOKENIZER)
DRAWING = Drawing(0.9, 20, 0.95)
STOP = Stop(("a", "Q:"), 30)
SETTINGS = [Drawing(), Drawing(0.7, 3), Drawing(1.3, 0, 0.8), Drawing(0.7, 5, 0.6), Drawing(2.0, 100), Drawing(1, 1)]


def drawn(prompts: int, shared: int, seed: int = 0) -> list[sample.Named]:
    random = np.random.default_rng(seed)
    context = random.integers(4, SIZE, shared).tolist()
    tails = [random.integers(4, SIZE, random.integers(2, 9)).tolist() for _ in range(prompts)]
    return [((0, f"p{number}"), context + tail) for number, tail in enumerate(tails)]


def warped(logits: torch.Tensor, drawing: Drawing) -> np.ndarray:
    """Probabilities [B, V] as transformers' warpers leave them."""
    steps = [TemperatureLogitsWarper(float(drawing.temperature))]
    steps += [TopKLogitsWarper(drawing.top_k)] if drawing.top_k else []
    steps += [TopPLogitsWarper(drawing.top_p)] if drawing.top_p < 1 else []
    kept = LogitsProcessorList(steps)(torch.zeros(len(logits), 1, dtype=torch.long), logits.clone())
    return torch.softmax(kept.double(), -1).numpy()


@pytest.mark.parametrize("drawing", SETTINGS, ids=str)
def test_each_token_gets_its_share_of_the_uniform_numbers(drawing):
    logits = torch.randn(3, 12, generator=torch.Generator().manual_seed(0)) * 2
    logits[1, 4:8] = logits[1].max()  # ties, also with the k-th
    logits[2] = torch.linspace(-30, 5, 12)
    count = 20_000
    numbers = (np.arange(count) + 0.5) / count
    for place, (row, expected) in enumerate(zip(logits, warped(logits, drawing), strict=True)):
        tokens = choose.choose(row.expand(count, -1), drawing, numbers)
        shares = np.bincount(tokens, minlength=12) / count
        if place == 1 and drawing.top_p < 1:  # which of the tied stay within top-p, neither library says
            shares, expected = np.sort(shares), np.sort(expected)
        assert np.abs(shares - expected).max() <= 1.01 / count, "more than one of the numbers at a boundary"


def test_uniform_numbers_belong_to_their_sample():
    whole = choose.uniforms(3, ("s", "item"), range(0, 9), 300)
    assert np.array_equal(choose.uniforms(3, ("s", "item"), range(4, 7), 300), whole[4:7])
    assert np.array_equal(choose.uniforms(3, ("s", "item"), range(2, 3), 270)[0], whole[2, :270])
    assert not np.array_equal(choose.uniforms(4, ("s", "item"), range(0, 9), 300), whole)
    assert not np.array_equal(choose.uniforms(3, ("s", "other"), range(0, 9), 300), whole)
    assert (whole > 0).all() and (whole < 1).all() and len(np.unique(whole)) == whole.size
    assert chisquare(np.histogram(whole, 50, (0, 1))[0]).pvalue > FALSE_ALARM


def probabilities(model, prompt: list[int], most: int, drawing: Drawing, end: int) -> dict[tuple[int, ...], float]:
    """The exact probability of every text of at most `most` tokens, by enumeration."""
    done, open_ = {}, {(): 1.0}
    for _ in range(most):
        rows = list(open_)
        ids = torch.tensor([[*prompt, *row] for row in rows])
        with torch.inference_mode():
            chances = warped(model(ids).logits[:, -1].float(), drawing)
        longer = {}
        for row, chance in zip(rows, chances, strict=True):
            for token in np.flatnonzero(chance):
                kept = done if token == end else longer
                kept[(*row, int(token))] = open_[row] * chance[token]
        open_ = longer
    return done | open_


@pytest.mark.parametrize("drawing", [Drawing(0.8), Drawing(1.1, 5, 0.9)], ids=str)
def test_texts_have_their_exact_probabilities(drawing):
    tokenizer, samples = word_tokenizer(list("abcd")), 5000
    model = causal("qwen2", len(tokenizer), seed=5)
    asked = [((0, name), [4, 5, 6][: 2 + place]) for place, name in enumerate(("first", "second"))]
    found = sample.sample(model, tokenizer, asked, samples, drawing, Stop((), 3), 0)
    for (_, prompt), texts in zip(asked, found, strict=True):
        exact = probabilities(model, prompt, 3, drawing, 3)
        expected = collections.Counter()  # texts leave special tokens out, so some token lists look alike
        for tokens, chance in exact.items():
            words = tokenizer.decode([token for token in tokens if token != 3], skip_special_tokens=True)
            expected[words, len(tokens), "eos" if tokens[-1] == 3 else "length"] += chance * samples
        counts = collections.Counter((text.text, text.tokens, text.ended) for text in texts)
        assert abs(sum(exact.values()) - 1) < 1e-9 and len(exact) > 20 and counts.keys() <= expected.keys()
        bins = collections.defaultdict(lambda: [0.0, 0.0])
        for key, number in expected.items():  # rare ones together
            bins[key if number >= 5 else "rare"] += np.array([counts[key], number])
        observed, theory = np.array(list(bins.values())).T
        assert chisquare(observed, theory).pvalue > FALSE_ALARM


@pytest.mark.parametrize("family", [name for name in FAMILIES if name != "bert"])
def test_same_texts_as_transformers_with_the_same_draws(family, monkeypatch, capfd):
    model, asked = causal(family, SIZE), drawn(4, 9)
    attention = model.config._attn_implementation
    found = sample.sample(model, TOKENIZER, asked, 5, DRAWING, STOP, 0, rows=8)
    known = family in tree.FAMILIES
    assert ("by transformers' generate" in capfd.readouterr().err) != known
    monkeypatch.setattr(tree, "FAMILIES", frozenset())
    assert sample.sample(model, TOKENIZER, asked, 5, DRAWING, STOP, 0) == found
    assert model.config._attn_implementation == attention


def test_samples_of_a_recurrent_model_are_those_drawn_alone():
    model, asked = causal("rwkv", SIZE), drawn(3, 9)
    together, alone = (sample.sample(model, TOKENIZER, asked, 4, DRAWING, STOP, 0, rows) for rows in (None, 1))
    assert together == alone


@pytest.mark.parametrize(("rows", "few"), [(2, 0), (7, 0), (None, 0), (None, 2**11), (None, 2**30), (20, 2**11)])
def test_no_batch_changes_a_sample(rows, few, monkeypatch):
    model, asked = causal("qwen3", SIZE), drawn(4, 5)
    expected = sample.sample(model, TOKENIZER, asked, 7, DRAWING, Stop((), 20), 0)
    monkeypatch.setattr(sample, "FEW_CPU", few)
    monkeypatch.setattr(sample, "TOGETHER", 4)
    monkeypatch.setattr(sample, "READ_CPU", 20)
    assert sample.sample(model, TOKENIZER, asked, 7, DRAWING, Stop((), 20), 0, rows) == expected
    some = sample.sample(model, TOKENIZER, asked[2:4], 3, DRAWING, Stop((), 20), 0, rows)
    assert some == [texts[:3] for texts in expected[2:4]]
    assert len({text.text for texts in expected for text in texts}) > 20


def test_prompts_are_read_once_and_places_refilled(monkeypatch):
    fed = []
    forward, prefix = shared_prompt.forward, shared_prompt.read_prefix
    monkeypatch.setattr(shared_prompt, "forward", lambda m, ids, *a, **k: fed.append(ids) or forward(m, ids, *a, **k))
    monkeypatch.setattr(shared_prompt, "read_prefix", lambda m, ids: fed.append(ids) or prefix(m, ids))
    model, asked = causal("llama", SIZE), drawn(8, 50)
    model.generation_config.eos_token_id = list(range(3, SIZE, 12))
    texts = sample.sample(model, TOKENIZER, asked, 64, Drawing(1.0), Stop((), 60), 0, rows=128)
    written = sum(text.tokens for row in texts for text in row)
    prompts = 50 + sum(len(tokens) - 50 for _, tokens in asked)
    assert prompts + written - 8 * 64 <= sum(map(len, fed)) <= prompts + 1.2 * written
    longest = max(text.tokens for row in texts for text in row)
    assert len(fed) < 8 * longest / 2, "as many steps as when the prompts wait for each other"


def test_ends_are_told_apart():
    model, asked = causal("gemma2", SIZE), drawn(8, 9)
    model.generation_config.eos_token_id = [3, *range(5, SIZE, 40)]
    texts = [text for row in sample.sample(model, TOKENIZER, asked, 6, Drawing(1.0), STOP, 0) for text in row]
    by = {name: [text for text in texts if text.ended == name] for name in ("eos", "stop", "length")}
    assert by["eos"] and by["stop"] and all(text.tokens == 30 for text in by["length"])
    assert all("a" not in text.text and "Q:" not in text.text and 1 <= text.tokens <= 30 for text in texts)


@pytest.mark.parametrize("few", [0, 2**30])
def test_samples_may_use_every_position_of_the_model(few, monkeypatch):
    monkeypatch.setattr(sample, "FEW_CPU", few)
    model, asked = causal("gpt2", SIZE, n_positions=24), [((0, f"p{number}"), [5, 6, 7, 8]) for number in range(6)]
    model.generation_config.eos_token_id = [3, *range(5, SIZE, 15)]
    texts = sample.sample(model, TOKENIZER, asked, 6, Drawing(1.0), Stop((), 20), 0, rows=9)
    assert {text.ended for row in texts for text in row} == {"eos", "length"}


def test_greedy_is_generate():
    model, asked = causal("llama", SIZE), drawn(3, 9)
    found = sample.sample(model, TOKENIZER, asked, 1, Drawing(0.0), STOP, 0)
    assert [row[0] for row in found] == generate.generate(model, TOKENIZER, [tokens for _, tokens in asked], STOP)


def test_edges():
    model, asked = causal("llama", SIZE), drawn(3, 0)
    assert sample.sample(model, TOKENIZER, [], 4, DRAWING, STOP, 0) == []
    one = sample.sample(model, TOKENIZER, [((0, "p"), [5])], 2, DRAWING, Stop((), 1), 0)
    assert [[text.tokens for text in row] for row in one] == [[1, 1]]
    same = [((0, name), [5, 6]) for name in "ab"]  # equal prompts draw apart
    left, right = sample.sample(model, TOKENIZER, same, 8, DRAWING, STOP, 0)
    assert left != right and len(asked) == 3


def test_bfloat16_and_a_model_that_samples_by_default():
    model, asked = causal("llama", SIZE), drawn(3, 9)
    model.generation_config.update(repetition_penalty=1.7, do_sample=True, temperature=0.3, top_k=5)
    assert sample.sample(model, TOKENIZER, asked, 4, DRAWING, STOP, 0) == sample.sample(
        causal("llama", SIZE), TOKENIZER, asked, 4, DRAWING, STOP, 0
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        texts = sample.sample(model.to(torch.bfloat16), TOKENIZER, asked, 4, DRAWING, STOP, 0)
    assert all(text.tokens for text in itertools.chain(*texts))
