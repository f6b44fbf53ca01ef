"""Damaged data: one line that names file and line, nothing written, nothing dropped silently."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import fixtures_data as fixtures
import pyarrow.parquet as pq
import pytest
from easy2hard.errors import UserError
from easy2hard.stages import fetch
from fetching import run_fetch
from harms import cell, choice, put, record, rows, swap

EASY, NOTES = "ARC-Easy-Train.jsonl", "arc-challenge-easy-annotations.json"
BIOLOGY = "test/college_biology_test.csv"


@dataclass(frozen=True)
class Damage:
    """A file of a dataset, what is done to it, and what the error must name."""

    name: str
    plugin: str
    file: str
    harm: Callable[[Path], None]
    place: str
    reason: str
    parquet: bool = False


SHARD, MAIN = "ARC-Easy/train-00000-of-00001.parquet", "main/test-00000-of-00001.parquet"
DAMAGES = [
    Damage("no answer key", "arc", EASY, record(2, answerKey="del"), ":2:", "missing 'answerKey'"),
    Damage("null answer key", "arc", EASY, record(2, answerKey=None), ":2:", "'answerKey' is null"),
    Damage("empty answer key", "arc", EASY, record(2, answerKey=""), ":2:", "empty 'answerKey'"),
    Damage("key outside choices", "arc", EASY, record(2, answerKey="D"), ":2:", "expected one of A, B, C"),
    Damage("duplicate id", "arc", EASY, record(4, id="Easy_Train_0"), ":4:", "was given at"),
    Damage("id of another file", "arc", EASY, record(5, id="Easy_Dev_4"), "ARC-Easy-Dev.jsonl:5:", "was given at"),
    Damage("number as id", "arc", EASY, record(1, id=7), ":1:", "'id' is 7 (expected a text)"),
    Damage("unparsable line", "arc", EASY, swap('"answerKey"', "answerKey", 3), ":3:", "not JSON"),
    Damage("cut line", "arc", EASY, put(b'{"id": "x", "question'), ":1:", "not JSON"),
    Damage("two records a line", "arc", EASY, swap('"}', '"} {}', 5), ":5:", "not JSON"),
    Damage("blank line", "arc", EASY, put(b"\n", '{"id": "Easy_Train_3"'), ":4:", "blank line"),
    Damage("a list, not an object", "arc", EASY, put(b"[1, 2]\n"), ":1:", "expected a JSON object"),
    Damage("empty question", "arc", EASY, swap("Which stone number 1 rolls in Easy Train?", ""), ":2:", "empty 'stem'"),
    Damage("question as number", "arc", EASY, record(1, question=5), ":1:", "'question' is 5"),
    Damage("one choice", "arc", EASY,
           record(1, question={"stem": "?", "choices": [{"text": "a", "label": "A"}]}, answerKey="A"),
           ":1:", "1 choice"),
    Damage("no choices", "arc", EASY, record(1, question={"stem": "Why?", "choices": []}), ":1:", "holds no choices"),
    Damage("choice is a text", "arc", EASY, record(1, question={"stem": "?", "choices": ["a"]}), ":1:", "an object"),
    Damage("empty choice", "arc", EASY, choice(3, text=""), ":3:", "empty 'text'"),
    Damage("repeated choice label", "arc", EASY, choice(3, label="A"), ":3:", "choice labels A, A, C"),
    Damage("repeated key", "arc", EASY, swap('"answerKey"', '"id": "y", "answerKey"', 1), ":1:", "repeated key 'id'"),
    Damage("half a surrogate", "arc", EASY, swap("stone A", "stone \\ud83d", 1), ":1:", "surrogate"),
    Damage("bad UTF-8", "arc", EASY, put(b"\xff", '{"id": "Easy_Train_1"'), ":2:", "not UTF-8"),
    Damage("UTF-16", "arc", EASY, put('{"id"'.encode("utf-16")), ":1:", "not UTF-8"),
    Damage("empty file", "arc", EASY, put(b""), ":1:", "empty file"),
    Damage("missing file", "arc", EASY, Path.unlink, EASY, "no such file"),
    Damage("annotations missing", "arc_all", NOTES, Path.unlink, NOTES, "no such file"),
    Damage("unknown grade", "arc", NOTES, swap("Grade 05", "Grade 15", 9), ":8:", "expected one of Grade 03"),
    Damage("unknown Bloom skill", "arc", NOTES, swap("Remembering", "Rembering", 4), ":2:", "did you mean"),
    Damage("annotation without depth", "arc", NOTES, swap("depth_of_knowledge", "depth"), ":2:", "missing 'depth_of"),
    Damage("annotation twice", "arc", NOTES, swap("Easy_Train_1", "Easy_Train_0", 8), ":8:", "was given at line 2"),
    Damage("annotation of no question", "arc", NOTES, swap("Easy_Train_1", "Easy_Train_9", 8), ":8:", "no question"),
    Damage("unknown tag", "arc", NOTES, swap("ARCEZ_", "ARCXX_", 2), ":2:", "expected ARCEZ_ or ARCCH_"),
    Damage("annotations cut", "arc", NOTES, lambda path: path.write_text('{\n"a": {},\n'), ":3:", "not JSON"),
    Damage("annotations as list", "arc", NOTES, put(b"[]"), ":1:", "expected {"),
    Damage("letter outside", "mmlu_stem5", BIOLOGY, swap("4.0,B", "4.0,E"), ":3:", "expected A, B, C or D"),
    Damage("letter missing", "mmlu_stem5", BIOLOGY, swap("4.0,B", "4.0,"), ":3:", "empty 'answer'"),
    Damage("five cells", "mmlu_stem5", BIOLOGY, swap("4.0,B", "B"), ":3:", "5 cells (expected 6"),
    Damage("empty choice in CSV", "mmlu_stem5", BIOLOGY, swap("two", "", 6), ":5:", "empty 'B'"),
    Damage("quotation left open", "mmlu_stem5", BIOLOGY, swap('ends?"', "ends?", 6), ":5:", "not CSV"),
    Damage("subject missing", "mmlu_stem5", BIOLOGY, Path.unlink, BIOLOGY, "no such file"),
    Damage("answer as text", "strategyqa", "dev.json", swap("true", '"yes"', 5), ":2:", "expected true or false"),
    Damage("no decomposition", "strategyqa", "dev.json", swap("decomposition", "steps"), ":2:", "missing 'decomp"),
    Damage("facts as text", "strategyqa", "dev.json", put(
        b'[{"qid": "a", "question": "b?", "answer": true, "facts": "c", "decomposition": ["d"]}]'
    ), ":1:", "expected a list"),
    Damage("NaN", "strategyqa", "dev.json", swap("true", "NaN", 5), ":2:", "NaN is no JSON number"),
    Damage("list not closed", "strategyqa", "dev.json", put(b"[{}\n"), ":2:", "end of file"),
    Damage("no answer mark", "gsm8k", "test.jsonl", swap("####", "##", 3), ":3:", "expected one"),
    Damage("nothing after the mark", "gsm8k", "test.jsonl", swap("#### 1,002", "####", 3), ":3:", "no answer after"),
    Damage("no solution", "gsm8k", "test.jsonl", record(3, answer="#### 4"), ":3:", "no solution before"),
    Damage("MATH: level of another scale", "math", "test.jsonl", record(2, level=6), ":2:", "'level' is 6"),
    Damage("MATH: id of another kind", "math", "train.jsonl", record(3, unique_id="7"), ":3:", "'unique_id' is '7'"),
    Damage("MATH: subject misspelt", "math", "test.jsonl", record(1, subject="Algebro"), ":1:", "mean 'Algebra'?"),
    Damage("MATH: no answer", "math", "test.jsonl", record(2, answer="del"), ":2:", "missing 'answer'"),
    Damage("MATH: test problem in both files", "math", "test.jsonl", record(1, unique_id="train/algebra/0.json"),
           ":1:", "was given at"),
    Damage("MATH: no list", "math", "test.jsonl", Path.unlink, "test.jsonl", "no such file"),
    Damage("header alone", "local", "own.csv", put(b"key,q,a,b,right,pain\n"), ":2:", "only a header"),
    Damage("header repeated", "local", "own.csv", swap("key,q", "q,q"), ":1:", "header name 'q'"),
    Damage("own label outside", "local", "own.csv", swap("B,", "C,", 3), ":3:", "outside the choices"),
    Damage("own hardness a word", "local", "own.csv", swap("0.5", "hard"), ":2:", "expected a number"),
    Damage("no header", "local", "own.csv", put(b"\n", "key,q"), ":1:", "names of the columns"),
    Damage("blank line in CSV", "local", "own.csv", put(b"\n", "k2"), ":3:", "0 cells"),
    Damage("own label missing", "local", "own.csv", swap("B,", ",", 3), ":3:", "empty 'right'"),
    Damage("own id repeated", "local", "own.csv", swap("k2", "k1"), ":3:", "was given at"),
    Damage("own hardness infinite", "local", "own.csv", swap("0.5", "inf"), ":2:", "finite"),
    Damage("Parquet: null key", "arc", SHARD, cell(2, answerKey=None), ": row 2:", "'answerKey' is null", True),
    Damage("Parquet: duplicate id", "arc", SHARD, cell(2, id="Easy_Train_0"), ": row 2:", "was given at", True),
    Damage("Parquet: empty question", "arc", SHARD, cell(3, question=""), ": row 3:", "empty 'question'", True),
    Damage("Parquet: no rows", "gsm8k", MAIN, lambda path: pq.write_table(pq.read_table(path).slice(0, 0), path),
           ": row 1:", "no rows", True),
    Damage("Parquet: not one", "gsm8k", MAIN, put(b"PAR1 and then nothing"), MAIN, "not a readable Parquet", True),
    Damage("Parquet: column missing", "gsm8k", MAIN, rows(lambda records: [row.pop("answer") for row in records]),
           ": row 1:", "missing 'answer'", True),
    Damage("Parquet: file missing", "gsm8k", MAIN, Path.unlink, "main/test", "no data of main/test", True),
    Damage("Parquet: one choice", "mmlu_stem5", "college_physics/test-00000-of-00001.parquet", cell(2, choices=["a"]),
           ": row 2:", "1 choice", True),
    Damage("Parquet: huge label", "mmlu_stem5", "college_physics/test-00000-of-00001.parquet", cell(1, answer=2**62),
           ": row 1:", "outside the choices", True),
    Damage("Parquet: label outside", "mmlu_stem5", "college_physics/test-00000-of-00001.parquet", cell(1, answer=4),
           ": row 1:", "outside the choices", True),
    Damage("Parquet: part missing", "strategyqa", "data/train-00001-of-00002.parquet", Path.unlink,
           "train-00000-of-00002.parquet", "part 1 is missing", True),
]  # fmt: skip
RUN_BY_HAND = ("no answer key", "bad UTF-8", "five cells", "list not closed", "own label outside", "Parquet: null key")


def damaged(damage: Damage, folder: Path) -> dict:
    """Build the files, do the harm; the keywords of `fetch.main`."""
    built = (fixtures.PARQUET if damage.parquet else fixtures.OFFICIAL)[damage.plugin](folder / "in")
    damage.harm(folder / "in" / damage.file)
    options = fixtures.OPTIONS.get(damage.plugin, {})
    out = folder / "out" / "items.parquet"
    return {"dataset": "d", "plugin": damage.plugin, "source": {"path": str(built)}, "options": options, "out": out}


def test_names_are_unique_and_many():
    names = [damage.name for damage in DAMAGES]
    assert len(set(names)) == len(names) >= 50
    assert set(RUN_BY_HAND) < set(names)


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.name)
def test_damage_is_one_line_and_writes_nothing(damage: Damage, tmp_path: Path):
    given = damaged(damage, tmp_path)
    with pytest.raises(UserError) as caught:
        fetch.main(seed=0, **given)
    message = str(caught.value)
    assert "\n" not in message
    assert damage.place in message and damage.reason in message, message
    assert Path(damage.file).name.split("-00")[0].split(".")[0] in message or "ARC-Easy-Dev" in message, message
    assert "expected" in message or "allowed" in message, message
    assert not given["out"].parent.exists()


@pytest.mark.parametrize("name", RUN_BY_HAND)
def test_damage_stops_the_command(name: str, tmp_path: Path):
    damage = next(damage for damage in DAMAGES if damage.name == name)
    given = damaged(damage, tmp_path)
    done = run_fetch(**given)
    last = done.stderr.rstrip("\n").split("\n")[-1]
    assert done.returncode == 2, done.stderr
    assert last.startswith("error: ") and damage.place in last and damage.reason in last
    assert "Traceback" not in done.stderr
    assert not given["out"].parent.exists()


@pytest.mark.parametrize(
    ("plugin", "options", "reason"),
    [
        ("gsm8k", {"hardness_item": 3}, "did you mean 'hardness_items'?"),
        ("gsm8k", {"hardness_items": -1}, "options.hardness_items"),
        ("gsm8k", {"hardness_items": 12}, "12 of 12 items"),
        ("strategyqa", {"size": 3}, "options.size: unknown key"),
        ("local", {"columns": {"question": "q", "answer": "a"}}, "options.licence: missing"),
        ("local", {"licence": "CC0", "columns": {"question": "q", "label": "a"}, "choices": []}, "options.choices"),
        ("local", {"licence": "CC0", "columns": {"question": "q", "ansver": "a", "answer": "a"}}, "mean 'answer'?"),
        ("local", {"licence": "CC0", "columns": {"question": "q"}}, "expected 'columns.answer'"),
        ("local", {"licence": "CC0", "columns": {"question": "q", "choices": "c"}}, "expected 'columns.label'"),
    ],
)
def test_damaged_options_are_one_line(plugin: str, options: dict, reason: str, tmp_path: Path):
    path = fixtures.OFFICIAL[plugin](tmp_path / "in")
    out = tmp_path / "out" / "items.parquet"
    with pytest.raises(UserError, match=reason.replace("?", r"\?")) as caught:
        fetch.main("d", plugin, {"path": str(path)}, options, 0, out)
    assert "\n" not in str(caught.value) and not out.parent.exists()


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ({"path": "nowhere"}, "nowhere: no such folder"),
        ({"path": "a", "hub": "b/c"}, "exactly one"),
        ({"pth": "a"}, "did you mean 'path'?"),
        ({"revision": "a"}, "exactly one"),
    ],
)
def test_damaged_sources_are_one_line(source: dict, reason: str, tmp_path: Path):
    with pytest.raises(UserError) as caught:
        fetch.main("d", "gsm8k", source, {}, 0, tmp_path / "items.parquet")
    assert reason in str(caught.value) and "\n" not in str(caught.value)
    assert not (tmp_path / "items.parquet").exists()
