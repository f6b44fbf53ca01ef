"""LoRA: learns, deterministic, fresh adapters each time, the base untouched, the number of updates, clear errors."""

from __future__ import annotations

import importlib.util
import sys
import types
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

torch = pytest.importorskip("torch")

import tiny_models  # noqa: E402
from easy2hard import jobs, seeds, tables  # noqa: E402
from easy2hard.errors import UserError  # noqa: E402
from easy2hard.methods import lora as method  # noqa: E402
from easy2hard.models import lora, score  # noqa: E402
from easy2hard.models.tokenise import ItemTokens  # noqa: E402

VOCABULARY = 24
QUICK = lora.Recipe(r=4, learning_rate=5e-3, epochs=6, targets=("q_proj", "v_proj", "up_proj", "down_proj"))


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def toy(count: int, name: str = "toy", long: bool = False) -> tuple[list[ItemTokens], list[int]]:
    """The right one of four one-token choices repeats the question's first word; `long`: of unequal lengths."""
    draw = seeds.generator(0, "test-lora", name)
    items, labels = [], []
    for _ in range(count):
        words = draw.choice(np.arange(8, 20), 4, replace=False)
        label = int(draw.integers(4))
        length = int(draw.integers(1, 5)) if long else 2
        stem = [2, int(words[label]), *map(int, draw.integers(4, 8, length))]
        items.append(ItemTokens(stem, [[int(word)] * (1 + long * (index % 3)) for index, word in enumerate(words)]))
        labels.append(label)
    return items, labels


def base(family: str = "llama", **changes):
    return tiny_models.causal(family, VOCABULARY, **changes)


def copy_of(model) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in model.state_dict().items()}


def test_learns_a_toy_task_and_leaves_the_base() -> None:
    model = base()
    before = copy_of(model)
    tuner = lora.Tuner(model, QUICK)
    items, labels = toy(150)
    losses = tuner.fit(items, labels, seed=1)
    assert np.mean(losses[-3:]) < 0.7 * losses[0] and len(losses) == 18
    kept = {name: value for name, value in model.state_dict().items() if "lora_" not in name}
    after = {name.replace(".base_layer", ""): value for name, value in kept.items()}
    assert after.keys() == before.keys() and all(torch.equal(after[name], before[name]) for name in before)


def test_fits_do_not_depend_on_earlier_ones() -> None:
    (first, gold), (second, other) = toy(30, "first"), toy(20, "second")
    tuner = lora.Tuner(base(), QUICK)
    tuner.fit(second, other, seed=5)
    again = tuner.fit(first, gold, seed=1), score.token_log_probs(tuner.model, first)
    fresh = lora.Tuner(base(), QUICK)
    torch.rand(3)
    alone = fresh.fit(first, gold, seed=1), score.token_log_probs(fresh.model, first)
    assert again[0] == alone[0] and all((a == b).all() for a, b in zip(again[1], alone[1], strict=True))
    assert fresh.fit(first, gold, seed=2) != alone[0]


def test_a_fit_leaves_the_random_state_alone() -> None:
    tuner = lora.Tuner(base(), QUICK)
    state = torch.get_rng_state()
    tuner.fit(*toy(10), seed=1)
    assert torch.equal(state, torch.get_rng_state())


@pytest.mark.parametrize("family", ["llama", "gpt2", "opt"])
@pytest.mark.parametrize("long", [False, True])
def test_training_scores_are_those_of_evaluation(family: str, long: bool) -> None:
    tuner = lora.Tuner(base(family), lora.Recipe())
    items, labels = toy(12, long=long)
    tuner.fit(items, labels, seed=0)
    expected = score.token_log_probs(tuner.model, items)
    with torch.no_grad():
        found = tuner.choice_scores(items)
    np.testing.assert_allclose(found.numpy(), np.stack(expected), atol=1e-4)


def test_items_may_have_unequal_numbers_of_choices() -> None:
    items, labels = toy(9, long=True)
    items[3] = ItemTokens(items[3].stem, items[3].choices[:2])
    labels[3] = 1
    tuner = lora.Tuner(base(), QUICK)
    found = tuner.choice_scores(items)
    assert found[3, 2:].isneginf().all() and found[2].isfinite().all()
    assert np.isfinite(tuner.fit(items, labels, seed=0)).all()


def test_accumulated_gradient_is_that_of_the_whole_batch() -> None:
    items, labels = toy(13, long=True)
    recipe = lora.Recipe(dropout=0.0, learning_rate=1e-2, batch=13)
    whole = lora.Tuner(base(), recipe).fit(items, labels, seed=0)
    parts = lora.Tuner(base(), replace(recipe, micro_batch=4)).fit(items, labels, seed=0)
    np.testing.assert_allclose(whole, parts, rtol=1e-4)


@pytest.mark.parametrize(
    ("items", "epochs", "updates"), [(160, 3, 12), (320, 3, 21), (50, 10, 10), (51, 5, 10), (10, 10, 10), (150, 4, 12)]
)
def test_number_of_updates(items: int, epochs: int, updates: int) -> None:
    assert lora.schedule(items, lora.Recipe()) == (epochs, updates)


def test_learning_rate_falls_towards_a_tenth() -> None:
    recipe = lora.Recipe(learning_rate=1.0)
    assert recipe.rate(0, 10) == 1.0 and recipe.rate(10, 10) == pytest.approx(0.1)


def test_only_adapters_drop_out() -> None:
    model = base("gpt2", resid_pdrop=0.5, attn_pdrop=0.5, embd_pdrop=0.5)
    tuner = lora.Tuner(model, lora.Recipe(dropout=0.0, learning_rate=1e-12))
    items, labels = toy(10)
    losses = tuner.fit(items, labels, seed=0)
    np.testing.assert_allclose(losses, losses[0], rtol=1e-5)


def test_unknown_targets_are_named() -> None:
    with pytest.raises(UserError, match="nowhere_proj"):
        lora.Tuner(base(), lora.Recipe(targets=("nowhere_proj",)))


def test_nan_loss_is_an_error() -> None:
    model = base()
    model.lm_head.weight.data[:] = torch.nan
    with pytest.raises(UserError, match="the loss is nan"):
        lora.Tuner(model, QUICK).fit(*toy(5), seed=0)


def test_quantised_model_uses_8_bit_adamw(monkeypatch: pytest.MonkeyPatch) -> None:
    tuner = lora.Tuner(base(), QUICK)
    tuner.quantized = True
    fake = types.SimpleNamespace(optim=types.SimpleNamespace(AdamW8bit=torch.optim.SGD))
    monkeypatch.setitem(sys.modules, "bitsandbytes", fake)
    assert type(tuner._optimiser()) is torch.optim.SGD


def make_job(folder, spec: dict | None = None, **options) -> jobs.Job:
    words = tiny_models.WORDS[8:20]
    draw = seeds.generator(0, "test-lora-job")
    rows = []
    for number in range(30):
        choices = [str(word) for word in draw.choice(words, 3, replace=False)]
        label = int(draw.integers(3))
        part = "hardness" if number < 3 else "main"
        rows.append((f"i{number:02d}", f"which is {choices[label]} ?", choices, label, choices[label], part))
    items = pd.DataFrame(rows, columns=["item_id", "question", "choices", "label", "answer", "part"])
    cells = [(seed, size, at) for seed in (0, 1) for size in (4, 8) for at in range(size)]
    drawn = [(seed, "easy", size, 0.0, "train", at, f"i{3 + seed + at:02d}", None) for seed, size, at in cells]
    split = pd.DataFrame(drawn, columns=list(tables.SPLITS.columns))
    chosen = method.Options(**options)
    return jobs.Job(items, items, {"grade": split}, folder, spec or {}, None, None, chosen, "plain", 0)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    tokenizer = tiny_models.word_tokenizer(bos=True)
    model = tiny_models.causal("llama", len(tokenizer))
    return tiny_models.save(model, tokenizer, tmp_path_factory.mktemp("models") / "tiny")


def test_method_predicts_all_but_its_training_items_same_bytes_twice(folder, tmp_path, capsys) -> None:
    for name in ("a", "b"):
        frame = pd.concat(method.predict(make_job(folder, r=2, min_updates=2, epochs=1)))
        tables.write(frame, tmp_path / name, tables.PREDICTIONS)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert frame.groupby(["seed", "size"]).size().to_dict() == {(0, 4): 23, (0, 8): 19, (1, 4): 23, (1, 8): 19}
    assert not frame["item_id"].isin(["i00", "i01", "i02"]).any()
    assert "grade easy seed 1: 8 items, 2 epochs, 2 updates" in capsys.readouterr().err


def test_quantised_without_bitsandbytes_is_one_clear_line(folder, monkeypatch: pytest.MonkeyPatch) -> None:
    find = importlib.util.find_spec
    absent = lambda name, *rest: None if name == "bitsandbytes" else find(name, *rest)  # noqa: E731
    monkeypatch.setattr(importlib.util, "find_spec", absent)
    with pytest.raises(UserError, match="bitsandbytes is not installed"):
        next(method.predict(make_job(folder, {"quantization": "8bit"})))
