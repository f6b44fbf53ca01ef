"""MDL of one model is one load: 5 sizes × 5 draws share the model, the tokens and the hidden states."""

from __future__ import annotations

import pandas as pd
import pytest
from easy2hard import apart, jobs, tables
from easy2hard.methods import lora, probe
from easy2hard.models import load, score, tree
from easy2hard.models.tokenise import Encoder
from easy2hard.stages import encode
from tiny_models import WORDS, causal, save, word_tokenizer

SIZES, DRAWS = [2, 4, 6, 8, 10], 5


def items() -> pd.DataFrame:
    rows = pd.DataFrame({name: [None] * 24 for name in tables.ITEMS.columns})
    questions = [f"which {WORDS[at]} {WORDS[at + 3]} ?" for at in range(24)]
    rows = rows.assign(item_id=[f"i{at:02d}" for at in range(24)], question=questions, label=[0, 1] * 12, origin="toy")
    part = ["hardness"] * 12 + ["main"] * 9 + ["held_out"] * 3
    return rows.assign(part=part, answer="red", choices=[["red", "blue"]] * 24)


@pytest.fixture
def job(tmp_path) -> jobs.Job:
    tokenizer = word_tokenizer(bos=True)
    model = save(causal("llama", len(tokenizer), initializer_range=0.02), tokenizer, tmp_path / "model")
    data = items()
    tables.write(data, tmp_path / "items.parquet", tables.ITEMS, {"dataset": "toy"})
    drawn = apart.draw(data, apart.Spec(dataset="toy", sizes=SIZES, seeds=DRAWS, seed=0))
    splits = {apart.MEASURE: drawn[drawn["role"] == "train"]}
    return jobs.Job(data, data, splits, model, {}, tmp_path / "s.parquet", tmp_path / "s.parquet", None, "0040", 0)


def counted(monkeypatch, owner: object, name: str) -> list:
    calls, kept = [], getattr(owner, name)
    monkeypatch.setattr(owner, name, lambda *a, **k: calls.append(name) or kept(*a, **k))
    return calls


def whole(found: list[pd.DataFrame]) -> pd.DataFrame:
    rows = pd.concat(found)
    assert len(rows[["size", "seed"]].drop_duplicates()) == len(SIZES) * DRAWS
    assert len(rows) == len(SIZES) * DRAWS * 12 and not rows["item_id"].lt("i12").any()
    return rows


def test_25_fits_of_lora_load_and_tokenise_once(job, monkeypatch):
    loads, tokenised = counted(monkeypatch, load, "load_language_model"), counted(monkeypatch, Encoder, "items")
    scored = counted(monkeypatch, score, "token_log_probs")
    rows = whole(list(lora.predict(jobs.Job(**{**vars(job), "options": lora.Options(r=2, epochs=1, min_updates=1)}))))
    assert (len(loads), len(tokenised), len(scored)) == (1, 1, 25)
    assert rows.groupby(["size", "seed"])["label_confidence"].mean().nunique() > 20


def test_25_probes_read_one_pass_of_hidden_states(job, monkeypatch):
    loads, passes = counted(monkeypatch, load, "load_encoder"), counted(monkeypatch, tree, "default_budget")
    encode.main(job.states.with_name("items.parquet"), job.states, job.model, {}, at="question_end")
    assert len(loads) == len(passes) == 1
    options = probe.Options(recipe="lbfgs", steps=500)
    rows = whole(list(probe.predict(jobs.Job(**{**vars(job), "options": options}))))
    assert len(loads) == 1
    assert rows.groupby(["size", "seed"])["label_confidence"].mean().nunique() > 20
