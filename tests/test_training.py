"""Training: schedule, exact first losses, packed as unpacked, what is frozen, what is saved, the same bytes twice."""

from __future__ import annotations

import json
import math
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest

torch = pytest.importorskip("torch")

import solution_world as world  # noqa: E402
import tiny_models  # noqa: E402
from easy2hard import lessons, pools, sample_tables, tables  # noqa: E402
from easy2hard.errors import UserError  # noqa: E402
from easy2hard.lessons import Lesson  # noqa: E402
from easy2hard.models import load, packing, sft, training  # noqa: E402
from easy2hard.models.packing import Example  # noqa: E402
from easy2hard.models.trainable import Trainable  # noqa: E402
from easy2hard.stages import train_generator  # noqa: E402
from easy2hard.training_settings import Adapters, Training  # noqa: E402

VOCABULARY = 40
FAST = {"learning_rate": 5e-3, "batch": 6, "epochs": 2, "frozen": []}
EASY = {"part": "main", "measure": "level", "condition": "easy", "size": 8}


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return world.write(tmp_path_factory.mktemp("world"))


def toy(count: int = 14) -> list[Example]:
    """Sequences of two to twenty tokens; the last half of each is to be learnt."""
    draw = np.random.default_rng(0)
    made = []
    for _ in range(count):
        ids = draw.integers(4, VOCABULARY, int(draw.integers(3, 22)))
        made.append(Example(ids[:-1], ids[1:], (np.arange(len(ids) - 1) >= len(ids) // 2 - 1).astype(np.float32)))
    return made


def losses(model, packed: bool, examples: list[Example] | None = None, **settings: object) -> list[float]:
    recipe = Training(**{**FAST, **settings})
    Trainable(model, recipe, 0)
    trainer = training.Trainer(model, sft.next_token_loss(model), recipe)
    return trainer.fit(examples or toy(), packed, seed=0)


def copied(model) -> dict:
    return {name: value.clone() for name, value in model.state_dict().items()}


# -- the loop -----------------------------------------------------------------------------------------------------


def test_schedule():
    plan = training.Schedule(100, Training(batch=10, epochs=2, learning_rate=3.0))
    rates = [plan.rate(update) for update in range(plan.updates)]
    assert (plan.updates, plan.warm) == (20, 2) and rates[:3] == pytest.approx([1.0, 2.0, 3.0])
    assert rates[2:] == sorted(rates[2:], reverse=True) and rates[-1] == pytest.approx(0.03)
    middle = 0.03 + 2.97 * (1 + math.cos(math.pi * 8 / 17)) / 2
    assert rates[10] == pytest.approx(middle)


def test_every_example_once_an_epoch_in_an_order_by_seed():
    drawn = [list(batch) for batch in training.batches(7, 2, 3, seed=1)]
    assert [len(batch) for batch in drawn] == [3, 3, 1, 3, 3, 1]
    first, second = sum(drawn[:3], []), sum(drawn[3:], [])
    assert sorted(first) == sorted(second) == list(range(7)) and first != second
    assert drawn == [list(batch) for batch in training.batches(7, 2, 3, seed=1)]


def test_arrangement_of_rows():
    lengths = [3, 10, 4, 6, 2]
    assert packing.arrange(lengths, True, 100) == [[[1], [3, 2], [0, 4]]]
    assert packing.arrange(lengths, False, 20) == [[[1], [3]], [[2], [0], [4]]]
    assert packing.arrange(lengths, False, 1) == [[[1]], [[3]], [[2]], [[0]], [[4]]]


def test_curve_of_a_record():
    assert training.curve([1.0, 3.0, 5.0], 2) == [[2, 2.0], [3, 5.0]]
    assert len(training.curve(list(range(1000)))) == 50 and training.curve([2.0]) == [[1, 2.0]]


def test_first_loss_of_uniform_logits_is_the_log_of_the_vocabulary():
    model = tiny_models.causal("llama", VOCABULARY)
    model.lm_head.weight.data.zero_()
    assert losses(model, True)[0] == pytest.approx(math.log(VOCABULARY), abs=1e-6)


def test_first_loss_is_the_mean_over_the_batch_s_target_tokens():
    model, examples = tiny_models.causal("gemma2", VOCABULARY), toy(6)
    found = []
    with torch.no_grad():
        for one in examples:
            said = model(torch.tensor(one.ids)[None]).logits[0].log_softmax(-1)
            found += [-float(said[at, one.targets[at]]) for at in np.nonzero(one.weights)[0]]
    first = losses(model, True, examples, micro_tokens=30)[0]
    assert first == pytest.approx(np.mean(found), abs=1e-5) and len(found) > len(examples)


@pytest.mark.parametrize("family", ["llama", "gpt2", "qwen3", "gemma2", "mixtral"])
def test_packed_losses_are_those_of_a_row_each_and_of_any_micro_batch(family: str):
    plain = losses(tiny_models.causal(family, VOCABULARY), False)
    assert losses(tiny_models.causal(family, VOCABULARY), True) == pytest.approx(plain, abs=1e-5)
    assert losses(tiny_models.causal(family, VOCABULARY), True, micro_tokens=1) == pytest.approx(plain, abs=1e-5)
    assert plain[-1] < plain[0] - 0.1


def test_a_family_without_custom_masks_is_not_packed(capsys):
    assert not training.packs(tiny_models.causal("opt", VOCABULARY), Training(), toy())
    assert "family 'opt'" in capsys.readouterr().out
    assert training.packs(tiny_models.causal("llama", VOCABULARY), Training(), toy())
    assert losses(tiny_models.causal("opt", VOCABULARY), False)[-1] < 4.5


def test_bfloat16_computation_over_32_bit_weights():
    exact, mixed = (losses(tiny_models.causal("llama", VOCABULARY), True, mixed=mixed) for mixed in (False, True))
    assert mixed != exact and mixed == pytest.approx(exact, rel=0.05)


def test_a_loss_that_is_not_finite_is_an_error():
    model = tiny_models.causal("llama", VOCABULARY)
    model.lm_head.weight.data[:] = torch.nan
    with pytest.raises(UserError, match="the loss is nan"):
        losses(model, True)


# -- what is trained ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("family", ["llama", "gpt2"])
def test_embeddings_and_norms_stay_and_the_rest_moves(family: str):
    model = tiny_models.causal(family, VOCABULARY)
    before = copied(model)
    losses(model, True, frozen=["embeddings", "norms"])
    same = {name for name, value in model.state_dict().items() if torch.equal(value, before[name])}
    still = ("embed", "lm_head", "norm", "wte", "wpe", "ln_")
    assert same == {name for name in before if any(part in name for part in still)} and 0 < len(same) < len(before)


def test_adapters_are_merged_into_what_is_saved(tmp_path):
    model, tokenizer = tiny_models.causal("llama", VOCABULARY), tiny_models.word_tokenizer()
    before = copied(model)
    recipe = Training(learning_rate=1e-2, batch=2, lora=Adapters(r=2, dropout=0.5, targets=["q_proj"]))
    taught = [Lesson(str(number), "a b ", f"{word} c", True) for number, word in enumerate("defg")]
    made, told = sft.train(model, tokenizer, taught, recipe, 0)
    sft.save(made, tokenizer, tmp_path / "made")
    after = load.load_causal(tmp_path / "made", {}).state_dict()
    moved = {name for name in before if not torch.equal(before[name], after[name])}
    assert moved == {f"model.layers.{layer}.self_attn.q_proj.weight" for layer in range(3)} and told["updates"] == 6
    with pytest.raises(UserError, match="nowhere"):
        sft.train(model, tokenizer, taught, Training(lora=Adapters(targets=["nowhere"])), 0)


# -- generators ---------------------------------------------------------------------------------------------------


def test_tokens_of_a_lesson_begin_once_and_end_once_where_the_solution_ends():
    tokenizer = tiny_models.word_tokenizer(bos=True)
    ends, goes_on = sft.examples([Lesson("a", "a b ", "c d", True), Lesson("b", "a ", "b", False)], tokenizer)
    word = tokenizer.convert_tokens_to_ids
    assert list(ends.ids) == word(["<s>", "a", "b", "c", "d"]) and list(ends.weights) == [0, 0, 1, 1, 1]
    assert list(ends.targets) == word(["a", "b", "c", "d", "</s>"])
    assert list(goes_on.targets) == word(["a", "b"]) and list(goes_on.weights) == [0, 1]


def test_what_does_not_fit_is_left_out_and_counted():
    tokenizer = tiny_models.word_tokenizer()
    taught = [Lesson("a", "a ", "b", True), Lesson("b", "a b c d ", "e f", True)]
    _, told = sft.train(tiny_models.causal("llama", VOCABULARY), tokenizer, taught, Training(max_tokens=3), 0)
    assert (told["examples"], told["too_long"], told["target_tokens"]) == (1, 1, 2)
    with pytest.raises(UserError, match="none of 2 examples fits `max_tokens` 2"):
        sft.train(tiny_models.causal("llama", VOCABULARY), tokenizer, taught, Training(max_tokens=2), 0)


def test_clear_errors_of_lessons():
    tokenizer = tiny_models.word_tokenizer()
    with pytest.raises(UserError, match="item 'a': the prompt has no tokens"):
        sft.examples([Lesson("a", "", "b", True)], tokenizer)
    with pytest.raises(UserError, match="item 'a': the target has no tokens"):
        sft.examples([Lesson("a", "b ", " ", False)], tokenizer)
    tokenizer.eos_token = None
    with pytest.raises(UserError, match="no end token"):
        sft.examples([Lesson("a", "a ", "b", True)], tokenizer)


def trained(folder, out, options: dict, **changes: object) -> dict[str, bytes]:
    files = {name: folder / f"{name}.parquet" for name in ("items", "hardness")}
    given = {"generator": "sft", "problems": EASY, "format": "maths_world", "seed": 0, "model": folder / "base"}
    train_generator.main(**files, **given | changes, options=options, out=out)
    return {path.name: path.read_bytes() for path in sorted(out.iterdir())}


def test_published_lessons_teach_as_the_solutions_they_are_made_of(folder, tmp_path):
    given = {name: folder / f"{name}.parquet" for name in ("items", "hardness")}
    items, hardness = tables.read(given["items"], tables.ITEMS), tables.read(given["hardness"], tables.HARDNESS)
    pool = pools.pool(items, hardness, EASY, 0).to_dict("records")
    made = [asdict(lessons.whole(item, world.LAYOUT)) for item in pool]
    tables.write(pd.DataFrame(made).assign(example="0"), tmp_path / "lessons.parquet", sample_tables.LESSONS)
    own = trained(folder, tmp_path / "own", {"training": FAST})
    published = trained(folder, tmp_path / "published", {"training": FAST}, taught=[tmp_path / "lessons.parquet"])
    assert own["model.safetensors"] == published["model.safetensors"]
    assert json.loads(published["record.json"])["taught"] == [{"table": "lessons"}]


@pytest.mark.parametrize("targets", ["solution", "step"])
def test_stage_writes_a_model_and_the_same_bytes_twice(folder, tmp_path, targets: str):
    options = {"targets": targets, "training": FAST}
    first, second = (trained(folder, tmp_path / name / "out", options) for name in ("first", "second"))
    assert first == second and [path.name for path in tmp_path.glob("*/*")] == ["out", "out"]
    assert not any(str(tmp_path).encode() in text for text in first.values())
    told = json.loads(first["record.json"])
    assert told["training"]["examples"] == {"solution": 8, "step": 16}[targets]
    assert told["training"]["loss"][-1][1] < told["training"]["loss"][0][1]
    assert load.load_tokenizer(tmp_path / "first/out", {})("Q 1")["input_ids"][0] == 2
    assert load.load_causal(tmp_path / "first/out", {}).config.num_hidden_layers == 3


def test_weights_may_be_trained_in_another_number_format(folder, tmp_path):
    coarse = {"model_spec": {"dtype": "bfloat16"}}
    plain = trained(folder, tmp_path / "plain", {"training": FAST})
    finer = trained(folder, tmp_path / "finer", {"training": FAST, "dtype": "float32"}, **coarse)
    assert finer["model.safetensors"] == plain["model.safetensors"], "the stored weights have 32 bits"
    assert load.load_causal(tmp_path / "finer", coarse["model_spec"]).dtype == torch.bfloat16, "who samples loads 16"


def test_a_generator_that_trains_nothing_is_an_error(folder, tmp_path, monkeypatch):
    from easy2hard.generators import sft as plugin

    monkeypatch.setattr(plugin, "TRAINS", False)
    with pytest.raises(UserError, match="'sft' trains nothing"):
        trained(folder, tmp_path / "out", {})
