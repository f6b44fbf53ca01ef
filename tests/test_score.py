"""Choice scores are those of one naive forward pass a choice, whatever the path."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from easy2hard.errors import UserError
from easy2hard.models import score, tree
from easy2hard.models.tokenise import Encoder, common_prefix
from tiny_models import WORDS, causal, merging_tokenizer, word_tokenizer

TOKENIZERS = {"words": word_tokenizer, "merges": merging_tokenizer}


def questions(count: int, seed: int = 0, longest: int = 4) -> tuple[list[str], list[list[str]]]:
    """Invented queries with two to five continuations of one to `longest` words."""
    draw = np.random.default_rng(seed)

    def words(least: int, most: int) -> str:
        return " ".join(draw.choice(WORDS[:40], draw.integers(least, most + 1)))

    queries = [f"Question: {words(3, 9)} Answer:" for _ in range(count)]
    return queries, [[" " + words(1, longest) for _ in range(draw.integers(2, 6))] for _ in range(count)]


def context(examples: int = 5) -> str:
    queries, texts = questions(examples, seed=9)
    return "".join(f"{query}{choices[0]}\n\n" for query, choices in zip(queries, texts, strict=True))


def naive(model, tokenizer, prefix: str, queries: list[str], texts: list[list[str]]) -> list[np.ndarray]:
    """One forward pass a choice over the jointly tokenised text, nothing shared."""
    rows = []
    for item in Encoder(tokenizer)._jointly(prefix, queries, texts):
        sums = []
        for choice in item.choices:
            ids = torch.tensor([item.stem + choice])
            with torch.no_grad():
                found = model(input_ids=ids).logits[0].float().log_softmax(-1)
            sums.append(float(found[range(len(item.stem) - 1, ids.shape[1] - 1), choice].double().sum()))
        rows.append(np.array(sums))
    return rows


def apart(left: list[np.ndarray], right: list[np.ndarray]) -> float:
    return max(float(np.abs(a - b).max()) for a, b in zip(left, right, strict=True))


@pytest.mark.parametrize("family", sorted(tree.FAMILIES))
@pytest.mark.parametrize("kind", TOKENIZERS)
def test_tree_equals_one_pass_a_choice(family, kind):
    tokenizer = TOKENIZERS[kind]()
    model = causal(family, len(tokenizer))
    queries, texts = questions(7)
    for prefix in ("", context(3)):
        assert tree.refusal(model, 200) == ""
        found = score.choice_log_probs(model, tokenizer, prefix, queries, texts, budget=90)
        assert apart(found, naive(model, tokenizer, prefix, queries, texts)) < 1e-4


def test_tree_is_exact_to_1e_5_for_llama():
    tokenizer = word_tokenizer(bos=True)
    model = causal("llama", len(tokenizer), initializer_range=0.02)
    queries, texts = questions(20)
    found = score.choice_log_probs(model, tokenizer, context(), queries, texts)
    assert apart(found, naive(model, tokenizer, context(), queries, texts)) < 1e-5


@pytest.mark.parametrize("implementation", ["eager", "sdpa"])
def test_tree_with_either_attention(implementation):
    tokenizer = word_tokenizer()
    model = causal("llama", len(tokenizer), attn_implementation=implementation)
    queries, texts = questions(5)
    found = score.choice_log_probs(model, tokenizer, context(2), queries, texts)
    assert apart(found, naive(model, tokenizer, context(2), queries, texts)) < 1e-4


def test_other_families_are_read_choice_by_choice_and_say_so(capfd):
    tokenizer = word_tokenizer()
    model = causal("opt", len(tokenizer))
    queries, texts = questions(6)
    found = score.choice_log_probs(model, tokenizer, context(2), queries, texts, budget=300)
    assert "choice by choice, because model family 'opt'" in capfd.readouterr().err
    assert apart(found, naive(model, tokenizer, context(2), queries, texts)) < 1e-4


@pytest.mark.parametrize(
    ("family", "changes", "why"),
    [
        ("mistral", {"sliding_window": 20}, "window of 20"),
        ("llama", {"rope_parameters": {"rope_type": "dynamic", "factor": 2.0, "rope_theta": 1e4}}, "depend on the"),
    ],
)
def test_models_a_tree_would_misread_are_read_choice_by_choice(family, changes, why):
    tokenizer = word_tokenizer()
    model = causal(family, len(tokenizer), **changes)
    queries, texts = questions(4)
    assert why in tree.refusal(model, 60)
    found = score.choice_log_probs(model, tokenizer, context(3), queries, texts)
    assert apart(found, naive(model, tokenizer, context(3), queries, texts)) < 1e-4


def test_budget_and_neighbours_do_not_change_a_score():
    tokenizer = word_tokenizer()
    model = causal("llama", len(tokenizer))
    queries, texts = questions(9)
    runs = [score.choice_log_probs(model, tokenizer, context(), queries, texts, budget=size) for size in (1, 64, 4096)]
    alone = score.choice_log_probs(model, tokenizer, context(), queries[:1], texts[:1])
    assert apart(runs[0], runs[1]) < 1e-4 and apart(runs[0], runs[2]) < 1e-4
    assert apart(alone, runs[0][:1]) < 1e-4


def test_prefix_and_question_are_read_once():
    tokenizer = word_tokenizer()
    model = causal("llama", len(tokenizer))
    queries, texts = questions(12)
    fed = []
    model.model.register_forward_pre_hook(lambda _, __, kw: fed.append(kw["input_ids"].shape[1]), with_kwargs=True)
    score.choice_log_probs(model, tokenizer, context(), queries, texts, budget=10_000)
    items = Encoder(tokenizer).items(context(), queries, texts)
    shared = tree.shared_length(items)
    tails = sum(len(i.stem) - shared + sum(len(choice) - 1 for choice in i.choices) for i in items)
    assert fed == [shared, tails]


def test_logits_only_where_they_are_read():
    tokenizer = word_tokenizer()
    model = causal("llama", len(tokenizer))
    queries, texts = questions(12, longest=1)
    seen = []
    model.lm_head.register_forward_pre_hook(lambda _, args: seen.append(args[0].shape[1]))
    score.choice_log_probs(model, tokenizer, context(), queries, texts, budget=10_000)
    assert seen == [12]  # one a question: its choices have one token each


def test_normalisations():
    tokenizer = word_tokenizer()
    model = causal("llama", len(tokenizer))
    queries, texts = ["Question: what is red ? Answer:"], [[" a red stone", " moon"]]
    total = score.choice_log_probs(model, tokenizer, "", queries, texts)[0]
    token = score.choice_log_probs(model, tokenizer, "", queries, texts, "token")[0]
    char = score.choice_log_probs(model, tokenizer, "", queries, texts, "char")[0]
    pmi = score.choice_log_probs(model, tokenizer, "", queries, texts, "pmi", cue="Answer:")[0]
    prior = naive(model, tokenizer, "", ["Answer:"], texts)[0]
    np.testing.assert_allclose(token, total / [3, 1])
    np.testing.assert_allclose(char, total / [11, 4])
    np.testing.assert_allclose(pmi, total - prior, atol=1e-4)
    with pytest.raises(UserError, match="no `cue`"):
        score.choice_log_probs(model, tokenizer, "", queries, texts, "pmi")


def test_parts_and_whole_texts_tokenise_alike():
    for bos in (False, True):
        encoder = Encoder(word_tokenizer(bos=bos))
        queries, texts = questions(10)
        assert encoder._splits_at_spaces
        assert encoder.items(context(), queries, texts) == encoder._jointly(context(), queries, texts)
    assert not Encoder(merging_tokenizer())._splits_at_spaces


def test_a_merge_across_the_seam_counts_to_the_choices():
    encoder = Encoder(merging_tokenizer())
    queries, texts = questions(10)
    items = encoder.items("", queries, texts)
    stems = encoder.texts(queries)
    assert any(len(item.stem) < len(stem) for item, stem in zip(items, stems, strict=True))
    for item, query, choices in zip(items, queries, texts, strict=True):
        assert [item.stem + choice for choice in item.choices] == encoder.texts([query + text for text in choices])


def test_common_prefix():
    assert common_prefix([[1, 2, 3], [1, 2], [1, 2, 4]]) == 2
    assert common_prefix([[5], [6]]) == 0
    assert common_prefix([[7, 8]]) == 2


def test_too_long_is_an_error_not_a_cut():
    tokenizer = word_tokenizer()
    model = causal("llama", len(tokenizer))
    queries, texts = questions(3)
    with pytest.raises(UserError, match="more than the 10 that fit"):
        score.choice_log_probs(model, tokenizer, context(), queries, texts, limit=10)
    with pytest.raises(UserError, match="more than the 512 that fit"):
        score.choice_log_probs(model, tokenizer, context(60), queries, texts)


def test_empty_choice_is_an_error():
    tokenizer = word_tokenizer()
    with pytest.raises(UserError, match="adds no token"):
        score.choice_log_probs(causal("llama", len(tokenizer)), tokenizer, "", ["what is ?"], [[" ", " moon"]])
