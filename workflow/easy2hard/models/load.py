"""Load models and tokenizers: a local folder, or a hub id at a pinned revision; safetensors only."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
import transformers
from huggingface_hub import snapshot_download
from safetensors import SafetensorError
from transformers import (
    AutoConfig,
    AutoModel,
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    AutoTokenizer,
    PreTrainedModel,
)
from transformers import PreTrainedTokenizerBase as Tokenizer

from easy2hard import model_kinds
from easy2hard.errors import UserError
from easy2hard.files import sha256
from easy2hard.models.devices import DTYPES, ModelSpec, placement, prepare
from easy2hard.models.tokenise import Encoder
from easy2hard.models.tokenise_kinds import BY_KIND

TOKENIZER_FILES = ("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt")
HUB_FILES = ("*.safetensors", "*.json", "*.model", "*.txt", "*.jinja")
FINGERPRINTED = ("*.safetensors", "config.json", *TOKENIZER_FILES, "merges.txt", "tokenizer_config.json")


def load_causal(model: Path | None, spec: dict) -> PreTrainedModel:
    """A causal language model in evaluation mode, placed and typed as `spec` says (keys of `devices.ModelSpec`).

    model: local folder; None takes `spec["hub"]` at `spec["revision"]`. Raises UserError, one line, for a missing
    folder, weights that are not safetensors, a hub id that cannot be had, a device or library that is not there, a
    model of another kind.
    """
    kind_of(model, {**spec, "kind": "causal"})
    return _load(AutoModelForCausalLM, model, ModelSpec.of(spec))


def load_language_model(model: Path | None, spec: dict) -> PreTrainedModel:
    """A model that gives probabilities of text, of either kind that does. Errors as `load_causal`."""
    if kind_of(model, spec) == "encoder_decoder":
        return _load(AutoModelForSeq2SeqLM, model, ModelSpec.of(spec))
    return load_causal(model, spec)


def load_encoder(model: Path | None, spec: dict) -> PreTrainedModel:
    """A model without a head, for hidden states: an encoder, the encoder of an encoder-decoder whose `kind` is
    `encoder`, or else the body of the model. Errors as `load_causal`.
    """
    kind, loaded = kind_of(model, spec), _load(AutoModel, model, ModelSpec.of(spec))
    if loaded.config.is_encoder_decoder and kind == "encoder":
        loaded = loaded.get_encoder()
        loaded.config.is_encoder_decoder = False  # some families share one config between the halves
    return loaded


def load_tokenizer(model: Path | None, spec: dict) -> Tokenizer:
    """The model's tokenizer. Raises UserError where there is none."""
    settings = ModelSpec.of(spec)
    folder = _folder(model, settings)
    if not any((folder / name).exists() for name in TOKENIZER_FILES):
        raise UserError(f"model {model or settings.hub}: no tokenizer; expected one of {', '.join(TOKENIZER_FILES)}")
    return _fetch(AutoTokenizer.from_pretrained, folder, settings)


def load_prompts(model: Path | None, spec: dict) -> Encoder:
    """The model's tokenizer, as what turns prompts into tokens for its kind."""
    return BY_KIND[kind_of(model, spec)](load_tokenizer(model, spec))


def kind_of(model: Path | None, spec: dict) -> model_kinds.Kind:
    """As the spec says, or for `auto` by the stored architecture. Raises UserError where the two do not fit."""
    settings = ModelSpec.of(spec)
    about = _fetch(AutoConfig.from_pretrained, _folder(model, settings), settings).to_dict()
    kind = model_kinds.stored(about) if settings.kind == "auto" else settings.kind
    if reason := model_kinds.misfit(kind, about):
        raise UserError(f"model {model or settings.hub}: {reason}")
    return kind


def model_fingerprint(model: Path | None, spec: dict) -> str:
    """What the weights are: SHA-256 over the files of a local folder, or `id@revision` of a hub model."""
    settings = ModelSpec.of(spec)
    if model is None:
        return "@".join(_pinned(settings))
    files = sorted({path for pattern in FINGERPRINTED for path in model.glob(pattern)})
    return "sha256:" + "+".join(f"{path.name}:{sha256(path)[:16]}" for path in files)


def max_tokens(model: PreTrainedModel) -> int | None:
    """Longest sequence the model has positions for; None where it has no limit."""
    return getattr(model.config, "max_position_embeddings", None)


def _load(kind: type, model: Path | None, spec: ModelSpec) -> PreTrainedModel:
    prepare(spec)
    # Both are checked below: transformers would draw missing weights at random and say so in a table.
    options = {"use_safetensors": True, "output_loading_info": True, "ignore_mismatched_sizes": True}
    options |= {"dtype": DTYPES[spec.dtype], "device_map": placement(spec)}
    if spec.quantization:
        options["quantization_config"] = _quantization(spec)
    folder = _folder(model, spec)
    if not list(folder.glob("*.safetensors")):
        raise UserError(
            f"model {model or spec.hub}: no *.safetensors file; weights in other formats (pickled .bin) are not loaded"
        )
    with _quiet():
        loaded, report = _fetch(kind.from_pretrained, folder, spec, **options)
    _check_complete(folder, report)
    loaded.eval().requires_grad_(False)
    _say(loaded, spec)
    return loaded


@contextmanager
def _quiet() -> Iterator[None]:
    """No bar and no table of weights in the log; what matters in that table is checked by `_check_complete`."""
    verbosity = transformers.logging.get_verbosity()
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    try:
        yield
    finally:
        transformers.logging.set_verbosity(verbosity)
        transformers.logging.enable_progress_bar()


def _check_complete(folder: Path, report: dict) -> None:
    """Weights that the files lack would be drawn at random. Only a pooler may lack: no state comes from it."""
    lacking = sorted(key for key in report["missing_keys"] if not key.startswith("pooler."))
    if lacking or report["mismatched_keys"]:
        names = ", ".join(map(str, (lacking + sorted(map(str, report["mismatched_keys"])))[:3]))
        raise UserError(f"model {folder}: weights missing or of the wrong shape: {names} …")


def _folder(model: Path | None, spec: ModelSpec) -> Path:
    """The local folder, or that of the hub model in the cache, fetched when it is not there and may be."""
    folder = _snapshot(spec) if model is None else model
    if not (folder / "config.json").is_file():
        what = "no config.json in it" if folder.is_dir() else "no such folder"
        raise UserError(
            f"model {model or spec.hub}: {what}; expected a folder with config.json, *.safetensors and a tokenizer"
        )
    return folder


def _snapshot(spec: ModelSpec) -> Path:
    hub, revision = _pinned(spec)
    kinds = [*HUB_FILES, *(["*.py"] if spec.trust_remote_code else [])]
    only = {"allow_patterns": kinds, "ignore_patterns": ["*/*"]}
    try:
        return Path(snapshot_download(hub, revision=revision, local_files_only=spec.offline, **only))
    except (OSError, ValueError) as error:  # not cached and offline or unreachable; no such repository or revision
        raise UserError(f"model {hub}: cannot be had at revision {revision} ({_one_line(error)})") from error


def _pinned(spec: ModelSpec) -> tuple[str, str]:
    if spec.hub is None:
        raise UserError("model: neither a folder nor a hub id is given")
    if spec.revision is None:
        print(f"warning: model {spec.hub}: no revision is pinned; the newest one is used", file=sys.stderr, flush=True)
    return spec.hub, spec.revision or "main"


def _fetch(load: Callable[..., Any], folder: Path, spec: ModelSpec, **options: Any) -> Any:
    """Call a `from_pretrained` on a local folder; what the user can mend comes back as one line."""
    try:
        return load(str(folder), trust_remote_code=spec.trust_remote_code, local_files_only=True, **options)
    except (OSError, ValueError, SafetensorError) as error:
        raise UserError(f"model {folder}: cannot be loaded ({_one_line(error)})") from error


def _one_line(error: Exception, most: int = 300) -> str:
    text = " ".join(str(error).split())
    return text if len(text) <= most else text[:most] + " …"


def _quantization(spec: ModelSpec) -> transformers.BitsAndBytesConfig:
    if importlib.util.find_spec("bitsandbytes") is None:
        raise UserError(f"model quantization '{spec.quantization}': the package bitsandbytes is not installed")
    if not torch.cuda.is_available():
        raise UserError(f"model quantization '{spec.quantization}': needs a CUDA GPU, none is visible")
    if spec.quantization == "8bit":
        return transformers.BitsAndBytesConfig(load_in_8bit=True)
    return transformers.BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_compute_dtype=DTYPES[spec.dtype],
    )


def _say(model: PreTrainedModel, spec: ModelSpec) -> None:
    devices = sorted({str(parameter.device) for parameter in model.parameters()})
    bits = f", {spec.quantization}" if spec.quantization else ""
    print(
        f"model: {model.config.model_type}, {model.num_parameters():,} parameters, {model.dtype}{bits}, on "
        f"{', '.join(devices)}, {torch.get_num_threads()} CPU threads",
        file=sys.stderr,
        flush=True,
    )
