"""Models and tokenizers from local folders; what the user can mend is one line."""

from __future__ import annotations

import json
import shutil

import pytest
import torch
from easy2hard.errors import UserError
from easy2hard.models import load
from easy2hard.models.devices import ModelSpec, placement
from tiny_models import causal, encoder, save, word_tokenizer


@pytest.fixture
def folder(tmp_path):
    tokenizer = word_tokenizer()
    return save(causal("llama", len(tokenizer)), tokenizer, tmp_path / "tiny")


def test_causal_model_and_tokenizer(folder, capfd):
    model = load.load_causal(folder, {"kind": "causal", "dtype": "float32", "device": "cpu"})
    assert not model.training and model.dtype == torch.float32
    assert not any(parameter.requires_grad for parameter in model.parameters())
    said = capfd.readouterr().err
    assert "model: llama, " in said and "parameters, torch.float32, on cpu, 1 CPU threads" in said
    assert len(load.load_tokenizer(folder, {})) == model.config.vocab_size
    assert load.max_tokens(model) == 512
    assert torch.are_deterministic_algorithms_enabled()


def test_kind_is_read_from_the_architecture(folder, tmp_path):
    bert = save(encoder(50), word_tokenizer(), tmp_path / "bert")
    assert load.kind_of(folder, {}) == "causal" and load.kind_of(bert, {}) == "encoder"
    assert load.kind_of(bert, {"kind": "causal"}) == "causal"
    assert load.load_encoder(bert, {}).config.model_type == "bert"
    assert load.load_encoder(folder, {"dtype": "bfloat16"}).dtype == torch.bfloat16


def test_fingerprint_follows_the_weights(folder, tmp_path):
    first = load.model_fingerprint(folder, {})
    moved = shutil.copytree(folder, tmp_path / "elsewhere")
    assert load.model_fingerprint(moved, {}) == first
    save(causal("llama", 50, seed=1), word_tokenizer(), moved)
    assert load.model_fingerprint(moved, {}) != first
    assert load.model_fingerprint(None, {"hub": "a/b", "revision": "c0ffee"}) == "a/b@c0ffee"


def damage_missing(folder):
    shutil.rmtree(folder)


def damage_config(folder):
    (folder / "config.json").unlink()


def damage_config_text(folder):
    (folder / "config.json").write_text("{")


def damage_pickle(folder):
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def damage_weights(folder):
    (folder / "model.safetensors").write_bytes(b"\x00" * 100)


def damage_architecture(folder):
    (folder / "config.json").write_text(json.dumps({"model_type": "no_such_family"}))


def damage_layers(folder):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"num_hidden_layers": 5}))


def damage_shape(folder):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"intermediate_size": 40}))


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (damage_missing, "no such folder"),
        (damage_config, "no config.json"),
        (damage_config_text, "cannot be loaded"),
        (damage_pickle, "no \\*.safetensors file"),
        (damage_weights, "cannot be loaded"),
        (damage_architecture, "cannot be loaded"),
        (damage_layers, "weights missing or of the wrong shape"),
        (damage_shape, "weights missing or of the wrong shape"),
    ],
)
def test_damaged_folders(folder, damage, message):
    damage(folder)
    with pytest.raises(UserError, match=message) as caught:
        load.load_causal(folder, {})
    assert str(folder) in str(caught.value) and "\n" not in str(caught.value)


def test_missing_tokenizer(folder):
    (folder / "tokenizer.json").unlink()
    with pytest.raises(UserError, match="no tokenizer; expected one of tokenizer.json"):
        load.load_tokenizer(folder, {})


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({}, "neither a folder nor a hub id"),
        ({"hub": "nobody/nothing", "offline": True}, "model nobody/nothing: cannot be had at revision main"),
        ({"hub": "nobody/nothing", "revision": "0" * 40, "offline": True}, "model nobody/nothing: cannot be had"),
        ({"hub": "not a hub id", "revision": "0" * 40, "offline": True}, "model not a hub id: cannot be had"),
        ({"hub": "a/b", "revision": "0", "dtype": "int3"}, "'dtype'"),
        ({"hub": "a/b", "revision": "0", "dtypes": "float32"}, "'dtypes'"),
    ],
)
def test_hub_models_that_cannot_be_had(spec, message):
    with pytest.raises(UserError, match=message):
        load.load_causal(None, spec)


def test_a_hub_model_is_taken_from_the_cache_at_its_revision(folder, monkeypatch):
    asked = {}

    def cached(hub, **options):
        asked.update(options, hub=hub)
        return str(folder)

    monkeypatch.setattr(load, "snapshot_download", cached)
    spec = {"hub": "someone/model", "revision": "c0ffee", "offline": True}
    assert load.load_causal(None, spec).config.model_type == "llama"
    assert (asked["hub"], asked["revision"], asked["local_files_only"]) == ("someone/model", "c0ffee", True)
    assert "*.safetensors" in asked["allow_patterns"] and "*.py" not in asked["allow_patterns"]


@pytest.mark.skipif(torch.cuda.is_available(), reason="a GPU is here")
@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"quantization": "8bit"}, "bitsandbytes is not installed|needs a CUDA GPU"),
        ({"quantization": "4bit"}, "bitsandbytes is not installed|needs a CUDA GPU"),
        ({"device": "cuda"}, "this job sees 0 CUDA GPUs"),
        ({"device": "gpu"}, "expected auto, cpu, cuda"),
    ],
)
def test_devices_and_libraries_that_are_not_here(folder, spec, message):
    with pytest.raises(UserError, match=message):
        load.load_causal(folder, spec)


def test_settings_that_only_place_the_job_are_ignored():
    spec = ModelSpec.of({"gpus": 1, "mem_mb": 5, "runtime": 3, "path": "x", "pretrain": None, "threads": 2})
    assert spec.threads == 2
    assert placement(ModelSpec(device="cpu")) == {"": "cpu"}
