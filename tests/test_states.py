"""Hidden states are those of `output_hidden_states`, written in order, with memory flat in the number of items."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
import torch
from easy2hard import prompts, state_tables, tables
from easy2hard.errors import UserError
from easy2hard.models import states
from easy2hard.models.tokenise import Encoder
from easy2hard.stages import encode
from tiny_models import causal, encoder, merging_tokenizer, save, word_tokenizer
from tokenizers.processors import TemplateProcessing

CAUSAL = ("llama", "gpt2", "gpt_neox", "phi", "gemma2", "qwen2", "opt")


def invented(count: int) -> pd.DataFrame:
    """Items with two to four choices, ids not in the order of rows."""
    draw = np.random.default_rng(1)
    words = np.array(["stone", "river", "moon", "lamp", "clock", "mirror"])
    rows = []
    for number in range(count):
        choices = list(draw.permutation(words)[: draw.integers(2, 5)])
        question = "which " + " ".join(draw.choice(words, draw.integers(2, 12))) + " ?"
        rows.append({"item_id": f"i{(number * 7) % count:05d}", "question": question, "choices": choices, "label": 0})
    frame = pd.DataFrame(rows).assign(answer=lambda x: x["choices"].str[0], part="main", origin="invented")
    frame["label"] = frame["label"].astype("int32")
    return frame.assign(**{name: None for name in tables.ITEMS.nullable})


def reference(model, texts: list[list[int]], layers: tuple[int, ...], pooling: str) -> np.ndarray:
    rows = []
    for text in texts:
        with torch.no_grad():
            every = model(input_ids=torch.tensor([text]), output_hidden_states=True).hidden_states
        take = {"last": lambda h: h[0, -1], "cls": lambda h: h[0, 0], "mean": lambda h: h[0].mean(0)}[pooling]
        rows.append(torch.cat([take(every[layer]) for layer in layers]).numpy())
    return np.stack(rows)


def tokens(tokenizer, count: int = 9) -> list:
    items = invented(count).to_dict("records")
    template = prompts.resolve("0040")
    queries = [prompts.render_query(template, item) for item in items]
    return Encoder(tokenizer).items("", queries, [prompts.continuations(template, item) for item in items])


@pytest.mark.parametrize("family", CAUSAL)
def test_states_of_causal_models(family):
    tokenizer = merging_tokenizer(bos=True)
    model = causal(family, len(tokenizer)).base_model
    items = tokens(tokenizer)
    reader = states.Reader(model, (0, 2, 3), "last", budget=200)
    found = reader.choices(items)
    expected = reference(model, [item.stem + choice for item in items for choice in item.choices], (0, 2, 3), "last")
    np.testing.assert_allclose(found, expected, atol=2e-4)
    np.testing.assert_allclose(reader.texts([item.stem for item in items]), reader_alone(reader, items), atol=2e-4)


def reader_alone(reader: states.Reader, items: list) -> np.ndarray:
    return np.concatenate([reader.texts([item.stem]) for item in items])


@pytest.mark.parametrize("pooling", ["mean", "cls", "last"])
def test_states_of_an_encoder(pooling):
    tokenizer = word_tokenizer()
    model = encoder(len(tokenizer))
    items = tokens(tokenizer)
    found = states.Reader(model, (2, 3), pooling, budget=300).choices(items)
    texts = [item.stem + choice for item in items for choice in item.choices]
    np.testing.assert_allclose(found, reference(model, texts, (2, 3), pooling), atol=2e-4)


def test_layers_by_name_and_number():
    model = causal("llama", 50, num_hidden_layers=4)
    assert states.resolve_layers(model, "paper") == (3, 4)  # of five states: ⌈5/2⌉ = 3, and the last
    assert states.resolve_layers(model, "last") == (4,)
    assert states.resolve_layers(model, [0, -1]) == (0, 4)
    for wrong in ("first", [5], [1, 1], []):
        with pytest.raises(UserError, match="layers"):
            states.resolve_layers(model, wrong)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    tokenizer = word_tokenizer(bos=True)
    return save(causal("llama", len(tokenizer)), tokenizer, tmp_path_factory.mktemp("model") / "tiny")


def written(tmp_path, folder, count: int = 40, **options):
    tables.write(invented(count), tmp_path / "items.parquet", tables.ITEMS)
    encode.main(items=tmp_path / "items.parquet", model=folder, out=tmp_path / "states.parquet", **options)
    return tmp_path / "states.parquet"


def test_encode_writes_rows_in_order_of_items(tmp_path, folder, monkeypatch):
    monkeypatch.setattr(encode, "WINDOW", 16)
    path = written(tmp_path, folder)
    ids, choices, found = state_tables.read_states(path)
    items = tables.read(tmp_path / "items.parquet", tables.ITEMS)
    assert list(ids) == list(items["item_id"].repeat(items["choices"].str.len()))
    assert list(choices) == [number for row in items["choices"] for number in range(len(row))]
    assert pq.ParquetFile(path).num_row_groups == 3
    assert found.dtype == np.float32 and found.shape == (len(ids), 64)
    stored = state_tables.read_metadata(path)
    assert (stored["layers"], stored["width"], stored["at"], stored["pooling"]) == ([2, 3], 32, "choice", "last")
    assert stored["model"].startswith("sha256:") and str(tmp_path) not in str(stored)


@pytest.mark.parametrize("at", ["choice", "question_end"])
def test_encode_with_an_encoder_reads_marked_texts(tmp_path, at):
    tokenizer = word_tokenizer()
    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 2), ("</s>", 3)]
    )
    model = encoder(len(tokenizer))
    path = written(tmp_path, save(model, tokenizer, tmp_path / "bert"), 5, at=at)
    template, items = prompts.resolve("0040"), tables.read(tmp_path / "items.parquet", tables.ITEMS).to_dict("records")
    endings = {"choice": prompts.continuations, "question_end": lambda *_: [""]}[at]
    texts = [prompts.render_query(template, item) + end for item in items for end in endings(template, item)]
    ids = [tokenizer(text)["input_ids"] for text in texts]
    assert all(row[0] == 2 and row[-1] == 3 for row in ids)
    np.testing.assert_allclose(state_tables.read_states(path)[2], reference(model, ids, (2, 3), "mean"), atol=2e-3)


def test_encode_question_end_and_same_bytes(tmp_path, folder):
    options = {"at": "question_end", "layers": "[0, -1]"}
    first = written(tmp_path, folder, **options).read_bytes()
    ids, choices, found = state_tables.read_states(tmp_path / "states.parquet")
    assert len(ids) == 40 and set(choices) == {state_tables.QUESTION} and found.shape[1] == 64
    assert written(tmp_path, folder, **options).read_bytes() == first


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"at": "start"}, "at: unknown value 'start'"),
        ({"layers": "[9]"}, "from 0"),
        ({"layers": "[x"}, "expected a word or a list"),
        ({"prompt": "0041"}, "did you mean '0040'"),
        ({"pooling": "max"}, "pooling 'max'"),
    ],
)
def test_wrong_options_write_nothing(tmp_path, folder, options, message):
    with pytest.raises(UserError, match=message):
        written(tmp_path, folder, **options)
    assert [path.name for path in tmp_path.iterdir()] == ["items.parquet"]


def test_a_state_that_does_not_fit_in_16_bits_is_an_error(tmp_path):
    path = tmp_path / "s.parquet"
    for value in (1e6, np.nan):
        with pytest.raises(UserError, match="item 'b'.*16-bit"), state_tables.writing(path, 2, {}) as writer:
            writer.append(["a", "b"], [0, 0], np.array([[1, 2], [3, value]]))
    assert not list(tmp_path.iterdir())


def test_reading_another_table_is_an_error(tmp_path):
    tables.write(invented(3), tmp_path / "items.parquet", tables.ITEMS)
    with pytest.raises(UserError, match="not a table of hidden states"):
        state_tables.read_states(tmp_path / "items.parquet")


def test_reader_needs_no_torch():
    code = "import sys; import easy2hard.state_tables; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], env={"PYTHONPATH": "workflow"}, check=False).returncode == 0


def test_rows_held_at_once_do_not_grow_with_the_items(tmp_path, folder, monkeypatch):
    """What is read and written at once is a window, whatever the number of items."""
    monkeypatch.setattr(encode, "WINDOW", 32)
    append, largest = state_tables.Writer.append, {}
    for count in (64, 256):
        sizes = []

        def counted(self, ids, choices, found, sizes=sizes):
            sizes.append(found.nbytes)
            append(self, ids, choices, found)

        monkeypatch.setattr(state_tables.Writer, "append", counted)
        written(tmp_path, folder, count)
        assert len(sizes) == count // 32
        largest[count] = max(sizes)
    assert largest[256] <= 1.3 * largest[64]
