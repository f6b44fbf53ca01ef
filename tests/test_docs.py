"""The documents say what is so: links and paths exist, tables agree with the code, examples are valid and run."""

from __future__ import annotations

import re
import shlex
import shutil
from collections import Counter
from pathlib import Path

import documents
import house
import pandas as pd
import pytest
import yaml
from easy2hard import check, config, front, registry, tables
from pydantic import BaseModel, TypeAdapter

PAGES = [house.ROOT / "README.md", *sorted(documents.DOCS.glob("*.md"))]
NAMES = [page.relative_to(house.ROOT).as_posix() for page in PAGES]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
ROOTS = ("workflow", "config", "docs", "envs", "profiles", "tests")
FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SMK = [house.ROOT / "Snakefile", *(house.ROOT / "workflow/rules").glob("*.smk")]
REWRITE = "write the tables again: PYTHONPATH=workflow python tests/documents.py"


def text_of(name: str) -> str:
    return (house.ROOT / name).read_text(encoding="utf-8")


def invented() -> set[str]:
    """Paths of files that the documents tell the reader to write."""
    found: set[str] = set()
    for page in documents.DOCS.glob("*.md"):
        found |= {block["path"] for block in documents.BLOCK.finditer(page.read_text(encoding="utf-8"))}
    return found


# -- links and paths --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_relative_links_lead_to_files_and_headings(name):
    text = documents.prose(text_of(name))
    for target in LINK.findall(text):
        if target.startswith(("http://", "https://")):
            continue
        path, _, heading = target.partition("#")
        page = (house.ROOT / name).parent / path if path else house.ROOT / name
        assert page.exists(), f"{name}: link to {target}, which does not exist"
        assert not heading or heading in anchors(page.read_text(encoding="utf-8")), f"{name}: no heading {target}"


def anchors(text: str) -> set[str]:
    """Anchors of a document's headings, as GitHub makes them."""
    titles = re.findall(r"^#+ (.+)$", documents.prose(text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


@pytest.mark.parametrize("name", NAMES)
def test_paths_that_are_named_exist(name):
    """Paths in code font and in shell blocks that begin with a folder of the project."""
    text = text_of(name)
    shell = " ".join(body for language, body in FENCE.findall(text) if language == "sh")
    named = {word.strip(",.;:()'\"") for word in [*CODE.findall(documents.prose(text)), *shell.split()]}
    paths = {word for word in named if "/" in word and word.split("/")[0] in ROOTS and " " not in word}
    missing = sorted(word for word in paths - invented() if "*" not in word and not (house.ROOT / word).exists())
    assert not missing, f"{name} names {missing}"


def test_there_are_paths_and_links_to_check():
    assert sum(len(LINK.findall(text_of(name))) for name in NAMES) > 10


def test_results_that_are_named_are_made_by_a_rule():
    from easy2hard import paths

    made = [value for value in vars(paths).values() if isinstance(value, str) and value.startswith(f"{paths.ROOT}/")]
    made += [*paths.FIGURE.values(), paths.log("rule", "a"), paths.benchmark("rule", "a")]
    folders = {re.sub(r"\{\w+\}", "NAME", value.split("/")[1]) for value in made}
    for name in NAMES:
        for word in CODE.findall(documents.prose(text_of(name))):
            if word.startswith("results/") and word != "results/":
                assert word.rstrip("/").split("/")[1] in folders, f"{name} names {word}"


# -- tables made from the code -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [page.name for page in documents.DOCS.glob("*.md")])
def test_made_tables_agree_with_the_code(name):
    text = documents.read(name)
    assert documents.refreshed(text) == text, f"docs/{name}: {REWRITE}"


def test_every_plug_in_is_documented():
    data, methods = documents.read("data.md"), documents.read("methods.md")
    described = {row[0].strip("`") for row in documents.rows(data)}
    assert {name for name in registry.names("datasets") if not name.startswith("worlds/")} <= described
    assert set(registry.names("hardness")) <= described
    assert set(registry.names("methods")) <= {row[0].strip("`") for row in documents.rows(methods)}


def test_every_option_is_documented():
    """Each row of the options of a plug-in stands in a table, its own or that of one with the same options."""
    text = documents.read("data.md") + documents.read("methods.md")
    for kind in ("datasets", "methods"):
        for name in registry.names(kind):
            lines = documents.options(f"{kind}.{name}").splitlines()[2:]
            missing = [line for line in lines if line not in text]
            where = "docs/data.md" if kind == "datasets" else "docs/methods.md"
            assert not missing, f"add `<!-- table: options {kind}.{name} -->` and `<!-- end -->` to {where}; {REWRITE}"


def test_every_departure_has_a_row():
    """As many rows for a file as it has comments with the word, and no row for another file."""
    library = house.ROOT / "workflow"
    found = Counter(
        {
            path.relative_to(library / "easy2hard").as_posix(): count
            for path in sorted((library / "easy2hard").rglob("*"))
            if path.suffix == ".py" and (count := path.read_text(encoding="utf-8").count("DEVIATION"))
        }
    )
    section = (house.ROOT / "README.md").read_text(encoding="utf-8").split("## Departures from the papers")[1]
    rows = Counter(row[0].strip("`") for row in documents.rows(section.split("\n## ")[0]))
    assert found and rows == found, f"README.md: missing {found - rows}, too many {rows - found}"


def test_the_targets_are_those_of_the_workflow():
    """Targets are the rules that run nothing."""
    text = "\n\n".join(
        [text_of("Snakefile"), *(path.read_text() for path in (house.ROOT / "workflow/rules").iterdir())]
    )
    blocks = re.findall(r"^rule (\w+):\n((?:(?: .*)?\n)*)", text + "\n", re.MULTILINE)
    targets = {name for name, body in blocks if "shell:" not in body}
    assert {"all", "hardness"} <= targets and len(blocks) > len(targets)
    section = documents.read("workflow.md").split("## Targets")[1].split("## ")[0]
    assert {row[0].strip("`") for row in documents.rows(section)} == targets


def test_the_folders_of_results_are_all_described():
    from easy2hard import paths

    section = documents.read("workflow.md").split("## Results")[1].split("## ")[0]
    described = {name for row in documents.rows(section) for name in CODE.findall(row[0])}
    values = [value for value in vars(paths).values() if isinstance(value, str) and value.startswith(f"{paths.ROOT}/")]
    folders = {value.split("/")[1] for value in values if value.count("/") > 1} | {"figures", "logs", "benchmarks"}
    assert folders == described


# -- config examples ---------------------------------------------------------------------------------------------


def examples() -> list[tuple[str, dict]]:
    """(page, mapping) of every YAML block."""
    return [
        (name, yaml.safe_load(body)) for name in NAMES for language, body in FENCE.findall(text_of(name))
        if language == "yaml"
    ]  # fmt: skip


@pytest.mark.parametrize(("name", "given"), examples())
def test_yaml_examples_have_keys_and_types_of_the_config(name, given):
    """Each entry of a partial example, put into the config, has no unknown key and no wrong type."""
    for section, value in given.items():
        if section == "source":
            config.Source.model_validate(value)
            continue
        assert section in config.Config.model_fields, f"{name}: unknown section {section}"
        for entry in value.values() if section in ("datasets", "models", "methods", "splits") else ():
            model = {"datasets": config.Dataset, "models": config.Model, "methods": config.Method,
                     "splits": config.Split}[section]  # fmt: skip
            partial = section == "datasets" and "plugin" not in entry
            model.model_validate({"plugin": "gsm8k", **entry} if partial else entry)
        if section not in ("datasets", "models", "methods", "splits"):
            annotation = config.Config.model_fields[section].annotation
            TypeAdapter(annotation).validate_python(value)


def test_what_selects_names_every_list():
    """A list left out keeps that of config.yaml, which would make all of it."""
    texts = {path.name: path.read_text(encoding="utf-8") for path in (house.ROOT / "config").glob("*.yaml")}
    texts |= {name: text for page in ("data.md", "extending.md") for name, text in documents.files(page).items()}
    read = {name: yaml.safe_load(text) for name, text in texts.items() if name.endswith(".yaml")}
    found = {name: set(given["select"]) for name, given in read.items() if "select" in given}
    assert len(found) >= 8 and {OWN, "architectures.yaml"} <= found.keys()
    assert {name for name, lists in found.items() if lists != set(config.Selection.model_fields)} == set()


def test_there_are_yaml_examples():
    assert len(examples()) >= 8


def test_keys_in_code_font_are_keys_of_the_config():
    """`a.b` and `a.b.c` in code font whose first part is a section of the config; NAME stands for any name."""
    count = 0
    for name in NAMES:
        for word in CODE.findall(documents.prose(text_of(name))):
            parts = word.split(".")
            if not re.fullmatch(r"[a-zA-Z_]+(\.[a-zA-Z_]+)+", word) or parts[0] not in config.Config.model_fields:
                continue
            if parts[-1] in ("md", "py", "yaml", "json", "csv", "parquet"):
                continue
            count += 1
            assert is_key(config.Config, parts), f"{name}: `{word}` is no key of the config"
    assert count >= 5


def is_key(model: type, parts: list[str]) -> bool:
    """Whether the parts lead from a model to a field."""
    for part in parts:
        if isinstance(model, type) and issubclass(model, BaseModel):
            if part not in model.model_fields:
                return False
            model = model.model_fields[part].annotation
        else:
            inner = [kind for kind in getattr(model, "__args__", ()) if hasattr(kind, "model_fields")]
            if not inner:
                return False
            model = inner[0]
    return True


# -- the example of the dataset `local` ----------------------------------------------------------------------------

OWN = "config/own.yaml"
TARGETS = ("hardness", "splits", "report")


def test_the_config_of_own_data_is_valid(tree, monkeypatch):
    documents.write(tree, documents.files("data.md"))
    monkeypatch.chdir(tree)
    loaded = check.load(front.read("config.yaml", OWN))
    assert loaded.select.datasets == ["quiz", "reviews"]


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    """A copy of the tree with the files of the page, after its command (and the report)."""
    folder = house.copy(tmp_path_factory.mktemp("own") / "project")
    documents.write(folder, documents.files("data.md"))
    house.snakemake(folder, *TARGETS, "--configfile", OWN)
    return folder


@pytest.fixture
def own(finished, tmp_path) -> Path:
    """A copy of it, times and Snakemake's records included."""
    return Path(shutil.copytree(finished, tmp_path / "project", symlinks=True))


def test_own_data_from_file_to_split(finished):
    """fetch, annotate and split of the two examples, as the page has them."""
    tree = finished
    assert f"snakemake hardness splits --configfile {OWN}" in documents.read("data.md")
    quiz = tables.read(tree / "results/items/quiz.parquet", tables.ITEMS)
    assert len(quiz) == 12 and quiz["item_id"][0] == "quiz/000000" and quiz["answer"][0] == "a cork"
    reviews = tables.read(tree / "results/items/reviews.parquet", tables.ITEMS).set_index("item_id")
    assert reviews.loc["3", "answer"] == "good" and list(reviews.loc["3", "choices"]) == ["bad", "good"]
    assert buckets(tree, "quiz") == {"easy": 4, "medium": 3, "hard": 4, "missing": 1}
    assert buckets(tree, "reviews") == {"easy": 4, "medium": 4, "hard": 4, "missing": 0}
    about = tables.metadata(tree / "results/hardness/quiz/given.parquet")
    assert (about["cutoffs"]["easy"], about["cutoffs"]["hard"]) == (2.4, 5.2)
    splits = tables.read(tree / "results/splits/quiz/given.parquet", tables.SPLITS)
    trained = splits[splits["role"] == "train"].groupby(["seed", "condition", "size"]).size()
    assert len(trained) == 3 * 3 * 2 and (trained == trained.index.get_level_values("size")).all()


def buckets(tree: Path, dataset: str) -> dict[str, int]:
    table = tables.read(tree / f"results/hardness/{dataset}/given.parquet", tables.HARDNESS)
    return {**{name: int((table["bucket"] == name).sum()) for name in ("easy", "medium", "hard")},
            "missing": int(pd.isna(table["bucket"]).sum())}  # fmt: skip


# -- commands ------------------------------------------------------------------------------------------------------


def test_commands_of_make_exist():
    targets = set(re.findall(r"^([a-z]+):", text_of("Makefile"), re.MULTILINE))
    for name in NAMES:
        used = set(re.findall(r"(?:^|`)make\s([a-z]+)", text_of(name), re.MULTILINE))
        assert used <= targets, f"{name}: make {used - targets}"


def test_the_stage_run_by_hand_runs(tmp_path):
    """The options of the command shown are those of the stage."""
    import inspect

    from easy2hard.stages import annotate

    shown = documents.read("workflow.md").split("## One stage by hand")[1].split("## ")[0]
    given = set(re.findall(r"--(\w+)", shown.split("--help")[1].split("```")[0]))
    assert given == set(inspect.signature(annotate.main).parameters)


def commands() -> list[str]:
    """Snakemake's command lines in shell blocks."""
    return sorted(
        {
            line.split("#")[0].strip()
            for name in NAMES
            for language, body in FENCE.findall(text_of(name))
            if language == "sh"
            for line in body.splitlines()
            if line.startswith("snakemake")
        }
    )


def test_commands_of_snakemake_are_understood():
    """Options exist and swallow no target; targets, rules and config files exist."""
    from snakemake.cli import get_argument_parser

    rules = {rule for path in SMK for rule in re.findall(r"^rule (\w+):", path.read_text(), re.MULTILINE)}
    assert len(commands()) >= 10
    for command in commands():
        given = get_argument_parser().parse_args(shlex.split(command)[1:])
        unknown = {name for name in given.targets if not name.startswith("results/")} - rules
        assert not unknown and set(given.forcerun or ()) | set(given.until or ()) <= rules, command
        for path in given.configfile or ():
            assert str(path) in invented() or (house.ROOT / path).is_file(), command


def test_touch_after_a_refactoring_leaves_nothing_to_do(own):
    command = (*TARGETS, "--configfile", OWN)
    house.edit(own / "workflow/easy2hard/buckets.py", "number = values.", "values = values\n    number = values.")
    assert "annotate" in house.would_run(own, *command)
    house.snakemake(own, "--touch", *command)
    assert house.would_run(own, *command) == {}


def test_more_memory_reruns_nothing_but_the_report(own):
    command = (*TARGETS, "--configfile", OWN)
    assert house.would_run(own, *command) == {}
    house.edit(own / "config.yaml", "pretrain: {world: qa}", "pretrain: {world: qa}\n    mem_mb: 5000\n    threads: 2")
    assert set(house.would_run(own, *command)) - {"report"} == {"write_report"}


# -- figures of the paper ----------------------------------------------------------------------------------------


def test_figures_of_the_paper_name_figures_of_the_configs():
    """Names in the columns "generated world" and "grid" of docs/figures.md are figures that a config selects."""
    overlays = {"": "", "(experiments)": "experiments", "(mdl)": "mdl", "(cot)": "cot"}
    selected = {
        name: set(front.read("config.yaml", *([f"config/{name}.yaml"] if name else []))["select"]["figures"])
        for name in (*overlays.values(), "hase2024")
    }
    lines = documents.read("figures.md").splitlines()
    rows = [line.split("|") for line in lines if re.match(r"\| (Figs?|Table)", line)]
    assert len(rows) == 23, "20 figures, two of them in one row, and 4 tables"
    for row in rows:
        known = set().union(*(selected[name] for word, name in overlays.items() if word in row[3]))
        assert set(re.findall(r"`([a-z]\w+)`", row[3])) - {"sgr", "all"} <= known, row[1]
        assert set(re.findall(r"`([a-z]\w+)`", row[4])) - {"sgr", "all"} <= selected["hase2024"], row[1]
