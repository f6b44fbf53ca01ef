"""MDL hardness from invented predictions, checked by hand; averaging and norming over models; the stage."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from easy2hard import mdl, tables
from easy2hard.errors import UserError
from easy2hard.stages import annotate_by_models

# Label confidences by item, of the runs (size, seed) in this order.
RUNS = [(5, 0), (5, 1), (20, 0), (20, 1)]
CONFIDENCE = {"a": [0.5, 0.5, 1.0, 1.0], "b": [0.25, 0.25, 0.25, 0.25], "c": [0.0, 0.5, 0.5, 0.5], "h": [1, 1, 1, 0]}
BY_HAND = {"a": 0.25, "b": 0.75, "c": 0.625, "h": 0.25}
PART = {"a": "main", "b": "main", "c": "main", "h": "held_out", "x": "hardness"}
ABOUT = {"dataset": "toy", "licence": "CC0", "sources": [], "raw": 5, "kept": 5, "dropped": {}}
PERCENTILES = {"kind": "percentiles", "easy": 30, "hard": 70}


def items(choices: int = 2) -> pd.DataFrame:
    rows = pd.DataFrame({name: [None] * len(PART) for name in tables.ITEMS.columns})
    options = [[f"choice {number}" for number in range(choices)]] * len(PART)
    return rows.assign(
        item_id=list(PART), part=list(PART.values()), answer="a", label=0, origin="toy", question="?"
    ).assign(choices=options)


def predictions(confidence: dict = CONFIDENCE) -> pd.DataFrame:
    rows = [
        {"item_id": item, "size": size, "seed": seed, "label_confidence": value, "correct": value > 0.5}
        for item, values in confidence.items()
        for (size, seed), value in zip(RUNS, values, strict=True)
    ]
    frame = pd.DataFrame(rows).astype({"label_confidence": np.float32, "size": np.int32, "seed": np.int32})
    common = {"measure": "none", "condition": "all", "prediction": np.int32(0), "confidence": np.float32(0.5)}
    full = frame.assign(**common, scores=[[0.0, 0.0]] * len(frame))
    return full.assign(**{name: None for name in tables.PREDICTIONS.columns if name not in full})


def test_hardness_is_one_minus_the_mean_over_sizes_and_seeds():
    found = mdl.hardness(predictions(), items(), "here")
    assert found.drop("x").to_dict() == BY_HAND
    assert np.isnan(found["x"])


def test_the_order_of_predictions_does_not_matter():
    shuffled = predictions().sample(frac=1, random_state=0)
    assert mdl.hardness(shuffled, items(), "here").drop("x").to_dict() == BY_HAND


def test_curves_are_means_by_run_and_part():
    found = pd.DataFrame(mdl.curve(predictions(), items())).set_index(["part", "size", "seed"])
    assert len(found) == 8
    assert found.loc[("main", 5, 0), ["items", "label_confidence", "accuracy"]].tolist() == [3, 0.25, 0]
    assert found.loc[("main", 20, 1), "label_confidence"] == pytest.approx((1 + 0.25 + 0.5) / 3)
    assert found.loc[("main", 20, 1), "accuracy"] == pytest.approx(1 / 3)
    assert found.loc[("held_out", 20, 1), ["items", "label_confidence", "accuracy"]].tolist() == [1, 0, 0]


TWO = {
    "m": pd.Series({"a": 0.2, "b": 0.6, "c": 1.0, "h": 1.4, "x": np.nan}),
    "n": pd.Series({"a": 30.0, "b": 10.0, "c": 20.0, "h": 10.0, "x": np.nan}),
}


def test_raw_averages_are_means_over_models():
    found = mdl.average(TWO, pd.Series(PART), "raw")
    assert found.drop("x").tolist() == pytest.approx([15.1, 5.3, 10.5, 5.7])
    assert np.isnan(found["x"])


def test_normed_averages_stretch_each_model_over_main_first():
    # m: (v − 0.2)/0.8 → 0, .5, 1, and 1.5 outside main; n: (v − 10)/20 → 1, 0, .5, 0.
    found = mdl.average(TWO, pd.Series(PART), "normed")
    assert found.drop("x").tolist() == pytest.approx([0.5, 0.25, 0.75, 0.75])


def test_a_single_model_is_its_own_average():
    assert mdl.average({"m": TWO["m"]}, pd.Series(PART), "raw").equals(TWO["m"])


def test_what_is_constant_cannot_be_normed():
    flat = TWO | {"n": pd.Series({"a": 1.0, "b": 1.0, "c": 1.0, "h": 3.0})}
    with pytest.raises(UserError, match="model 'n' gives all items of part 'main' the same value"):
        mdl.average(flat, pd.Series(PART), "normed")


def lacking(item: str, size: int) -> pd.DataFrame:
    rows = predictions()
    return rows[(rows["item_id"] != item) | (rows["size"] != size)]


DAMAGE = {
    "a run too few": (lambda: lacking("b", 20), items, "here: item 'b' has predictions of 2 of 4 runs"),
    "an item not predicted": (
        lambda: predictions({k: v for k, v in CONFIDENCE.items() if k != "h"}),
        items,
        "here: item 'h' has predictions of 0 of 4 runs",
    ),
    "no confidence": (
        lambda: predictions(CONFIDENCE | {"c": [np.nan] * 4}),
        items,
        "here: no confidence for item 'c'.*scores the choices",
    ),
    "one choice": (predictions, lambda: items(1), "here: item 'a' has one choice"),
}


@pytest.mark.parametrize(("rows", "given", "said"), DAMAGE.values(), ids=DAMAGE.keys())
def test_predictions_that_cannot_be_averaged_are_one_line(rows, given, said):
    with pytest.raises(UserError, match=said) as caught:
        mdl.hardness(rows(), given(), "here")
    assert "\n" not in str(caught.value)


# -- the stage ------------------------------------------------------------------------------------------------------


@pytest.fixture
def stored(tmp_path: Path) -> dict[str, Path]:
    """Items, predictions of two models (of the second all confidences are halved), likelihoods of both."""
    found = {name: tmp_path / f"{name}.parquet" for name in ("items", "m", "n", "nll_m", "nll_n", "out")}
    tables.write(items(), found["items"], tables.ITEMS, ABOUT)
    halved = {item: [value / 2 for value in values] for item, values in CONFIDENCE.items()}
    for name, values in (("m", CONFIDENCE), ("n", halved)):
        tables.write(predictions(values), found[name], tables.PREDICTIONS)
    for name, factor in (("nll_m", 1.0), ("nll_n", 3.0)):
        rows = pd.DataFrame({"item_id": list(PART), "question": [factor * at for at in (1, 2, 3, 4, 5)]})
        rows = rows.assign(answer=factor, reasoning=[np.nan, 1.0, 2.0, 3.0, np.nan])
        unknown = {"question": 0, "answer": 0, "reasoning": 2}
        tables.write(rows, found[name], tables.NLL, {"unknown": unknown})
    return found


def made(stored: dict, spec: dict, **inputs: list[Path]) -> tuple[pd.DataFrame, dict]:
    annotate_by_models.main(stored["items"], "mdl_x", PERCENTILES, spec, stored["out"], **inputs)
    return tables.read(stored["out"], tables.HARDNESS).set_index("item_id"), tables.metadata(stored["out"])


MDL = {"title": "MDL, probe", "method": "Linear probe", "models": ["m", "n"], "average": "raw"}
NLL = {"title": "NLL", "text": "question", "models": ["m", "n"], "average": "raw"}


def test_the_stage_averages_models_and_says_what_it_did(stored):
    rows, about = made(stored, MDL, predictions=[stored["m"], stored["n"]])
    by_hand = {item: value + (1 - value) / 4 for item, value in BY_HAND.items()}  # (v + 1 − (1 − v)/2) / 2
    assert rows["value"].dropna().to_dict() == pytest.approx(by_hand)
    assert rows["bucket"].fillna("").to_dict() == {"a": "easy", "b": "hard", "c": "medium", "h": "easy", "x": ""}
    assert (about["models"], about["sizes"], about["seeds"]) == (["m", "n"], [5, 20], 2)
    assert len(about["curves"]) == 16 and {run["model"] for run in about["curves"]} == {"m", "n"}
    how = "method: Linear probe; trained on 5, 20 items held apart, 2 draws each; models: m, n"
    assert about["definition"].endswith(f"right choice, averaged over models ({how}).")
    assert about["counts"]["hardness"]["missing"] == 1


def test_the_stage_reads_likelihoods(stored):
    rows, about = made(stored, NLL, nll=[stored["nll_m"], stored["nll_n"]])
    assert rows["value"].tolist() == [2, 4, 6, 8, 10]
    assert (
        "bare question, in nats summed over its tokens, averaged over models (models: m, n)." in about["definition"]
        and about["curves"] == []
        and about["concerns"] == []
    )
    rows, about = made(stored, NLL | {"text": "reasoning", "models": ["m"]}, nll=[stored["nll_m"]])
    assert rows["value"].isna().tolist() == [True, False, False, False, True]
    assert about["concerns"][-1] == "2 texts hold words that the tokenizer of m does not know"


def test_the_same_tables_give_the_same_bytes(stored):
    files = []
    for _ in range(2):
        made(stored, MDL | {"average": "normed"}, predictions=[stored["m"], stored["n"]])
        files.append(stored["out"].read_bytes())
    assert files[0] == files[1]


def test_models_must_have_run_alike(stored):
    rows = predictions()
    tables.write(rows[rows["size"] == 5], stored["n"], tables.PREDICTIONS)
    with pytest.raises(UserError, match=r"n.parquet: \(sizes, seeds\) are \(\[5\], 2\), but \(\[5, 20\], 2\)"):
        made(stored, MDL, predictions=[stored["m"], stored["n"]])


def test_a_table_a_model(stored):
    with pytest.raises(UserError, match="1 tables for 2 models"):
        made(stored, MDL, predictions=[stored["m"]])


def test_the_card_shows_curves(stored):
    from easy2hard.stages import card

    made(stored, MDL, predictions=[stored["m"], stored["n"]])
    card.main(stored["items"], [stored["out"]], stored["out"].with_name("README.md"))
    text = stored["out"].with_name("README.md").read_text()
    assert "### MDL, probe (`mdl_x`)" in text
    line = next(line for line in text.splitlines() if line.startswith("| m "))
    # main: size 5 (0.25 + 1.25/3)/2, size 20 (1.75/3)
    assert [cell.strip() for cell in line.strip("|").split("|")] == ["m", "0.333", "0.583"]
