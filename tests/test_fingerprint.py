"""Fingerprints: an edit changes exactly the stages that use what was edited."""

from __future__ import annotations

import ast

import pytest
from easy2hard import fingerprint as fp
from easy2hard import remembered, syntax


@pytest.fixture
def package(tmp_path, monkeypatch):
    """A small package in place of the library: two stages, two helpers, one lazily imported."""
    files = {
        "__init__": "",
        "stages/__init__": "",
        "stages/a": "from easy2hard import tools\n\ndef main():\n    return tools.used()\n",
        "stages/b": "def main():\n    from easy2hard.lazy import late\n    return late()\n",
        "stages/c": "from easy2hard.front import used\n\nVALUE = used()\n",
        "tools": '"""Doc."""\nLIMIT = 3\n\ndef used():\n    return LIMIT\n\ndef unused():\n    return 2\n',
        "lazy": "import easy2hard_other\nprint('loaded')\n\ndef late():\n    return 1\n",
        "front": "from easy2hard.tools import used\n",
    }
    for name, text in files.items():
        path = tmp_path / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    monkeypatch.setattr(fp, "ROOT", tmp_path)
    yield tmp_path
    forget()


def forget() -> None:
    """What the process knows of modules; what is stored stays."""
    for cached in (fp._facts, fp._needs, fp._targets, fp._known, fp._file, fp.fingerprint):
        cached.cache_clear()


def prints(package) -> dict[str, str]:
    forget()
    return {stage: fp.fingerprint(f"stages.{stage}") for stage in "abc"}


def changed(package, file: str, old: str, new: str) -> set[str]:
    before = prints(package)
    path = package / file
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new))
    after = prints(package)
    return {stage for stage in before if before[stage] != after[stage]}


@pytest.mark.parametrize(
    ("file", "old", "new", "stages"),
    [
        ("tools.py", "return LIMIT", "return LIMIT + 1", {"a", "c"}),
        ("tools.py", "LIMIT = 3", "LIMIT = 4", {"a", "c"}),
        ("tools.py", "return 2", "return 3", set()),
        ("lazy.py", "return 1", "return 2", {"b"}),
        ("lazy.py", "print('loaded')", "print('here')", {"b"}),
        ("stages/a.py", "tools.used()", "tools.unused()", {"a"}),
        ("tools.py", '"""Doc."""', '"""Another."""', set()),
        ("tools.py", "    return LIMIT", '    """Say."""\n    # why\n    return (\n        LIMIT)', set()),
    ],
)
def test_an_edit_changes_the_stages_that_use_it(package, file, old, new, stages):
    assert changed(package, file, old, new) == stages


def test_a_source_text_is_read_once_and_an_edited_one_again(package, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".snakemake").mkdir()
    first = prints(package)
    remembered.keep(fp.MEMORY, fp._known())
    read = []
    facts = syntax.facts
    monkeypatch.setattr(syntax, "facts", lambda text, module: read.append(module) or facts(text, module))
    assert prints(package) == first and not read
    assert changed(package, "tools.py", "return LIMIT", "return 7") == {"a", "c"}
    assert read == ["tools"]


def test_what_another_reader_of_syntax_found_counts_for_nothing(package, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".snakemake").mkdir()
    first = prints(package)
    remembered.keep(fp.MEMORY, {**fp._known(), "reader": "another", "tools": {"content": "", "facts": {}}})
    assert prints(package) == first
    (remembered.FOLDER / fp.MEMORY).write_text("[1, broken")
    assert prints(package) == first


def test_a_plug_in_is_followed_only_where_it_is_named(package):
    (package / "plug.py").write_text("from easy2hard import tools\n\ndef go():\n    return tools.unused()\n")
    prints(package)
    alone, both = fp.fingerprint("stages.b"), fp.fingerprint("stages.b", "plug")
    assert alone != both
    assert ("tools", "unused") in fp.reachable("stages.b", "plug")
    assert ("tools", "used") not in fp.reachable("stages.b", "plug")


def test_imports_that_cannot_be_followed_are_refused(package):
    (package / "stages/a.py").write_text("from . import b\n")
    with pytest.raises(ValueError, match="relative imports"):
        prints(package)
    (package / "stages/a.py").write_text("import easy2hard.tools\n")
    with pytest.raises(ValueError, match="from easy2hard import"):
        prints(package)


@pytest.mark.parametrize("line", ["from easy2hard.tools import *", "x = import_module('easy2hard.tools')"])
def test_imports_that_hide_what_is_used_are_refused(package, line):
    (package / "stages/a.py").write_text(f"{line}\n")
    with pytest.raises(ValueError, match="not followed"):
        prints(package)


def test_a_missing_module_is_an_error():
    with pytest.raises(FileNotFoundError):
        fp.fingerprint("stages.absent")


def test_every_module_of_the_library_can_be_followed():
    modules = [path.relative_to(fp.ROOT).with_suffix("") for path in fp.ROOT.rglob("*.py")]
    assert len(modules) > 20
    for module in modules:
        name = ".".join(module.parts).removesuffix(".__init__").replace("__init__", "")
        if name:
            assert fp.fingerprint(name)


def test_plug_ins_are_imported_by_name_only():
    """A plug-in imported by a stage would be in its fingerprint for every other plug-in too."""
    for path in (fp.ROOT / "stages").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module:
                kinds = ("easy2hard.methods", "easy2hard.figures", "easy2hard.hardness")
                assert not node.module.startswith(kinds), f"{path.name} imports {node.module}"
