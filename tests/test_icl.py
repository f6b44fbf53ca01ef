"""zero_shot and icl: who is predicted from which demonstrations, and what is done when these do not fit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from easy2hard import jobs, prompts, tables
from easy2hard.errors import UserError
from easy2hard.methods import icl, zero_shot
from easy2hard.models import ask, load, score
from tiny_models import WORDS, causal, save, word_tokenizer


def invented(count: int = 12) -> pd.DataFrame:
    draw = np.random.default_rng(4)
    rows = []
    for number in range(count):
        choices = list(draw.permutation(WORDS[8:24])[: draw.integers(2, 5)])
        label = int(draw.integers(len(choices)))
        question = "which " + " ".join(draw.choice(WORDS[:24], 4)) + " ?"
        part = "hardness" if number == 0 else "main"
        rows.append((f"i{number:02d}", question, choices, label, choices[label], part))
    return pd.DataFrame(rows, columns=["item_id", "question", "choices", "label", "answer", "part"])


def split(items: pd.DataFrame, sizes: tuple[int, ...] = (2, 3)) -> pd.DataFrame:
    rows = []
    for seed, order in ((0, (5, 2, 8)), (1, (3, 9, 1))):
        for size in sizes:
            rows += [(seed, "easy", size, 0.0, "train", at, items["item_id"][order[at]], None) for at in range(size)]
    return pd.DataFrame(rows, columns=list(tables.SPLITS.columns))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    tokenizer = word_tokenizer(bos=True)
    return save(causal("llama", len(tokenizer)), tokenizer, tmp_path_factory.mktemp("models") / "tiny")


def job(folder, method, items=None, **options) -> jobs.Job:
    items = invented() if items is None else items
    return jobs.Job(
        items=items,
        train_items=items,
        splits={"grade": split(items)},
        model=folder,
        model_spec={},
        states=None,
        train_states=None,
        options=method.Options(**options),
        prompt="0040",
        seed=0,
    )


def test_zero_shot_predicts_every_test_item_once(folder, tmp_path):
    (rows,) = zero_shot.predict(job(folder, zero_shot))
    assert list(rows["item_id"]) == [f"i{number:02d}" for number in range(1, 12)]
    assert set(rows["condition"]) == {"unsupervised"} and set(rows["size"]) == {0}
    tables.write(rows, tmp_path / "p.parquet", tables.PREDICTIONS)


def test_icl_reads_the_draw_in_order_and_predicts_the_rest(folder, tmp_path):
    given = job(folder, icl)
    rows = pd.concat(icl.predict(given))
    tables.write(rows, tmp_path / "p.parquet", tables.PREDICTIONS)
    assert rows.groupby(["seed", "size"]).size().to_dict() == {(0, 2): 9, (0, 3): 8, (1, 2): 9, (1, 3): 8}
    one = rows[(rows["seed"] == 1) & (rows["size"] == 3)].set_index("item_id")
    assert set(one.index).isdisjoint({"i03", "i09", "i01", "i00"})
    prompt, items = prompts.resolve("0040"), given.items.set_index("item_id", drop=False).to_dict("index")
    context = "".join(prompts.render_example(prompt, items[name]) + "\n\n" for name in ("i03", "i09", "i01"))
    test = items["i07"]
    expected = score.choice_log_probs(
        load.load_causal(folder, {}),
        load.load_tokenizer(folder, {}),
        context,
        [prompts.render_query(prompt, test)],
        [prompts.continuations(prompt, test)],
    )[0]
    np.testing.assert_allclose(one.loc["i07", "scores"], expected, atol=1e-4)


def test_demonstrations_are_dropped_from_the_end_item_by_item(folder, capfd):
    items = invented()
    items.loc[7, "question"] = "which " + "stone " * 40 + "?"  # fits beside fewer examples than the others do
    records = items.to_dict("records")
    shown, asked = records[1:4], [records[6], records[7]]
    asker = ask.Asker(folder, {}, prompts.resolve("0040"), icl.Options(max_tokens=80))
    free = ask.Asker(folder, {}, prompts.resolve("0040"), icl.Options())
    lengths = [item.longest for item in tokens(free, asked, shown)], [item.longest for item in tokens(free, asked, [])]
    assert lengths[0][0] <= 80 < lengths[0][1] and lengths[1][1] <= 80
    found = asker.scores(asked, shown)
    assert "1 items do not fit beside 3 examples" in capfd.readouterr().err
    np.testing.assert_allclose(found[0], free.scores(asked[:1], shown)[0], atol=1e-4)
    fitting = max(count for count in range(3) if tokens(free, asked, shown[:count])[1].longest <= 80)
    np.testing.assert_allclose(found[1], free.scores(asked[1:], shown[:fitting])[0], atol=1e-4)
    with pytest.raises(UserError, match="more than the 30 that fit"):
        ask.Asker(folder, {}, prompts.resolve("0040"), icl.Options(max_tokens=30)).scores(asked, shown)


def tokens(asker: ask.Asker, asked: list[dict], shown: list[dict]):
    context = prompts.render_context(asker.prompt, [prompts.render_example(asker.prompt, item) for item in shown])
    queries = [prompts.render_query(asker.prompt, item) for item in asked]
    return asker.encoder.items(context, queries, [prompts.continuations(asker.prompt, item) for item in asked])


@pytest.mark.parametrize("options", [{"normalise": "pmi"}, {"normalise": "char"}, {"answer_as": "letter"}])
def test_scoring_options_change_the_scores(folder, options):
    (plain,) = zero_shot.predict(job(folder, zero_shot))
    (changed,) = zero_shot.predict(job(folder, zero_shot, **options))
    assert not np.allclose(np.concatenate(list(plain["scores"])), np.concatenate(list(changed["scores"])))


def test_two_runs_give_the_same_numbers(folder):
    first, second = (pd.concat(icl.predict(job(folder, icl))) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)


def test_an_item_without_choices_is_an_error(folder):
    items = invented()
    items.at[4, "choices"], items.loc[4, "label"] = ["stone"], 0
    with pytest.raises(UserError, match="item 'i04': 1 choice"):
        list(zero_shot.predict(job(folder, zero_shot, items)))
