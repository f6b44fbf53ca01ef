"""Measures read from models in the config and the workflow: faults, files, and one measure from start to end."""

from __future__ import annotations

import copy

import house
import numpy as np
import pandas as pd
import pytest
import yaml
from easy2hard import check, front, model_measures, runs, tables
from easy2hard.errors import UserError

SETTINGS = front.read(house.ROOT / "config.yaml", house.ROOT / "config" / "mdl.yaml")
MEASURES = ("datasets", "qa_mdl", "model_measures")
PROBE = (*MEASURES, "mdl_probe")


def changed(*changes: tuple[tuple, object]) -> dict:
    settings = copy.deepcopy(SETTINGS)
    for key, value in changes:
        owner = settings
        for part in key[:-1]:
            owner = owner[part]
        owner[key[-1]] = value
    return settings


ENCODER = {"path": ".", "kind": "encoder"}
FAULTS = {
    # id: (changes, what the one line must say)
    "an unknown split": ([((*PROBE, "split"), "qa_apat")], ["mdl_probe.split", "unknown split", "'qa_apart'"]),
    "an unknown method": ([((*PROBE, "method"), "mdl_prob")], ["mdl_probe.method", "did you mean 'mdl_probe'"]),
    "an unknown model": ([((*PROBE, "models"), ["tiny"])], ["mdl_probe.models.0", "unknown model 'tiny'"]),
    "a model twice": ([((*PROBE, "models"), ["tiny_llama", "tiny_llama"])], ["'tiny_llama' stands twice"]),
    "no model": ([((*PROBE, "models"), [])], ["mdl_probe.models", "at least one"]),
    "a name without its prefix": (
        [((*MEASURES, "probed"), {"method": "zero_shot", "models": ["tiny_llama"]})],
        ["model_measures.probed", "begins with 'mdl_'"],
    ),
    "a likelihood named as MDL": (
        [((*MEASURES, "mdl_q"), {"text": "question", "models": ["tiny_llama"]})],
        ["model_measures.mdl_q", "begins with 'nll_'"],
    ),
    "method and text": ([((*PROBE, "text"), "answer")], ["mdl_probe", "exactly one of 'method' and 'text'"]),
    "neither": ([((*MEASURES, "nll_x"), {"models": ["tiny_llama"]})], ["nll_x", "exactly one of 'method' and 'text'"]),
    "an unknown text": (
        [((*MEASURES, "nll_x"), {"text": "title", "models": ["tiny_llama"]})],
        ["nll_x.text", "'title'"],
    ),
    "an unknown average": ([((*PROBE, "average"), "median")], ["mdl_probe.average", "'median'"]),
    "a trained method without a split": (
        [((*PROBE, "split"), None)],
        ["mdl_probe", "needs a 'split' with 'pool: hard"],
    ),
    "a split for what is not trained": (
        [((*MEASURES, "mdl_zero_shot", "split"), "qa_apart")],
        ["mdl_zero_shot.split", "not trained: remove 'split'"],
    ),
    "a split by the measure itself": (
        [((*PROBE, "split"), "qa_mdl"), (("methods", "mdl_probe", "sizes"), [40, 160])],
        ["mdl_probe.split", "'qa_mdl' is by 'mdl_probe' itself"],
    ),
    "a split of part main": (
        [((*MEASURES, "mdl_lora", "split"), "qa_mdl"), (("methods", "mdl_lora", "sizes"), [40, 160])],
        ["mdl_lora.split", "trains on part main"],
    ),
    "a split of another dataset": (
        [
            (("splits", "qa_apart", "dataset"), "qa"),
            (("datasets", "qa", "options"), SETTINGS["datasets"]["qa_mdl"]["options"]),  # with items held apart, too
        ],
        ["is of dataset 'qa'"],
    ),
    "a size the split does not draw": ([(("methods", "mdl_probe", "sizes"), [5, 7])], ["mdl_probe", "sizes [7]"]),
    "an encoder's likelihood": (
        [(("models", "bert"), ENCODER), ((*MEASURES, "nll_answer", "models"), ["bert"])],
        ["nll_answer.models", "'bert' is of kind 'encoder'"],
    ),
    "reasoning that is not there": (
        [
            (("datasets", "arc"), {"plugin": "arc", "measures": ["grade"]}),
            (("datasets", "arc", "model_measures"), {"nll_r": {"text": "reasoning", "models": ["tiny_llama"]}}),
        ],
        ["arc.model_measures.nll_r.text", "no reasoning"],
    ),
    "a method without confidence": (
        [(("methods", "cot"), {"plugin": "zero_shot_cot"}), ((*MEASURES, "mdl_zero_shot", "method"), "cot")],
        ["mdl_zero_shot.method", "'cot' generates answers and gives no confidence"],
    ),
    "answers without choices": (
        [
            (("datasets", "gsm8k"), {"plugin": "gsm8k", "measures": ["reasoning_steps"]}),
            (("datasets", "gsm8k", "model_measures"), {"mdl_z": {"method": "zero_shot", "models": ["tiny_llama"]}}),
        ],
        ["gsm8k.model_measures.mdl_z.method", "free-form"],
    ),
    "a measure that is not defined": (
        [(("datasets", "qa_mdl", "measures"), ["mdl_zero_shot", "mdl_probe", "mdl_prob"])],
        ["qa_mdl.measures.2", "did you mean 'mdl_probe'"],
    ),
    "a measure apart": ([(("splits", "qa_apart", "measures"), ["level"])], ["qa_apart.measures", "no buckets"]),
    "a condition apart": ([(("splits", "qa_apart", "conditions"), ["easy"])], ["qa_apart.conditions", "only [all]"]),
    "a stratified test apart": (
        [(("splits", "qa_apart", "test"), {"kind": "stratified", "n": 50})],
        ["qa_apart.test", "no buckets"],
    ),
    "an experiment apart": (
        [(("experiments", "qa_mdl", "split"), "qa_apart")],
        ["experiments.qa_mdl.split", "no measure to test by"],
    ),
    "an unknown pool": ([(("splits", "qa_apart", "pool"), "hardnes")], ["qa_apart.pool", "did you mean 'hardness'"]),
    "no measure for part main": ([(("splits", "qa_mdl", "measures"), [])], ["qa_mdl.measures", "at least one"]),
    "a local model that is not there": (
        [(("models", "mine"), {"path": "no/such"}), ((*MEASURES, "nll_answer", "models"), ["mine"])],
        ["models.mine.path", "no/such"],
    ),
}


def test_the_overlay_is_valid():
    check.load(SETTINGS)


@pytest.mark.parametrize(("changes", "said"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_one_line(changes, said):
    with pytest.raises(UserError) as caught:
        check.load(changed(*changes))
    lines = str(caught.value).splitlines()
    assert any(all(text in line for text in said) for line in lines), str(caught.value)
    assert len(lines) <= 3, "one fault should not raise a storm: " + str(caught.value)


@pytest.fixture(scope="module")
def table() -> runs.Runs:
    return runs.Runs(check.load(SETTINGS))


def test_one_job_a_model_for_all_sizes_and_seeds(table):
    """MDL of one model and method is one prediction file; the probe reads one file of states."""
    for method in ("mdl_probe", "mdl_lora"):
        assert len(table.prediction_files("qa_apart", "tiny_llama", method)) == 1
    read = table.predict_inputs("qa_apart", "tiny_llama", "mdl_probe", "all")
    assert read["states"] == ["results/states/qa_mdl/tiny_llama/question_end.parquet"]
    assert read["splits"] == ["results/splits/qa_apart/none.parquet"]


def test_measures_of_one_method_share_its_predictions(table):
    raw, normed = (table.by_models_inputs("qa_mdl", name) for name in ("mdl_probe", "mdl_probe_normed"))
    assert raw == normed and len(raw["predictions"]) == 2
    texts = [table.by_models_inputs("qa_mdl", name)["nll"] for name in ("nll_question", "nll_answer")]
    assert texts[0] == texts[1] == [f"results/nll/qa_mdl/{model}.parquet" for model in ("tiny_llama", "tiny_llama_48")]


def test_titles(table):
    titles = {
        name: model_measures.title(table.config, "qa_mdl", name)
        for name in table.config.datasets["qa_mdl"].model_measures
    }
    assert (titles["mdl_probe_normed"], titles["mdl_lora"]) == ("MDL, linear probe, normed", "MDL, LoRA")
    assert (titles["mdl_zero_shot"], titles["nll_answer"]) == ("MDL, zero-shot", "NLL of the right answer")
    assert len(set(titles.values())) == len(titles)


def test_a_name_of_two_meanings_is_its_own_title():
    other = {"mdl_probe": {"method": "zero_shot", "models": ["tiny_llama"], "title": "Another"}}
    table = runs.Runs(check.load(changed((("datasets", "qa", "model_measures"), other))))
    assert table._measure_titles(["qa_mdl"])["mdl_probe"] == "MDL, linear probe"
    assert table._measure_titles(["qa"]) == {"mdl_probe": "Another"}
    assert table._measure_titles(["qa", "qa_mdl"])["mdl_probe"] == "mdl_probe"


# -- from start to end ------------------------------------------------------------------------------------------------

TINY = {
    "datasets": {
        "tiny": {
            "plugin": "worlds/qa",
            "prompt": "plain",
            "options": {"main": [4, 20, 10, 10, 10], "held_out": [2, 5, 5, 5, 5], "hardness": [4, 15, 10, 10, 10]},
            "measures": ["level", "mdl_probe"],
            "model_measures": {"mdl_probe": {"method": "probe", "split": "apart", "models": ["random"]}},
        }
    },
    "models": {"random": {"path": "random"}},
    "encodings": {"question_end": {"at": "question_end"}},
    "methods": {
        "probe": {
            "plugin": "probe",
            "encoding": "question_end",
            "sizes": [5, 20],
            "options": {"recipe": "lbfgs"},
        }
    },
    "splits": {
        "apart": {"dataset": "tiny", "pool": "hardness", "sizes": [5, 20], "seeds": 2},
        "by_mdl": {
            "dataset": "tiny",
            "measures": ["mdl_probe"],
            "conditions": ["easy", "hard"],
            "sizes": [5],
            "seeds": 2,
        },
    },
    "select": {"datasets": ["tiny"], "splits": ["apart", "by_mdl"]},
}
TINY["splits"]["by_mdl"]["reserve"] = 5


def test_from_items_to_a_split_by_mdl(tree):
    from easy2hard.datasets.worlds import qa
    from tiny_models import causal, save, word_tokenizer

    (tree / "config.yaml").write_text(yaml.safe_dump(TINY, sort_keys=False))
    tokenizer = word_tokenizer(qa.vocabulary(qa.Options()), bos=True)
    save(causal("llama", len(tokenizer)), tokenizer, tree / "random")
    house.snakemake(tree, "--cores", "1", "splits")
    results = tree / "results"
    rows = pd.read_parquet(results / "hardness/tiny/mdl_probe.parquet").set_index("item_id")
    predicted = pd.read_parquet(results / "predictions/apart/random/probe/all.parquet")
    items = pd.read_parquet(results / "items/tiny.parquet").set_index("item_id")
    by_hand = 1 - predicted.groupby("item_id")["label_confidence"].apply(lambda column: column.astype(float).sum() / 4)
    known = rows["value"].dropna()
    np.testing.assert_allclose(known, by_hand[known.index], rtol=1e-12)
    assert set(known.index) == set(items.index[items["part"] != "hardness"]) and known.between(0, 1).all()
    drawn = pd.read_parquet(results / "splits/apart/none.parquet")
    assert set(items.loc[drawn.loc[drawn["role"] == "train", "item_id"], "part"]) == {"hardness"}
    split = pd.read_parquet(results / "splits/by_mdl/mdl_probe.parquet")
    assert set(
        rows.loc[split.loc[(split["condition"] == "hard") & (split["role"] == "train"), "item_id"], "bucket"]
    ) == {"hard"}
    about = tables.metadata(results / "hardness/tiny/mdl_probe.parquet")
    assert about["sizes"] == [5, 20] and about["seeds"] == 2 and len(about["curves"]) == 8
    assert house.would_run(tree, "splits") == {}
