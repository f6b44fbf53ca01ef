"""Small invented files in each official format and in the hub's Parquet layout. No record is from a real dataset."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import fixtures_math as math
import fixtures_nli_facts as nli_facts
from writing import write_lines, write_parquet

ARC_SPLITS = {"Train": "train", "Dev": "validation", "Test": "test"}
ARC_TAGS = {"Easy": "ARCEZ_", "Challenge": "ARCCH_"}
GRADES = ("Grade 03", "Grade 05", "Grade 08", "Biology")
MMLU = [
    f"{level}_{subject}"
    for subject in ("computer_science", "physics", "mathematics", "chemistry", "biology")
    for level in ("high_school", "college")
]


def arc_records(kind: str, split: str) -> list[dict]:
    """Five questions: four choices, three, five, digit labels, and one that nobody annotated."""
    records = []
    for number, labels in enumerate(("ABCD", "ABC", "ABCDE", "1234", "ABCD")):
        choices = [{"text": f"stone {label} of {kind} {split}", "label": label} for label in labels]
        question = {"stem": f"Which stone number {number} rolls in {kind} {split}?", "choices": choices}
        records.append({"id": f"{kind}_{split}_{number}", "question": question, "answerKey": labels[number % 3]})
    return records


def annotations() -> dict[str, dict]:
    """For all but the last question of each file; every fourth is of a course, not of a grade."""
    found = {}
    for kind, tag in ARC_TAGS.items():
        for split in ARC_SPLITS:
            for number, record in enumerate(arc_records(kind, split)[:-1]):
                found[tag + record["id"]] = {
                    "grade": GRADES[number],
                    "bloom": ("Remembering", "Applying", "Evaluating", "Analyzing")[number],
                    "depth_of_knowledge": ("I", "II", "III", "I")[number],
                    "difficulty": ("Low", "Medium", "High", "Low")[number],
                }
    return found


def write_annotations(folder: Path) -> Path:
    path = folder / "arc-challenge-easy-annotations.json"
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(annotations(), indent=1), encoding="utf-8")
    return path


def arc(folder: Path) -> Path:
    for kind in ARC_TAGS:
        for split in ARC_SPLITS:
            write_lines(folder / f"ARC-{kind}-{split}.jsonl", arc_records(kind, split))
    write_annotations(folder)
    return folder


def arc_parquet(folder: Path) -> Path:
    for kind in ARC_TAGS:
        for split, hub in ARC_SPLITS.items():
            records = [_hub_arc(record) for record in arc_records(kind, split)]
            write_parquet(folder / f"ARC-{kind}" / f"{hub}-00000-of-00001.parquet", records)
    write_annotations(folder)
    return folder


def _hub_arc(record: dict) -> dict:
    choices = record["question"]["choices"]
    columns = {name: [choice[name] for choice in choices] for name in ("text", "label")}
    return {**record, "question": record["question"]["stem"], "choices": columns}


def mmlu_rows(subject: str, folder: str) -> list[list[str]]:
    """Two or three rows; one question runs over two lines and quotes a word."""
    count = 3 if folder == "test" else 2
    question = 'A "{}" of {} {}\nwith, how many ends?'
    return [[question.format(n, subject, folder), "one", "two", "3", "4.0", "ABCD"[n]] for n in range(count)]


def mmlu(folder: Path) -> Path:
    for subject in MMLU:
        for split in ("val", "test"):
            text = io.StringIO(newline="")
            csv.writer(text, lineterminator="\n").writerows(mmlu_rows(subject, split))
            path = folder / split / f"{subject}_{split}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text.getvalue(), encoding="utf-8")
    return folder


def mmlu_parquet(folder: Path) -> Path:
    for subject in MMLU:
        for split, hub in (("val", "validation"), ("test", "test")):
            records = [
                {"question": row[0], "subject": subject, "choices": row[1:5], "answer": "ABCD".index(row[5])}
                for row in mmlu_rows(subject, split)
            ]
            write_parquet(folder / subject / f"{hub}-00000-of-00001.parquet", records)
    return folder


def strategyqa_records(split: str) -> list[dict]:
    return [
        {
            "qid": f"{split}{number}",
            "question": f"Would {number} geese fit into the {split} barn?",
            "answer": number % 2 == 0,
            "facts": ["A goose is wide.", f"The barn holds {number + 1} carts."],
            "decomposition": [f"How wide is #{step}?" for step in range(number + 1)],
        }
        for number in range(4)
    ]


def strategyqa(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for split in ("train", "dev"):
        (folder / f"{split}.json").write_text(json.dumps(strategyqa_records(split), indent=2), encoding="utf-8")
    return folder


def strategyqa_parquet(folder: Path) -> Path:
    for part in range(2):
        records = strategyqa_records(("train", "dev")[part])
        write_parquet(folder / "data" / f"train-0000{part}-of-00002.parquet", records)
    return folder


def gsm8k_records(split: str) -> list[dict]:
    return [
        {
            "question": f"Ida has {number} {split} nets and buys 2. How many now?",
            "answer": "\n".join(["She counts <<1+1=2>>2."] * (number + 1)) + f"\n#### 1,{number:03d}",
        }
        for number in range(6)
    ]


def gsm8k(folder: Path) -> Path:
    for split in ("train", "test"):
        write_lines(folder / f"{split}.jsonl", gsm8k_records(split))
    return folder


def gsm8k_parquet(folder: Path) -> Path:
    for split in ("train", "test"):
        write_parquet(folder / "main" / f"{split}-00000-of-00001.parquet", gsm8k_records(split))
    return folder


LOCAL_COLUMNS = {"question": "q", "choices": ["a", "b"], "label": "right", "hardness": "pain", "id": "key"}
LOCAL_OPTIONS = {"licence": "CC0", "columns": LOCAL_COLUMNS, "label_as": "letter"}


def local_csv(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["key,q,a,b,right,pain", 'k1,"Up, or down?",up,down,A,0.5', "k2,Left or right?,left,right,B,"]
    path = folder / "own.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


OFFICIAL = {
    "arc": arc, "arc_all": arc, "mmlu_stem5": mmlu, "strategyqa": strategyqa, "gsm8k": gsm8k, "local": local_csv,
    "math": math.splits, **nli_facts.OFFICIAL,
}  # fmt: skip
PARQUET = {
    "arc": arc_parquet, "arc_all": arc_parquet, "mmlu_stem5": mmlu_parquet, "strategyqa": strategyqa_parquet,
    "gsm8k": gsm8k_parquet, **nli_facts.PARQUET,
}  # fmt: skip
OPTIONS = {"arc": {"hardness_items": 3}, "gsm8k": {"hardness_items": 4}, "local": LOCAL_OPTIONS}
