"""Greedy generation: the same text as transformers' `generate`, one by one with the full prompt, in every family."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from easy2hard.models import generate, tree  # noqa: E402
from tiny_models import FAMILIES, causal, merging_tokenizer, word_tokenizer  # noqa: E402

TOKENIZER = merging_tokenizer()
SIZE = len(TOKENIZER)
STOP = generate.Stop(("a", "Q:"), 30)


def drawn(items: int, shared: int, seed: int = 0) -> list[list[int]]:
    draw = np.random.default_rng(seed)
    context = draw.integers(4, SIZE, shared).tolist()
    return [context + draw.integers(4, SIZE, draw.integers(3, 12)).tolist() for _ in range(items)]


def alone(model, stem: list[int], stop: generate.Stop) -> str:
    """The reference: transformers, the full prompt, cut at the first stop string."""
    ids = torch.tensor([stem])
    settings = {"do_sample": False, "max_new_tokens": stop.most, "eos_token_id": 3, "pad_token_id": 0}
    out = model.generate(ids, attention_mask=torch.ones_like(ids), **settings)[0, len(stem) :]
    text = TOKENIZER.decode(out, skip_special_tokens=True)
    return text[: min([text.find(string) for string in stop.strings if string in text], default=len(text))]


@pytest.mark.parametrize("family", [name for name in FAMILIES if name != "bert"])
def test_same_text_as_transformers(family):
    model = causal(family, SIZE)
    stems = drawn(9, 15)
    found = generate.generate(model, TOKENIZER, stems, STOP, rows=4)
    assert [one.text for one in found] == [alone(model, stem, STOP) for stem in stems]


@pytest.mark.parametrize(("items", "shared", "rows"), [(1, 0, None), (1, 9, 3), (7, 0, 1), (7, 0, 7), (7, 20, 100)])
def test_any_batch_gives_the_same_text(items, shared, rows):
    model = causal("gpt_neox", SIZE)
    stems = drawn(items, shared, seed=items)
    found = generate.generate(model, TOKENIZER, stems, STOP, rows=rows)
    assert [one.text for one in found] == [alone(model, stem, STOP) for stem in stems]


def test_equal_and_nested_stems():
    model = causal("llama", SIZE)
    stems = [[5, 6, 7], [5, 6, 7], [5, 6, 7, 8], [5], [5, 6]]
    found = generate.generate(model, TOKENIZER, stems, STOP, rows=2)
    assert [one.text for one in found] == [alone(model, stem, STOP) for stem in stems]
    assert generate.generate(model, TOKENIZER, [], STOP) == []


def test_the_ends_are_told_apart_and_counted():
    model = causal("gemma2", SIZE)  # ends by all three: see the families above
    found = generate.generate(model, TOKENIZER, drawn(20, 15), STOP)
    by = {name: [one for one in found if one.ended == name] for name in ("eos", "stop", "length")}
    assert by["stop"] and by["length"] and all(one.tokens == 30 for one in by["length"])
    assert all("a" not in one.text and one.tokens <= 30 for one in found)


def test_end_token_of_the_model_or_of_the_tokenizer():
    model = causal("llama", SIZE)
    stem = drawn(1, 5)[0]
    ids = torch.tensor([stem])
    free = generate.Stop((), 20)
    settings = {"do_sample": False, "max_new_tokens": 20}
    written = model.generate(ids, attention_mask=torch.ones_like(ids), **settings)[0, len(stem) :]
    model.generation_config.eos_token_id = [3, int(written[6])]
    found = generate.generate(model, TOKENIZER, [stem], free)[0]
    first = written.tolist().index(int(written[6]))
    assert (found.ended, found.tokens) == ("eos", first + 1)
    assert found.text == TOKENIZER.decode(written[:first], skip_special_tokens=True)


def test_a_stop_string_over_several_tokens_and_of_the_whole_text():
    model = causal("llama", SIZE)
    stems = drawn(6, 5)
    texts = [one.text for one in generate.generate(model, TOKENIZER, stems, generate.Stop((), 25))]
    middle = texts[0][4:9]
    cut = generate.generate(model, TOKENIZER, stems, generate.Stop((middle,), 25))
    assert [one.text for one in cut] == [text.partition(middle)[0] for text in texts]
    assert len(middle) == 5 and cut[0].ended == "stop"


def test_a_window_that_is_too_short_is_written_by_transformers(capfd):
    model = causal("mistral", SIZE, sliding_window=16)
    stems = drawn(4, 5)
    assert "longer than the attention window" in tree.refusal(model, 40)
    found = generate.generate(model, TOKENIZER, stems, STOP)
    assert "by stems of one length" in capfd.readouterr().err
    assert [one.text for one in found] == [alone(model, stem, STOP) for stem in stems]


def test_settings_of_a_chat_model_do_not_change_greedy_text():
    model, stems = causal("opt", SIZE), drawn(3, 5)
    before = [one.text for one in generate.generate(model, TOKENIZER, stems, STOP)]
    model.generation_config.update(repetition_penalty=1.7, do_sample=True, temperature=0.3, top_k=5)
    assert [one.text for one in generate.generate(model, TOKENIZER, stems, STOP)] == before


def test_words_are_joined_by_blanks():
    tokenizer = word_tokenizer(bos=True)
    model = causal("llama", len(tokenizer))
    text = generate.generate(model, tokenizer, [tokenizer("red lamp")["input_ids"]], generate.Stop((), 5))[0].text
    assert len(text.split()) <= 5 and "  " not in text
