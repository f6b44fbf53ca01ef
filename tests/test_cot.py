"""Chain of thought: zero_shot_cot, icl_cot, lora_cot on tiny models; what they write, read and refuse."""

from __future__ import annotations

import json

import pandas as pd
import pytest

torch = pytest.importorskip("torch")

import tiny_models  # noqa: E402
from easy2hard import jobs, prompts, registry, seeds, tables  # noqa: E402
from easy2hard.errors import UserError  # noqa: E402
from easy2hard.methods import _cot, icl_cot, lora_cot, zero_shot_cot  # noqa: E402
from easy2hard.models import generate, lora, score  # noqa: E402
from easy2hard.models.tokenise import ItemTokens  # noqa: E402

COLOURS = ["red", "green", "blue"]
WORDS = [*tiny_models.WORDS, "So", "the", "answer", "one"]
METHODS = {"zero_shot_cot": zero_shot_cot, "icl_cot": icl_cot, "lora_cot": lora_cot}


@pytest.fixture(autouse=True)
def one_thread():
    torch.set_num_threads(1)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    tokenizer = tiny_models.word_tokenizer(list(dict.fromkeys(WORDS)), bos=True)
    model = tiny_models.causal("llama", len(tokenizer))
    return tiny_models.save(model, tokenizer, tmp_path_factory.mktemp("models") / "tiny")


def made_items(count: int = 30) -> pd.DataFrame:
    """The question names a colour, the solution repeats it, the answer is that colour."""
    draw = seeds.generator(0, "test-cot")
    rows = []
    for number in range(count):
        label = int(draw.integers(3))
        noun = str(draw.choice(["lamp", "clock", "seed", "leaf"]))
        part = "hardness" if number < 3 else "main"
        question, solution = f"{noun} {COLOURS[label]} ?", f"{noun} is {COLOURS[label]} ."
        rows.append((f"i{number:02d}", question, COLOURS, label, COLOURS[label], solution, part))
    columns = ["item_id", "question", "choices", "label", "answer", "solution", "part"]
    return pd.DataFrame(rows, columns=columns)


def make_job(folder, method, items: pd.DataFrame | None = None, prompt: str = "0305", **options) -> jobs.Job:
    items = made_items() if items is None else items
    cells = [(size, at) for size in (2, 8) for at in range(size)]
    drawn = [(0, "easy", size, 0.0, "train", at, f"i{3 + at:02d}", None) for size, at in cells]
    split = pd.DataFrame(drawn, columns=list(tables.SPLITS.columns))
    chosen = method.Options(**{"max_new": 12, **options})
    return jobs.Job(items, items, {"grade": split}, folder, {}, None, None, chosen, prompt, 0)


QUICK = {"r": 2, "epochs": 1, "min_updates": 2}


@pytest.mark.parametrize("name", METHODS)
def test_predicts_all_but_its_training_items_same_bytes_twice(folder, tmp_path, name):
    for copy in ("a", "b"):
        job = make_job(folder, METHODS[name], **(QUICK if name == "lora_cot" else {}))
        frame = pd.concat(METHODS[name].predict(job))
        tables.write(frame, tmp_path / copy, tables.PREDICTIONS)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    expected = {0: 27} if name == "zero_shot_cot" else {2: 25, 8: 19}
    assert frame.groupby("size").size().to_dict() == expected
    assert not frame["item_id"].isin(["i00", "i01", "i02"]).any()
    assert frame["generated"].notna().all() and frame["confidence"].isna().all()


def test_lora_learns_to_reason_and_to_stop(folder, capsys):
    learn = {"r": 8, "learning_rate": 2e-2, "min_updates": 60, "batch": 8, "micro_batch": 8, "dropout": 0.0}
    targets = ["q_proj", "v_proj", "up_proj", "down_proj"]
    frame = pd.concat(lora_cot.predict(make_job(folder, lora_cot, **learn, targets=targets)))
    large = frame[frame["size"] == 8].set_index("item_id")
    assert large["correct"].mean() > 0.8 > frame.loc[frame["size"] == 2, "correct"].mean()
    items = made_items().set_index("item_id")
    taught = (" " + items["solution"] + " So the answer is " + items["answer"]).str.strip()
    assert (large["generated"].str.strip() == taught[large.index]).mean() > 0.5
    said = capsys.readouterr().err
    assert "8 items, 60 epochs, 60 updates" in said and "0 cut at the limit" in said.splitlines()[-1]


def test_demonstrations_stand_before_the_question(folder, monkeypatch):
    seen = []

    def spy(model, tokenizer, stems, stop, rows):
        seen.append(([tokenizer.decode(stem) for stem in stems], stop))
        return [generate.Generated("So the answer is red", 5, "eos")] * len(stems)

    monkeypatch.setattr("easy2hard.models.reason.generate", spy)
    frame = pd.concat(icl_cot.predict(make_job(folder, icl_cot, stop=["one"])))
    items = made_items().set_index("item_id", drop=False)
    prompt = prompts.resolve("0305")
    shown = [prompts.render_example(prompt, items.loc[name]) for name in ("i03", "i04")]
    query = prompts.render_query(prompt, items.loc["i05"])
    assert seen[0][0][0] == "<s> " + " ".join(f"{shown[0]} {shown[1]} {query}".split())
    assert seen[0][1] == generate.Stop(("\n\n", "\nQ:", "one"), 12)
    gold = items.loc[frame["item_id"], "label"].to_numpy() == 0
    assert (frame["correct"].to_numpy() == gold).all() and (frame["prediction"] == 0).all()


@pytest.mark.parametrize("name", ["icl_cot", "lora_cot"])
def test_items_that_noise_hits_are_shown_with_the_reasoning_of_another(folder, monkeypatch, name):
    job, seen = make_job(folder, METHODS[name], **(QUICK if name == "lora_cot" else {})), []
    split = job.splits["grade"].query("size == 8")
    wrong = split.assign(noise=0.5, label=[1, 1] + [None] * 6)
    job.splits["grade"] = pd.concat([split, wrong]).astype({"label": "Int32"})
    monkeypatch.setattr(prompts, "render_example", lambda prompt, item: seen.append(item) or "{query} {solution}")
    monkeypatch.setattr(prompts, "render_query", lambda prompt, item: "{query}")
    monkeypatch.setattr(generate, "generate", lambda *given: [generate.Generated("red", 1, "eos")] * 19)
    monkeypatch.setattr("easy2hard.models.reason.generate", generate.generate)
    frame = pd.concat(METHODS[name].predict(job))
    own = made_items().set_index("item_id")["solution"]
    moved = {item["item_id"]: item["answer"] for item in seen if item["solution"] != own[item["item_id"]]}
    assert set(moved) <= {"i03", "i04"} and set(moved.values()) == {"green"} and set(frame["noise"]) == {0.0, 0.5}


def test_demonstrations_are_dropped_until_question_and_answer_fit(folder, capsys):
    pd.concat(icl_cot.predict(make_job(folder, icl_cot, max_tokens=60)))
    assert "items do not fit beside" in capsys.readouterr().err
    with pytest.raises(UserError, match="more than the 14 that fit"):
        pd.concat(icl_cot.predict(make_job(folder, icl_cot, max_tokens=14)))


def test_free_form_items_and_the_three_extractors():
    items = pd.DataFrame({"item_id": ["a", "b", "c"], "choices": [["1,080"], ["5"], ["7"]], "label": [0, 0, 0]})
    said = ["So the answer is 1,080", "So the answer is 5.0", "He has 7"]
    texts = [generate.Generated(text, 4, "eos") for text in said]
    right = {
        name: _cot.predictions(items, texts, _cot.Options(extractor=name))["correct"].tolist()
        for name in ("sound", "strict", "legacy")
    }
    assert right == {"sound": [True] * 3, "strict": [True, True, False], "legacy": [False] * 3}


def test_missing_reasoning_and_end_tokens_are_one_line(folder, tmp_path):
    bare = made_items().assign(solution=None)
    for method in (icl_cot, lora_cot):
        with pytest.raises(UserError, match="item 'i03' has no solution, which the template shows"):
            next(method.predict(make_job(folder, method, bare)))
    odd = json.dumps({"query": "Q: {question}", "example": "{answer}"})
    with pytest.raises(UserError, match="for a model to be taught it"):
        next(lora_cot.predict(make_job(folder, lora_cot, prompt=odd)))
    tokenizer = tiny_models.word_tokenizer(WORDS[:20])
    tokenizer.eos_token = None
    endless = tiny_models.save(tiny_models.causal("llama", len(tokenizer)), tokenizer, tmp_path / "endless")
    with pytest.raises(UserError, match="no end token"):
        next(lora_cot.predict(make_job(endless, lora_cot)))


def test_the_loss_is_minus_the_summed_log_probability_averaged_over_the_batch():
    items = [ItemTokens([2, 5, 6], [[7, 8, 9, 3]]), ItemTokens([2, 6], [[9, 3]])]
    model = tiny_models.causal("llama", 24)
    expected = -sum(float(row[0]) for row in score.token_log_probs(model, items)) / 2
    tuner = lora.TextTuner(model, lora.Recipe(dropout=0.0, min_updates=1, epochs=1, batch=2))
    assert tuner.fit_texts(items, seed=0)[0] == pytest.approx(expected, rel=1e-5)


def test_the_updates_of_the_paper_s_code():
    options = lora_cot.Options()
    assert lora.schedule(160, options.recipe()) == (38, 152) and options.recipe().r == 16


@pytest.mark.parametrize("name", METHODS)
def test_contract(name):
    module = registry.load("methods", name)
    assert module.NEEDS == "model" and module.GENERATES
    assert all(field.description for field in module.Options.model_fields.values())

