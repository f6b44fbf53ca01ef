"""The config: the default is valid, the schema in step, and every fault is one line before any job."""

from __future__ import annotations

import copy

import house
import pytest
import yaml
from easy2hard import check, front, registry
from easy2hard.config import Config
from easy2hard.config_errors import ConfigError
from easy2hard.errors import UserError
from easy2hard.schema import schema

DEFAULT = yaml.safe_load((house.ROOT / "config.yaml").read_text())
OVERLAYS = sorted(path for path in (house.ROOT / "config").glob("*.yaml"))
REMOVED = object()


def test_the_default_is_valid():
    assert isinstance(check.load(DEFAULT), Config)


def test_the_schema_is_in_step():
    assert (house.ROOT / "config" / "schema.json").read_text() == schema(), "run `make schema`"


def test_every_key_is_described():
    models = [
        Config,
        *(value for value in vars(__import__("easy2hard.config").config).values() if isinstance(value, type)),
    ]
    fields = [(m.__name__, n, f) for m in models if hasattr(m, "model_fields") for n, f in m.model_fields.items()]
    assert len(fields) > 40
    assert not [f"{owner}.{name}" for owner, name, field in fields if not field.description]


def test_options_of_plug_ins_are_described():
    seen = 0
    for kind in registry.KINDS:
        for name in registry.names(kind):
            options = getattr(registry.load(kind, name), "Options", None)
            for key, field in options.model_fields.items() if options else ():
                assert field.description, f"{kind}/{name}: option '{key}' has no description"
                seen += 1
    assert seen > 5


def test_overlays_merge_mappings_and_replace_lists(tmp_path):
    overlay = tmp_path / "overlay.yaml"
    overlay.write_text("splits: {qa: {seeds: 2}}\nselect: {figures: [calibration]}\n")
    merged = front.read(house.ROOT / "config.yaml", overlay)
    assert merged["splits"]["qa"]["seeds"] == 2 and merged["splits"]["qa"]["dataset"] == "qa"
    assert merged["select"]["figures"] == ["calibration"]


@pytest.mark.parametrize("overlay", OVERLAYS, ids=lambda path: path.stem)
def test_overlays_are_valid_but_for_files_that_are_elsewhere(overlay):
    try:
        check.load(front.read(house.ROOT / "config.yaml", overlay))
    except ConfigError as error:
        assert all("no such file or folder" in line for line in str(error).splitlines()), str(error)


FAULTS = {
    # id: (key, value, what the line must say)
    "unknown key at the top": (("datsets",), {}, ["datsets", "unknown key", "did you mean 'datasets'"]),
    "unknown key inside": (("datasets", "qa", "plugn"), "x", ["datasets.qa.plugn", "did you mean 'plugin'"]),
    "missing key": (("datasets", "qa", "plugin"), REMOVED, ["datasets.qa.plugin", "required"]),
    "missing selection": (("select",), REMOVED, ["select", "required"]),
    "wrong type": (("splits", "qa", "seeds"), "five", ["splits.qa.seeds", "integer", "'five'"]),
    "a float for a count": (("splits", "qa", "seeds"), 2.5, ["splits.qa.seeds", "2.5"]),
    "a boolean for a count": (("splits", "qa", "seeds"), True, ["splits.qa.seeds", "True"]),
    "no seeds": (("splits", "qa", "seeds"), 0, ["splits.qa.seeds", "greater than or equal to 1"]),
    "a negative size": (("splits", "qa", "sizes"), [-3], ["splits.qa.sizes.0", "-3"]),
    "a size twice": (("splits", "qa", "sizes"), [6, 40, 80, 160, 160], ["splits.qa.sizes", "once"]),
    "a size larger than the pool": (
        ("splits", "qa", "sizes"),
        [6, 40, 80, 160, 250],
        ["splits.qa.sizes", "'medium'", "at most 240 medium items", "250 to train on and 50 in reserve"],
    ),
    "no sizes": (("splits", "qa", "sizes"), [], ["splits.qa.sizes", "at least one"]),
    "unknown dataset plug-in": (("datasets", "qa", "plugin"), "worlds/qaa", ["worlds/qaa", "did you mean 'worlds/qa'"]),
    "unknown measure": (("datasets", "qa", "measures"), ["levle"], ["levle", "did you mean 'level'"]),
    "a measure twice": (("datasets", "qa", "measures"), ["level", "level"], ["'level' stands twice"]),
    "a measure the dataset lacks": (("datasets", "qa", "measures"), ["level", "grade"], ["grade", "worlds/qa"]),
    "a split by a measure not made": (("splits", "qa", "measures"), ["bloom"], ["splits.qa.measures.0", "bloom"]),
    "unknown condition": (("splits", "qa", "conditions"), ["esay"], ["esay", "did you mean 'easy'"]),
    "unknown test kind": (("splits", "qa", "test"), {"kind": "half"}, ["splits.qa.test.kind", "complement"]),
    "a stratified test without n": (("splits", "qa", "test"), {"kind": "stratified"}, ["splits.qa.test", "'n'"]),
    "cutoffs the wrong way round": (
        ("datasets", "qa", "cutoffs"),
        {"level": {"kind": "fixed", "easy": 4, "hard": 2}},
        ["datasets.qa.cutoffs.level", "below hard"],
    ),
    "percentiles above 100": (
        ("datasets", "qa", "cutoffs"),
        {"level": {"kind": "percentiles", "easy": 30, "hard": 170}},
        ["between 0 and 100"],
    ),
    "cutoffs of a measure not made": (
        ("datasets", "qa", "cutoffs"),
        {"bloom": {"kind": "fixed", "easy": 1, "hard": 2}},
        ["datasets.qa.cutoffs", "bloom"],
    ),
    "infinite cutoff": (
        ("datasets", "qa", "cutoffs"),
        {"level": {"kind": "fixed", "easy": 1, "hard": float("inf")}},
        ["finite"],
    ),
    "a world with a source": (("datasets", "qa", "source"), {"path": "x"}, ["generated and takes no source"]),
    "a real dataset without a source": (("datasets", "own"), {"plugin": "local"}, ["datasets.own", "missing 'source'"]),
    "a source of two kinds": (
        ("datasets", "arc"),
        {"plugin": "arc", "source": {"path": "x", "hub": "y"}},
        ["datasets.arc.source", "exactly one of 'path' and 'hub'"],
    ),
    "a revision that is no commit": (
        ("datasets", "arc"),
        {"plugin": "arc", "source": {"hub": "a/b", "revision": "main"}},
        ["revision", "'main'"],
    ),
    "an option the loader lacks": (("datasets", "qa", "options"), {"objcts": 3}, ["objcts", "did you mean 'objects'"]),
    "an option of the wrong type": (("datasets", "qa", "options"), {"objects": "many"}, ["options.objects", "integer"]),
    "a model of two kinds": (("models", "tiny_llama", "path"), "x", ["models.tiny_llama", "exactly one of"]),
    "a model on a world that is not": (
        ("models", "tiny_llama", "pretrain"),
        {"world": "qb"},
        ["pretrain.world", "'qa'"],
    ),
    "unknown dtype": (("models", "tiny_llama", "dtype"), "float12", ["dtype", "did you mean 'float32'"]),
    "unknown quantization": (("models", "tiny_llama", "quantization"), "2bit", ["quantization", "8bit"]),
    "unknown method plug-in": (("methods", "icl", "plugin"), "icll", ["methods.icl.plugin", "did you mean 'icl'"]),
    "a method option misspelt": (("methods", "lora", "options"), {"epoch": 4}, ["methods.lora.options", "'epochs'"]),
    "unknown encoding": (("methods", "probe", "encoding"), "question_ned", ["did you mean 'question_end'"]),
    "a probe without an encoding": (("methods", "probe", "encoding"), None, ["methods.probe", "needs an 'encoding'"]),
    "a size of a method twice": (("methods", "icl", "sizes"), [6, 6], ["methods.icl.sizes", "once"]),
    "an experiment without models": (("experiments", "qa", "models"), [], ["experiments.qa.models", "at least one"]),
    "trained on the dataset that tests": (("splits", "qa", "train_dataset"), "qa", ["splits.qa.train_dataset"]),
    "braces in a path": (("models", "tiny_llama"), {"path": "a{b}"}, ["models.tiny_llama.path", "braces"]),
    "a supervised method without sizes": (("methods", "icl", "sizes"), [], ["methods.icl", "'sizes'"]),
    "an unsupervised method with sizes": (("methods", "zero_shot", "sizes"), [6], ["methods.zero_shot", "'sizes'"]),
    "a size the split does not draw": (("methods", "icl", "sizes"), [7], ["experiments.qa", "[7]", "[6, 40, 80, 160]"]),
    "unknown prompt": (("datasets", "qa", "prompt"), "plian", ["datasets.qa.prompt", "did you mean 'plain'"]),
    "a prompt in octal": (("datasets", "qa", "prompt"), 32, ["datasets.qa.prompt", "quotes"]),
    "a template with an unknown field": (
        ("prompts", "textbook", "query"),
        "{queston}",
        ["prompts.textbook", "queston"],
    ),
    "an encoder-decoder that is pretrained": (
        ("models", "tiny_llama", "kind"), "encoder_decoder",
        ["models.tiny_llama.kind", "'tiny_llama' is no encoder-decoder"],
    ),
    "an unknown architecture": (
        ("models", "tiny_llama", "pretrain", "options"), {"architecture": "mamba3"},
        ["models.tiny_llama.pretrain.options.architecture", "'mamba2'", "'mamba3'"],
    ),
    "more experts a token than there are": (
        ("models", "tiny_llama", "pretrain", "options"), {"architecture": "mixtral", "experts_per_token": 5},
        ["models.tiny_llama.pretrain.options", "experts_per_token (5) is above experts (4)"],
    ),
    "an encoder that is prompted": (
        ("models", "tiny_llama"),
        {"path": ".", "kind": "encoder"},
        ["experiments.qa", "encoder 'tiny_llama'", "hidden states"],
    ),
    "an unknown experiment is selected": (("select", "experiments"), ["qaa"], ["select.experiments.0", "'qa'"]),
    "an experiment is selected twice": (("select", "experiments"), ["qa", "qa"], ["stands twice"]),
    "a figure shows what is not selected": (("select", "experiments"), [], ["select.experiments", "not selected"]),
    "a re-ranking without samples": (
        ("rerankings", "maths", "sampling"), None, ["rerankings.maths: missing 'sampling'", "'numbers: [1]'"],
    ),
    "an unknown figure plug-in": (("figures", "calibration", "plugin"), "calibratio", ["did you mean 'calibration'"]),
    "choices for free-form answers": (
        ("datasets", "qa"),
        {"plugin": "gsm8k", "source": {"path": "."}, "prompt": "0306", "measures": ["reasoning_steps"]},
        ["experiments.qa", "free-form", "'icl'"],
    ),
    "PMI without a cue": (("methods", "icl", "options"), {"normalise": "pmi"}, ["experiments.qa", "'icl'", "cue"]),
    "reasoning that no example shows": (
        ("methods", "icl"),
        {"plugin": "icl_cot", "sizes": [6]},
        ["experiments.qa", "'icl'", "{solution}"],
    ),
    "a supervised floor": (("experiments", "qa", "unsupervised"), "icl", ["experiments.qa.unsupervised", "supervised"]),
    "noise above 1": (
        ("splits", "qa", "noise"),
        {"kind": "uniform", "rates": {"easy": [0, 1.2]}},
        ["splits.qa.noise.rates.easy.1", "less than or equal to 1", "1.2"],
    ),
    "noise below 0": (
        ("splits", "qa", "noise"),
        {"kind": "mislabel", "rates": {"hard": [-0.1]}},
        ["splits.qa.noise.rates.hard.0", "greater than or equal to 0"],
    ),
    "noise in disorder": (
        ("splits", "qa", "noise"),
        {"kind": "uniform", "rates": {"easy": [0.2, 0.1]}},
        ["splits.qa.noise", "ascending"],
    ),
    "noise of an unknown kind": (
        ("splits", "qa", "noise"),
        {"kind": "unifrom", "rates": {}},
        ["splits.qa.noise.kind", "did you mean 'uniform'"],
    ),
    "noise of a condition not drawn": (
        ("splits", "qa", "noise"),
        {"kind": "uniform", "rates": {"mix_30": [0.1]}},
        ["splits.qa.noise.rates", "mix_30", "condition of this split"],
    ),
    "a mix of more than all": (("splits", "qa", "conditions"), ["mix_130"], ["splits.qa.conditions.0", "'mix_130'"]),
    "a value that is none": (("splits", "qa", "conditions"), ["value_x"], ["value_<number>", "'value_x'"]),
    "an oracle that is not": (("experiments", "qa", "oracle"), "qaa", ["experiments.qa.oracle", "did you mean 'qa'"]),
    "an option the figure lacks": (
        ("figures", "calibration", "options"),
        {"ratio": 2},
        ["figures.calibration.options.ratio", "unknown key"],
    ),
    "a list for a mapping": (("datasets",), ["qa"], ["datasets", "dict"]),
    "a name that climbs": (("datasets", "../up"), {"plugin": "worlds/qa"}, ["datasets", "../up"]),
    "a name with a space": (("models", "a b"), {"pretrain": {"world": "qa"}}, ["models", "a b"]),
    "a name of 300 characters": (("models", "a" * 300), {"pretrain": {"world": "qa"}}, ["models", "60 characters"]),
    "a level above 1": (("statistics",), {"level": 95}, ["statistics.level", "less than 1"]),
    "a folder that is not there": (
        ("models", "tiny_llama"),
        {"path": "no/such"},
        ["models.tiny_llama.path", "no/such"],
    ),
}


def damaged(key: tuple, value: object) -> dict:
    settings = copy.deepcopy(DEFAULT)
    owner = settings
    for part in key[:-1]:
        owner = owner[part]
    if value is REMOVED:
        del owner[key[-1]]
    else:
        owner[key[-1]] = value
    return settings


@pytest.mark.parametrize(("key", "value", "said"), FAULTS.values(), ids=FAULTS.keys())
def test_a_fault_is_one_line_with_place_and_remedy(key, value, said):
    with pytest.raises(UserError) as caught:
        check.load(damaged(key, value))
    lines = str(caught.value).splitlines()
    assert any(all(text in line for text in said) for line in lines), str(caught.value)
    assert len(lines) <= 12, "one fault should not raise a storm"


def test_there_are_enough_faults():
    assert len(FAULTS) >= 50


SHOWN = ["unknown key at the top", "unknown measure", "a folder that is not there"]


@pytest.mark.parametrize("name", SHOWN)
def test_snakemake_shows_the_line_and_nothing_else(tree, name):
    key, value, said = FAULTS[name]
    (tree / "config.yaml").write_text(yaml.safe_dump(damaged(key, value), sort_keys=False))
    done = house.snakemake(tree, "-n", check=False)
    printed = done.stdout + done.stderr
    assert done.returncode == 2
    assert "Traceback" not in printed
    line = next(line for line in printed.splitlines() if line.startswith("error: "))
    assert "config.yaml:" in line and all(text in line for text in said), printed
    assert not (tree / "results").exists()


def test_a_key_given_twice_names_both_lines(tree):
    house.edit(tree / "config.yaml", "seed: 0\n", "seed: 0\nseed: 1\n")
    done = house.snakemake(tree, "-n", check=False)
    assert "error: config.yaml:6: key 'seed' was given at line 5 already" in done.stderr + done.stdout


def test_broken_yaml_names_the_line(tree):
    (tree / "config.yaml").write_text("seed: 0\ndatasets: {qa: [\n")
    done = house.snakemake(tree, "-n", check=False)
    assert done.returncode != 0
    assert "error: config.yaml:3:1: not YAML" in done.stderr + done.stdout
