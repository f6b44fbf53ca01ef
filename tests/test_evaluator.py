"""Evaluators: labels on tokens by hand for several tokenizers, where steps are read, training."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

torch = pytest.importorskip("torch")

import solution_world as world  # noqa: E402
import tiny_models  # noqa: E402
from easy2hard import sample_tables, solutions  # noqa: E402
from easy2hard.errors import UserError  # noqa: E402
from easy2hard.evaluators import prm  # noqa: E402
from easy2hard.models import evaluator as evaluators  # noqa: E402
from easy2hard.models import judge  # noqa: E402
from easy2hard.models.pairs import Pairs  # noqa: E402
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


@pytest.mark.parametrize(("name", "expected"), [("words", ["d", "f"]), ("bytes", ["Ġ", "f"]), ("spaced", ["▁;", "f"])])
def test_a_step_is_read_at_the_first_character_after_it_or_its_last_token(name: str, expected: list[str]):
    tokenizer, text = TOKENIZERS[name](), "c d ; e ? f"
    (pair,) = Pairs(tokenizer).encode(["a b "], [text])
    found = judge.reading(pair, STORY, text)
    assert tokenizer.convert_ids_to_tokens([found.ids[place] for place in found.places]) == expected
    first, last = found.places - len(pair.source)
    assert last == len(pair.target) - 1 and first == {"words": 1, "bytes": 3, "spaced": 3}[name]


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
