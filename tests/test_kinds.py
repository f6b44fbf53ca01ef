"""Kinds of models: each method with each kind that it fits; everything read equals a naive reading, one by one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import house
import numpy as np
import pandas as pd
import pytest

torch = pytest.importorskip("torch")

from easy2hard import check, front, jobs, prompts, registry, tables  # noqa: E402
from easy2hard.config_errors import ConfigError  # noqa: E402
from easy2hard.errors import UserError  # noqa: E402
from easy2hard.models import generate, load, lora, nll, score, states, tree  # noqa: E402
from easy2hard.models.tokenise import Encoder  # noqa: E402
from easy2hard.models.tokenise_kinds import BY_KIND, PairEncoder  # noqa: E402
from easy2hard.stages import encode  # noqa: E402
from tiny_models import WORDS, causal, encoder, ending, merging_tokenizer, pairs, save, word_tokenizer  # noqa: E402
from transformers import AutoModel  # noqa: E402

MIXTURES = ("mixtral", "qwen2_moe", "qwen3_moe", "olmoe")
STATEFUL = ("mamba", "mamba2", "rwkv", "recurrent_gemma")
PAIRS = ("t5", "bart")


@dataclass(frozen=True)
class Made:
    """A tiny random model with what turns prompts into its tokens."""

    model: torch.nn.Module
    encoder: Encoder


def made(family: str) -> Made:
    if family in PAIRS:
        words = ending(merging_tokenizer(), bos=family == "bart")
        return Made(pairs(family, len(words)), PairEncoder(words))
    words = merging_tokenizer(bos=True)
    return Made(causal(family, len(words)), Encoder(words))


def begin(one: Made) -> list[int]:
    """What a decoder begins with, written out: T5 its padding token; BART the end token, then BOS."""
    return {"t5": [0], "bart": [3, 2]}[one.model.config.model_type]


@torch.no_grad()
def following(one: Made, prompt: list[int], written: list[int]) -> torch.Tensor:
    """Log-probabilities [V] of the next token, by one unpadded pass over everything before it."""
    if isinstance(one.encoder, PairEncoder):
        decoder = torch.tensor([begin(one) + written])
        logits = one.model(input_ids=torch.tensor([prompt]), decoder_input_ids=decoder).logits
    else:
        logits = one.model(input_ids=torch.tensor([prompt + written])).logits
    return logits[0, -1].double().log_softmax(-1)


def naive(one: Made, prompt: list[int], tokens: list[int]) -> float:
    """The chain rule, one pass a token."""
    return sum(float(following(one, prompt, tokens[:at])[token]) for at, token in enumerate(tokens))


def questions(count: int) -> tuple[list[str], list[list[str]]]:
    draw = np.random.default_rng(3)
    queries = [f"Question: {' '.join(draw.choice(WORDS[:30], draw.integers(2, 8)))} Answer:" for _ in range(count)]
    return queries, [[" " + " ".join(draw.choice(WORDS[:30], draw.integers(1, 4))) for _ in range(3)] for _ in queries]


@pytest.mark.parametrize("family", [*STATEFUL, *PAIRS])
def test_choices_score_as_if_read_alone(family, capfd):
    one = made(family)
    items = one.encoder.items("Q: red A:\n\n", *questions(3))
    expected = [[naive(one, item.stem, choice) for choice in item.choices] for item in items]
    for budget in (60, 4000):
        np.testing.assert_allclose(score.token_log_probs(one.model, items, budget), expected, atol=1e-4)
    assert f"choice by choice, because model family '{family}'" in capfd.readouterr().err


def test_mixtures_of_experts_are_read_as_trees():
    for family in MIXTURES:  # held against one pass a choice in tests/test_score.py, token by token here
        one = made(family)
        items = one.encoder.items("", *questions(2))
        assert tree.refusal(one.model, 200) == ""
        for item, row in zip(items, score.token_log_probs(one.model, items), strict=True):
            np.testing.assert_allclose(row, [naive(one, item.stem, choice) for choice in item.choices], atol=1e-4)


@pytest.mark.parametrize("family", PAIRS)
def test_an_encoder_decoder_has_prompt_and_choice_apart(family):
    one = made(family)
    words = one.encoder.tokenizer
    (item,) = one.encoder.items("red\n", ["what is ? Answer:"], [[" a moon ", "stone"]])
    assert item.stem == words("red\nwhat is ? Answer:")["input_ids"] and item.stem[-1] == 3
    assert item.choices == [words(text, add_special_tokens=False)["input_ids"] for text in ("a moon", "stone")]
    assert item.longest == max(len(item.stem), len(begin(one)) + max(map(len, item.choices)))
    with pytest.raises(UserError, match="adds no token"):
        one.encoder.items("", ["what ?"], [["  ", " moon"]])


def test_a_question_is_encoded_once_for_all_its_choices():
    one = made("t5")
    items = one.encoder.items("", *questions(3))
    read = []
    half = one.model.get_encoder()
    half.register_forward_pre_hook(lambda _, __, given: read.append(len(given["input_ids"])), with_kwargs=True)
    score.token_log_probs(one.model, items, 4000)
    assert read == [3]


@pytest.mark.parametrize("family", ["mamba", "rwkv", *PAIRS])
def test_texts_have_the_likelihood_of_the_chain_rule(family):
    one = made(family)
    rows = nll.encode(one.encoder.tokenizer, ["a moon", "red stone lamp", "what is the blue clock ?"])
    before = one.encoder.unprompted(nll.start_token(one.encoder.tokenizer))
    found = nll.nll(one.model, rows, before, budget=20)
    np.testing.assert_allclose(found, [-naive(one, list(before.prompt), list(row)) for row in rows], atol=1e-4)
    assert list(before.prompt) == {"t5": [3], "bart": [2, 3]}.get(family, [2])


def body_of(model: torch.nn.Module) -> torch.nn.Module:
    """The model without its head, as it is loaded for states."""
    body = AutoModel.from_config(model.config).eval()
    own = {name.removeprefix(f"{model.base_model_prefix}."): value for name, value in model.state_dict().items()}
    assert not body.load_state_dict(own, strict=False).missing_keys
    return body


@pytest.mark.parametrize("family", ["mamba", "rwkv", "mixtral", *PAIRS])
def test_states_are_those_of_transformers(family):
    one = made(family)
    items, body = one.encoder.items("", *questions(2)), body_of(one.model)
    found = states.Reader(body, (2, 3), "last", budget=60).choices(items)
    told = "decoder_hidden_states" if family in PAIRS else "hidden_states"
    second = 1 if family in ("mamba", "rwkv") else 2  # these count from the output of the first block
    rows = []
    for item in items:
        for choice in item.choices:
            given = {"input_ids": torch.tensor([item.stem + choice])}
            if family in PAIRS:
                decoder = torch.tensor([begin(one) + choice])
                given = {"input_ids": torch.tensor([item.stem]), "decoder_input_ids": decoder}
            with torch.no_grad():
                read = body(**given, output_hidden_states=True)
            rows.append(torch.cat([read[told][second][0, -1], read.last_hidden_state[0, -1]]).numpy())
    np.testing.assert_allclose(found, np.stack(rows), atol=2e-4)


@pytest.mark.parametrize("family", [*STATEFUL, *PAIRS])
def test_greedy_text_is_that_of_the_naive_loop(family, capfd):
    one = made(family)
    one.model.generation_config.no_repeat_ngram_size = 1  # a model's own habits are not greedy
    stems = one.encoder.texts([query + "?" * number for number, query in enumerate(questions(3)[0] * 2)])
    found = generate.generate(one.model, one.encoder.tokenizer, stems, generate.Stop((), 6), rows=2)
    for stem, text in zip(stems, found, strict=True):
        written: list[int] = []
        while len(written) < 6 and written[-1:] != [3]:
            written.append(int(following(one, stem, written).argmax()))
        kept = written[: written.index(3)] if 3 in written else written
        assert text.text == one.encoder.tokenizer.decode(kept, skip_special_tokens=True)
        assert (text.tokens, text.ended) == (len(written), "eos" if 3 in written else "length")
    assert "by stems of one length" in capfd.readouterr().err


TARGETS = {
    "mamba": {"in_proj", "x_proj"},
    "mamba2": {"in_proj"},
    "rwkv": {"key", "value", "receptance", "output"},
    "mixtral": {"q_proj", "v_proj"},
    "qwen2_moe": {"q_proj", "v_proj"},
    "recurrent_gemma": {"q_proj", "v_proj"},
    "t5": {"q", "v"},
    "bart": {"q_proj", "v_proj"},
}


@pytest.mark.parametrize("family", TARGETS)
def test_lora_trains_adapters_alone_and_scores_as_in_evaluation(family):
    one = made(family)
    before = {name: value.clone() for name, value in one.model.state_dict().items()}
    tuner = lora.Tuner(one.model, lora.Recipe(r=4, learning_rate=1e-2, batch=4, epochs=2, min_updates=6, dropout=0.0))
    named = {name.rsplit(".", 1)[-1] for name, part in tuner.model.named_modules() if part in set(tuner.layers)}
    assert named == TARGETS[family]
    items = one.encoder.items("", *questions(4))
    losses = tuner.fit(items, [0, 1, 2, 0], seed=1)
    assert losses[-1] < 0.9 * losses[0]
    with torch.no_grad():
        found = tuner.choice_scores(items)
    np.testing.assert_allclose(found.numpy(), np.stack(score.token_log_probs(tuner.model, items)), atol=1e-4)
    after = {n.replace(".base_layer", ""): v for n, v in tuner.model.state_dict().items() if "lora_" not in n}
    assert after.keys() == before.keys() and all(torch.equal(after[name], before[name]) for name in before)


# -- the method contract ----------------------------------------------------------------------------------------

KINDS = {
    "transformer": ("llama", "causal"),
    "mixture of experts": ("qwen2_moe", "causal"),
    "state space": ("mamba", "causal"),
    "recurrent": ("rwkv", "causal"),
    "encoder-decoder": ("t5", "encoder_decoder"),
    "encoder": ("bert", "encoder"),
}
OPTIONS = {
    "lora": {"r": 2, "epochs": 1, "min_updates": 2},
    "lora_cot": {"r": 2, "epochs": 1, "min_updates": 2, "max_new": 3},
    "icl_cot": {"max_new": 3},
    "zero_shot_cot": {"max_new": 3},
    "probe": {"steps": 5},
}


def invented() -> pd.DataFrame:
    draw = np.random.default_rng(5)
    rows = []
    for number in range(14):
        choices = [str(word) for word in draw.permutation(WORDS[8:24])[: 2 + number % 3]]
        question = "which " + " ".join(draw.choice(WORDS[:24], 3)) + " ?"
        rows.append((f"i{number:02d}", question, choices, 0, choices[0], "hardness" if number == 0 else "main"))
    frame = pd.DataFrame(rows, columns=["item_id", "question", "choices", "label", "answer", "part"])
    frame = frame.assign(origin="invented", **{name: None for name in tables.ITEMS.nullable})
    return frame.assign(solution="red is red .", label=frame["label"].astype("int32"))


@pytest.fixture(scope="module")
def folders(tmp_path_factory) -> dict[str, Path]:
    kept = {}
    for name, (family, kind) in KINDS.items():
        words = word_tokenizer(bos=True)
        words = words if kind == "causal" else ending(words, bos=kind == "encoder")
        makers = {"causal": causal, "encoder_decoder": pairs, "encoder": lambda _, size: encoder(size)}
        model = makers[kind](family, len(words))
        kept[name] = save(model, words, tmp_path_factory.mktemp("models") / family)
    return kept


def job(folder: Path, plugin: str, states_of: Path | None) -> jobs.Job:
    items = invented()
    module = registry.load("methods", plugin)
    cells = [(0, "easy", size, 0.0, "train", at, f"i{1 + at:02d}", None) for size in (2, 3) for at in range(size)]
    split = pd.DataFrame(cells, columns=list(tables.SPLITS.columns))
    prompt = "0305" if getattr(module, "GENERATES", False) else "0040"
    options = module.Options(**OPTIONS.get(plugin, {}))
    return jobs.Job(items, items, {"grade": split}, folder, {}, states_of, states_of, options, prompt, 0)


def fitting(kind: str) -> list[str]:
    """Methods that fit a kind: an encoder gives no probability of a text."""
    needs = ("states",) if kind == "encoder" else ("states", "model")
    return [name for name in registry.names("methods") if registry.load("methods", name).NEEDS in needs]


@pytest.mark.parametrize("name", KINDS)
def test_every_method_works_with_every_kind_that_it_fits(name, folders, tmp_path):
    folder, kind = folders[name], KINDS[name][1]
    assert load.kind_of(folder, {}) == kind and load.kind_of(folder, {"kind": kind}) == kind
    assert type(load.load_prompts(folder, {})) is BY_KIND[kind]
    tables.write(invented(), tmp_path / "items", tables.ITEMS)
    encode.main(items=tmp_path / "items", model=folder, out=tmp_path / "states")
    methods = fitting(kind)
    assert len(methods) == (1 if kind == "encoder" else 7)
    for plugin in methods:
        module = registry.load("methods", plugin)
        made_for = tmp_path / "states" if module.NEEDS == "states" else None
        frame = pd.concat(module.predict(job(folder, plugin, made_for)))
        tables.write(frame, tmp_path / plugin, tables.PREDICTIONS)
        sizes = {2: 11, 3: 10} if module.SUPERVISED else {0: 13}
        assert frame.groupby("size").size().to_dict() == sizes, plugin
        assert not frame["item_id"].isin(["i00"]).any()
        assert getattr(module, "GENERATES", False) or frame["scores"].map(lambda row: np.isfinite(row).all()).all()


def test_the_encoder_of_an_encoder_decoder_gives_states(folders, tmp_path):
    words, spec = ending(word_tokenizer(), bos=True), {"kind": "encoder"}
    for family in PAIRS:
        folder = save(pairs(family, len(words)), words, tmp_path / family)
        half, reader = load.load_encoder(folder, spec), load.load_prompts(folder, spec)
        text = reader.texts([prompts.render_query(prompts.resolve("0040"), invented().iloc[1].to_dict())])[0]
        with torch.no_grad():
            expected = load.load_encoder(folder, {}).get_encoder()(input_ids=torch.tensor([text])).last_hidden_state
        found = states.Reader(half, states.resolve_layers(half, "last"), "mean", 100).texts([text, text[:4]])
        np.testing.assert_allclose(found[0], expected[0].mean(0).numpy(), atol=1e-5)


@pytest.mark.parametrize(
    ("name", "kind", "why"),
    [
        ("encoder-decoder", "causal", "is an encoder-decoder: expected kind 'encoder_decoder'"),
        ("state space", "encoder_decoder", "is no encoder-decoder"),
    ],
)
def test_a_model_of_another_kind_is_one_clear_line(name, kind, why, folders):
    with pytest.raises(UserError, match=why):
        load.load_language_model(folders[name], {"kind": kind})


@pytest.mark.parametrize(
    ("about", "kind", "why"),
    [
        ({"is_encoder_decoder": True}, "causal", "expected kind 'encoder_decoder'"),
        ({"architectures": ["BertForMaskedLM"]}, "causal", "is an encoder"),
        ({"architectures": ["MambaForCausalLM"]}, "encoder_decoder", "is no encoder-decoder"),
        ({"is_encoder_decoder": True}, "encoder", ""),
        ({"architectures": ["LlamaModel"]}, "causal", ""),
    ],
)
def test_a_local_model_of_another_kind_is_one_line_before_any_job(about, kind, why, tmp_path):
    (tmp_path / "config.json").write_text(json.dumps(about))
    settings = front.read(house.ROOT / "config.yaml")
    settings["models"]["tiny_llama"] = {"path": str(tmp_path), "kind": kind}
    settings["experiments"]["qa"] |= {"methods": ["probe"]} | ({"unsupervised": None} if kind == "encoder" else {})
    settings["experiments"]["qa"] = {key: value for key, value in settings["experiments"]["qa"].items() if value}
    if not why:
        assert check.load(settings).models["tiny_llama"].kind == kind
        return
    with pytest.raises(ConfigError) as caught:
        check.load(settings)
    (line,) = str(caught.value).splitlines()
    assert line.startswith("models.tiny_llama.kind: 'tiny_llama' ") and why in line


def test_a_damaged_config_json_is_one_line(tmp_path):
    settings = front.read(house.ROOT / "config.yaml")
    settings["models"]["tiny_llama"] = {"path": str(tmp_path)}
    for text in ("{", "3", "[1, 2]"):
        (tmp_path / "config.json").write_text(text)
        with pytest.raises(ConfigError, match=r"^models.tiny_llama: .*config.json: is no JSON object \(.*\)$"):
            check.load(settings)


def test_a_recurrent_model_is_not_pretrained_on_a_world_that_is_examined_in_writing(monkeypatch):
    settings = front.read(house.ROOT / "config.yaml")
    settings["models"]["tiny_llama"]["pretrain"] = {"world": "qa", "options": {"architecture": "rwkv"}}
    check.load(settings)
    monkeypatch.setattr(registry.load("datasets", "worlds/qa"), "FREE_FORM", True, raising=False)
    with pytest.raises(ConfigError, match=r"options.architecture: 'rwkv' cannot write .*: expected llama or mixtral"):
        check.load(settings)
