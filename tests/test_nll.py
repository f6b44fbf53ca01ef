"""Negative log-likelihoods of texts equal those of a naive loop, one text and one token at a time."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import torch
from easy2hard import tables
from easy2hard.errors import UserError
from easy2hard.models import nll
from easy2hard.models.tokenise import Row
from easy2hard.stages import nll as stage
from tiny_models import WORDS, causal, merging_tokenizer, save, word_tokenizer

TOKENIZERS = {"words": word_tokenizer, "merges": merging_tokenizer}


def texts(count: int, seed: int = 0) -> list[str]:
    """Invented texts of one to twelve words, some of them twice."""
    draw = np.random.default_rng(seed)
    found = [" ".join(draw.choice(WORDS[:40], draw.integers(1, 13))) for _ in range(count)]
    return found + found[:3]


def naive(model, tokenizer, text: str, start: int) -> float:
    """The chain rule, one forward pass a token over all tokens before it."""
    before, total = [start], 0.0
    for token in tokenizer(text, add_special_tokens=False)["input_ids"]:
        with torch.no_grad():
            logits = model(input_ids=torch.tensor([before])).logits[0, -1].double()
        total -= float(logits.log_softmax(-1)[token])
        before.append(token)
    return total


@pytest.mark.parametrize("kind", TOKENIZERS)
@pytest.mark.parametrize("family", ["llama", "gpt2", "opt", "gpt_neox"])
def test_equal_to_a_naive_loop(family, kind):
    tokenizer = TOKENIZERS[kind](bos=True)
    model = (
        causal(family, len(tokenizer), initializer_range=0.02) if family != "gpt2" else causal(family, len(tokenizer))
    )
    given, start = texts(12), nll.start_token(tokenizer)
    found = nll.nll(model, nll.encode(tokenizer, given), Row((start,)), budget=40)
    by_hand = np.array([naive(model, tokenizer, text, start) for text in given])
    assert start == 2 and (found > 0).all() and found.std() > 1
    np.testing.assert_allclose(found, by_hand, rtol=1e-6, atol=1e-5)


def test_no_dependence_on_budget_or_neighbours():
    tokenizer = word_tokenizer()
    model = causal("llama", len(tokenizer))
    rows = nll.encode(tokenizer, texts(20))
    runs = [nll.nll(model, rows, Row((2,)), budget=size) for size in (1, 50, 5000)]
    np.testing.assert_allclose(runs[1], runs[0], atol=2e-5)
    np.testing.assert_allclose(runs[2], runs[0], atol=2e-5)
    np.testing.assert_allclose(nll.nll(model, rows[4:5], Row((2,))), runs[0][4:5], atol=2e-5)


def test_a_text_is_read_once_without_padding_and_every_logit_is_read():
    tokenizer = word_tokenizer()
    model = causal("llama", len(tokenizer))
    rows = nll.encode(tokenizer, texts(20))
    fed, made = [], []
    model.model.register_forward_pre_hook(lambda _, __, kw: fed.append(kw["input_ids"].numel()), with_kwargs=True)
    model.lm_head.register_forward_pre_hook(lambda _, args: made.append(args[0].shape[0] * args[0].shape[1]))
    nll.nll(model, rows, Row((2,)), budget=10_000)
    targets = sum(map(len, set(rows)))
    assert sum(fed) == sum(made) == targets
    assert len(fed) == len({len(row) for row in rows})


def test_bos_is_put_first_whether_or_not_the_tokenizer_does_it():
    plain, marked = word_tokenizer(bos=False), word_tokenizer(bos=True)
    assert nll.encode(plain, ["red stone"]) == nll.encode(marked, ["red stone"])
    assert nll.start_token(plain) == nll.start_token(marked) == plain.bos_token_id


def test_without_bos_the_end_token_begins_a_text():
    tokenizer = word_tokenizer()
    tokenizer.bos_token = None
    assert nll.start_token(tokenizer) == tokenizer.eos_token_id
    tokenizer.eos_token = None
    with pytest.raises(UserError, match="neither a BOS nor an EOS"):
        nll.start_token(tokenizer)


def test_a_text_that_is_too_long_or_empty_is_one_line():
    tokenizer = word_tokenizer()
    model = causal("llama", len(tokenizer), max_position_embeddings=8)
    assert nll.nll(model, nll.encode(tokenizer, ["a b c d e f g h"]), Row((2,))).shape == (1,)
    with pytest.raises(UserError, match="9 tokens, more than the 8"):
        nll.nll(model, nll.encode(tokenizer, ["a b c d e f g h a"]), Row((2,)))
    with pytest.raises(UserError, match="no token"):
        nll.encode(tokenizer, ["a", " "])
    assert nll.nll(model, [], Row((2,))).shape == (0,)


def test_the_stage_reads_three_texts_with_one_load(tmp_path, monkeypatch):
    from easy2hard.models import load

    loads = []
    real = load.load_language_model
    monkeypatch.setattr(load, "load_language_model", lambda *given: loads.append(given) or real(*given))
    tokenizer = word_tokenizer(bos=True)
    model = save(causal("llama", len(tokenizer)), tokenizer, tmp_path / "model")
    rows = pd.DataFrame({name: [None] * 3 for name in tables.ITEMS.columns})
    rows = rows.assign(item_id=["i0", "i1", "i2"], part="main", label=0, origin="toy", choices=[["red", "blue"]] * 3)
    rows = rows.assign(question=["what is red ?", "which moon ?", "zebra ?"], answer=["red", "red stone", "blue"])
    rows = rows.assign(solution=["red is red .", None, "  "])
    tables.write(rows, tmp_path / "items.parquet", tables.ITEMS, {"dataset": "toy"})
    stage.main(tmp_path / "items.parquet", tmp_path / "out.parquet", model, {})
    found = tables.read(tmp_path / "out.parquet", tables.NLL).set_index("item_id")
    loaded = load.load_language_model(model, {})
    for item in rows.itertuples():
        assert found.loc[item.item_id, "question"] == pytest.approx(
            naive(loaded, tokenizer, item.question, 2), abs=1e-4
        )
        assert found.loc[item.item_id, "answer"] == pytest.approx(naive(loaded, tokenizer, item.answer, 2), abs=1e-4)
    assert found["reasoning"].isna().tolist() == [False, True, True]
    about = tables.metadata(tmp_path / "out.parquet")
    assert about["unknown"] == {"question": 1, "answer": 0, "reasoning": 0} and about["start"] == "<s>"
    assert len(loads) == 2  # the stage's, and this test's
