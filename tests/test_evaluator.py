"""Evaluators: labels on tokens by hand for several tokenizers, training, and scores that equal one pass a step."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

torch = pytest.importorskip("torch")

import solution_world as world  # noqa: E402
import tiny_models  # noqa: E402
from easy2hard import sample_tables, solutions, tables  # noqa: E402
from easy2hard.errors import UserError  # noqa: E402
from easy2hard.evaluators import prm  # noqa: E402
from easy2hard.models import evaluator as evaluators  # noqa: E402
from easy2hard.models import judge, load  # noqa: E402
from easy2hard.models.pairs import Pairs  # noqa: E402
from easy2hard.stages import label, score, train_evaluator  # noqa: E402
from easy2hard.training_settings import EvaluatorTraining  # noqa: E402
from tokenizers import Tokenizer, models, pre_tokenizers  # noqa: E402
from transformers import PreTrainedTokenizerFast  # noqa: E402

STORY = solutions.Format(name="story", prompt="Q: {question} A:", joiner=" ; ", breaks=" ; ", answer=" ? ")
FAST = {"learning_rate": 1e-2, "batch": 8, "epochs": 2, "frozen": []}


@pytest.fixture(autouse=True)
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def spaced_tokenizer() -> PreTrainedTokenizerFast:
    """Like sentencepiece: a space before every word is part of it, one is put before the first, letters are tokens."""
    pieces = ["<unk>", "</s>", "▁", *"abcdefgh;?:QA\n", "▁a", "▁b", "▁;"]
    merges = [("▁", "a"), ("▁", "b"), ("▁", ";")]
    backend = Tokenizer(models.BPE({piece: number for number, piece in enumerate(pieces)}, merges, unk_token="<unk>"))
    backend.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always", split=False)
    return PreTrainedTokenizerFast(tokenizer_object=backend, unk_token="<unk>", eos_token="</s>")


TOKENIZERS = {
    "words": lambda: tiny_models.word_tokenizer([*"abcdefgh;?", "Q:", "A:"], bos=True),
    "bytes": tiny_models.merging_tokenizer,
    "spaced": spaced_tokenizer,
}


def labelled(text: str, spans: list[tuple[int, int, float]]) -> pd.DataFrame:
    starts, stops, labels = (list(column) for column in zip(*spans, strict=True))
    return pd.DataFrame([("x", "1", "a b", text, starts, stops, labels)], columns=list(sample_tables.LABELLED.columns))


def bare(tokenizer, ids: list[int]) -> list[str]:
    """Tokens without the signs that stand for a space."""
    return [token.strip("▁Ġ") for token in tokenizer.convert_ids_to_tokens(ids)]


# -- tokens -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TOKENIZERS)
def test_prompt_tokens_are_those_a_generator_is_given_and_spans_lead_to_the_characters(name: str):
    tokenizer = TOKENIZERS[name]()
    source, target = "Q: a b A:", " c d ; e ? f"
    (pair,) = Pairs(tokenizer).encode([source], [target])
    assert pair.source[-2:] == tokenizer(source, add_special_tokens=False)["input_ids"][-2:]
    covered = "".join(target[start:stop] for start, stop in pair.spans)
    assert covered.replace(" ", "") == target.replace(" ", "") and len(pair.spans) == len(pair.target)
    assert "".join(bare(tokenizer, pair.target)) == target.replace(" ", "")


def test_where_a_merge_crosses_the_seam_the_solution_stands_apart_without_a_first_space():
    tokenizer = spaced_tokenizer()
    (pair,) = Pairs(tokenizer).encode(["a "], ["c a"])  # the last prompt token is a space, and " c" one text
    assert tokenizer.convert_ids_to_tokens(pair.source) == ["▁a", "▁"]
    assert tokenizer.convert_ids_to_tokens(pair.target) == ["c", "▁a"]
    assert pair.spans.tolist() == [[0, 1], [1, 3]]
    (crossed,) = Pairs(tokenizer).encode(["a "], ["a c"])  # " a" is one token of the whole text
    assert tokenizer.convert_ids_to_tokens(crossed.target) == ["a", "▁", "c"]
    assert crossed.spans.tolist() == [[0, 1], [1, 2], [2, 3]]


@pytest.mark.parametrize(
    ("name", "expected"),
    [  # two steps, "c d ; " right and "e" wrong; what follows carries nothing and is not read
        ("words", [("c", 1), ("d", 1), (";", 1), ("e", 0)]),
        ("bytes", [("c", 1), ("Ġ", 1), ("d", 1), ("Ġ", 1), (";", 1), ("Ġ", 1), ("eĠ", 0)]),
        ("spaced", [("c", 1), ("▁", 1), ("d", 1), ("▁;", 1), ("▁", 1), ("e", 0)]),
    ],
)
def test_labels_of_steps_on_tokens(name: str, expected: list[tuple[str, float]]):
    tokenizer, text = TOKENIZERS[name](), "c d ; e ? f"
    layout = STORY.model_copy(update={"prompt": "{question} "})
    rows = labelled(text, [(0, 6, 1.0), (6, 7, 0.0)])
    (found,) = evaluators.examples(rows, tokenizer, layout)
    read = found.weights > 0
    tokens = tokenizer.convert_ids_to_tokens(list(found.ids[read]))
    assert list(zip(tokens, map(int, found.targets[read]), strict=True)) == expected
    assert read[-1] and not read[: len(found.ids) - read.sum()].any()


def test_spans_of_tokens_by_hand():
    tokens = np.array([[0, 2], [2, 3], [3, 3], [3, 6], [6, 8], [9, 10]])
    found = evaluators.spans_of(tokens, np.array([1, 3, 7]), np.array([3, 5, 9]))
    assert found.tolist() == [0, 0, 1, 1, 2, -1]


def test_a_tokenizer_without_offsets_is_an_error():
    tokenizer = tiny_models.word_tokenizer()
    slow = type("Slow", (), {"is_fast": False})()
    assert Pairs(tokenizer)
    with pytest.raises(UserError, match="tokenizer Slow: does not tell which characters"):
        Pairs(slow)


def test_no_token_for_a_label_is_an_error():
    with pytest.raises(UserError, match="item 'x': no token stands for a labelled character"):
        evaluators.examples(labelled("a  b", [(1, 3, 1.0)]), TOKENIZERS["words"](), STORY)


# -- training -----------------------------------------------------------------------------------------------------


def fresh(**changes: object) -> tuple[evaluators.Evaluator, object]:
    tokenizer = tiny_models.word_tokenizer(world.WORDS, bos=True)
    return evaluators.Evaluator(tiny_models.causal("llama", len(tokenizer), **changes).model), tokenizer


def taught(count: int = 30) -> pd.DataFrame:
    items, samples, grades = world.made(count, 4)
    return prm.label(samples, grades, items, world.LAYOUT, prm.Options(), 0)


def test_untrained_it_says_one_half_everywhere_and_the_first_loss_is_the_log_of_two():
    made, tokenizer = fresh()
    ids = torch.arange(4, 20)[None]
    rows, columns = torch.zeros(16, dtype=torch.long), torch.arange(16)
    assert torch.equal(made.logits({"input_ids": ids}, rows, columns).sigmoid(), torch.full((16,), 0.5))
    recipe = EvaluatorTraining(**FAST)
    _, told = evaluators.train(made.body, tokenizer, taught(), world.LAYOUT, recipe, 0)
    assert told["loss"][0][1] == pytest.approx(np.log(2), abs=1e-6) and told["loss"][-1][1] < 0.65


def test_every_labelled_token_weighs_the_same():
    made, tokenizer = fresh()
    made.head.weight.data.normal_()
    rows = taught(4).iloc[:7]
    found, labels = [], []
    for one in evaluators.examples(rows, tokenizer, world.LAYOUT):
        states = made.body(torch.tensor(one.ids)[None]).last_hidden_state[0]
        logits = (states @ made.head.weight.T).mean(-1).detach().numpy()
        found += list(logits[one.weights > 0])
        labels += list(one.targets[one.weights > 0])
    expected = np.mean(np.logaddexp(0, np.array(found)) - np.array(found) * np.array(labels))
    from easy2hard.models import training

    recipe = EvaluatorTraining(**FAST | {"batch": 7, "epochs": 1}, micro_tokens=40)
    trainer = training.Trainer(made, evaluators.label_loss(made), recipe, evaluators.EPSILON)
    examples = evaluators.examples(rows, tokenizer, world.LAYOUT)
    assert trainer.fit(examples, True, 0) == pytest.approx([expected], rel=1e-5)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return world.write(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def scored(folder, tmp_path_factory):
    """An evaluator of each kind, trained by the stages, and the scores of the process one."""
    place = tmp_path_factory.mktemp("made")
    given = {"items": folder / "items.parquet", "format": "maths_world"}
    chosen = {"options": {"training": FAST}, "seed": 0}
    for name in ("prm", "oprm"):
        both = {kind: [folder / f"{kind}.parquet"] for kind in ("samples", "grades")}
        label.main(**both, **given, **chosen, evaluator=name, out=place / f"labelled_{name}")
        rest = {"evaluator": name, "format": "maths_world", "model": folder / "base", "out": place / name}
        train_evaluator.main(labelled=place / f"labelled_{name}", **chosen, **rest)
    score.main(samples=folder / "samples.parquet", evaluator=place / "prm", out=place / "scores", **given)
    return place


def test_stage_writes_an_evaluator_that_loads_as_it_was(folder, scored):
    made, record = evaluators.load_evaluator(scored / "prm", {})
    assert record["training"]["loss"][-1][1] < 0.65 and record["labelled"]["evaluator"] == "prm"
    assert record["options"]["unfinished"] == -5.0 and "checkpoint_seconds" not in json.dumps(record)
    assert float(made.head.weight.abs().sum()) > 0 and not any(one.requires_grad for one in made.parameters())
    assert str(scored) not in (scored / "prm/record.json").read_text()
    with pytest.raises(UserError, match=r"no head\.safetensors"):
        evaluators.load_evaluator(folder / "base", {})


def test_the_same_evaluator_gives_the_same_bytes(folder, scored, tmp_path):
    given = {"evaluator": "prm", "format": "maths_world", "model": folder / "base", "options": {"training": FAST}}
    train_evaluator.main(labelled=scored / "labelled_prm", seed=0, out=tmp_path / "prm", **given)
    names = sorted(path.name for path in (scored / "prm").iterdir())
    assert "head.safetensors" in names
    assert all((scored / "prm" / name).read_bytes() == (tmp_path / "prm" / name).read_bytes() for name in names)


def test_an_encoder_is_no_evaluator(folder, scored, tmp_path):
    tokenizer = tiny_models.word_tokenizer(world.WORDS)
    tiny_models.save(tiny_models.encoder(len(tokenizer)), tokenizer, tmp_path / "bert")
    given = {"evaluator": "prm", "format": "maths_world", "model": tmp_path / "bert", "options": {}}
    with pytest.raises(UserError, match="not read from left to right"):
        train_evaluator.main(labelled=scored / "labelled_prm", seed=0, out=tmp_path / "prm", **given)


# -- scores -------------------------------------------------------------------------------------------------------


def naive(made: evaluators.Evaluator, tokenizer, question: str, text: str) -> list[float]:
    """A forward pass a step over the prompt and the solution up to that step, no separator token in this world."""
    found = []
    for step in solutions.parse(world.LAYOUT, text).steps:
        ids = torch.tensor([tokenizer(f"{question} {text[: step.end]}")["input_ids"]])
        states = made.body(ids).last_hidden_state[0, -1]
        found.append(float((made.head.weight @ states).mean()))
    return found


def test_scores_equal_a_forward_pass_a_step(folder, scored):
    made, _ = evaluators.load_evaluator(scored / "prm", {})
    tokenizer = load.load_tokenizer(scored / "prm", {})
    questions = tables.read(folder / "items.parquet", tables.ITEMS).set_index("item_id")["question"]
    texts = tables.read(folder / "samples.parquet", sample_tables.SAMPLES)
    found = tables.read(scored / "scores", sample_tables.SCORES)
    assert len(found) == len(texts) == 160 and tables.metadata(scored / "scores")["solutions"] < 160
    for (_, sample), (_, row) in zip(texts.iloc[::5].iterrows(), found.iloc[::5].iterrows(), strict=True):
        expected = naive(made, tokenizer, questions[sample["item_id"]], sample["text"])
        assert list(row["step_logits"]) == pytest.approx(expected, abs=1e-5)
        assert row["outcome_logit"] == row["step_logits"][-1]


@pytest.mark.parametrize(("name", "expected"), [("words", ["d", "f"]), ("bytes", ["Ġ", "f"]), ("spaced", ["▁;", "f"])])
def test_a_step_is_read_at_the_first_character_after_it_or_its_last_token(name: str, expected: list[str]):
    tokenizer, text = TOKENIZERS[name](), "c d ; e ? f"
    (pair,) = Pairs(tokenizer).encode(["a b "], [text])
    found = judge.reading(pair, STORY, text)
    assert tokenizer.convert_ids_to_tokens([found.ids[place] for place in found.places]) == expected
    first, last = found.places - len(pair.source)
    assert last == len(pair.target) - 1 and first == {"words": 1, "bytes": 3, "spaced": 3}[name]


def test_budget_and_shards_change_nothing(scored, monkeypatch, tmp_path):
    made, _ = evaluators.load_evaluator(scored / "prm", {})
    draw = np.random.default_rng(0)
    ids = [list(map(int, draw.integers(4, 20, size))) for size in (5, 9, 3, 9, 7)]
    readings = [judge.Reading(one, np.array([0, len(one) - 1])) for one in ids]
    whole = judge.read(made, readings)
    monkeypatch.setattr(judge, "SHARD", 2)
    parts = judge.read(made, readings, tmp_path, budget=1)
    assert [list(one) for one in parts] == [pytest.approx(list(one), abs=1e-5) for one in whole]
    assert len(list(tmp_path.iterdir())) == 3
    monkeypatch.setattr(judge, "_shard", None)  # all is on disk
    again = judge.read(made, readings, tmp_path)
    assert all((one == two).all() for one, two in zip(parts, again, strict=True))


def test_cut_off_and_empty_samples(folder, scored, tmp_path):
    samples = tables.read(folder / "samples.parquet", sample_tables.SAMPLES).iloc[:4].copy()
    samples["text"] = [samples["text"][0]] * 2 + ["", " "]
    samples["ended"] = ["eos", "length", "length", "eos"]
    tables.write(samples, tmp_path / "samples", sample_tables.SAMPLES)
    given = {"items": folder / "items.parquet", "format": "maths_world", "evaluator": scored / "prm"}
    score.main(samples=tmp_path / "samples", out=tmp_path / "scores", **given)
    whole, cut, *rest = (row for _, row in tables.read(tmp_path / "scores", sample_tables.SCORES).iterrows())
    assert list(cut["step_logits"][:-1]) == list(whole["step_logits"][:-1]) and cut["step_logits"][-1] == -5
    assert cut["outcome_logit"] == -5 != whole["outcome_logit"]
    assert all(len(row["step_logits"]) == 0 and np.isnan(row["outcome_logit"]) for row in rest)


def test_a_solution_that_does_not_fit_is_an_error(scored):
    made, _ = evaluators.load_evaluator(scored / "prm", {})
    with pytest.raises(UserError, match="513 tokens with its prompt, more than the 512 that fit"):
        judge.read(made, [judge.Reading([4] * 513, np.array([512]))])


def test_samples_of_unknown_items_are_an_error():
    samples = pd.DataFrame({"item_id": ["a"], "text": ["b"]})
    with pytest.raises(UserError, match="1 items of the samples are not among the items, such as a"):
        score.distinct(samples, pd.DataFrame({"item_id": ["b"], "question": ["c"]}))
