"""Small invented files of the NLI and fact-checking datasets, in the official formats and in the hub's."""

from __future__ import annotations

import math
from pathlib import Path

from writing import write_lines, write_parquet

WORDS = ("entailment", "neutral", "contradiction")
LABELS = ("SUPPORTS", "REFUTES", "NOT ENOUGH INFO")
MNLI = "mnli_development_set_number_of_correct_responses.txt"


def mnli(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    lines = ["index\tpremise\thypothesis\tgold_label\tnumber of correct responses (out of 100)"]
    lines += [f'{n}\tThe cat said "{n}\tA cat spoke\t{WORDS[n % 3]}\t{10 * n}' for n in range(5)]
    (folder / MNLI).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def anli_records(number: int, split: str) -> list[dict]:
    """Three pairs, one of each label; the last has no reason."""
    return [
        {
            "uid": f"r{number}-{split}-{n}",
            "context": f"Kettle {n} of shed {number} whistles in the {split} hall.",
            "hypothesis": f"A kettle is heard, {n}.",
            "label": "enc"[n],
            "model_label": "nce"[n],
            "reason": f"It whistles {n} times." if n < 2 else "",
        }
        for n in range(3)
    ]


def anli(folder: Path) -> Path:
    for number in (1, 2, 3):
        for split in ("dev", "test"):
            write_lines(folder / f"R{number}" / f"{split}.jsonl", anli_records(number, split))
    return folder


def anli_parquet(folder: Path) -> Path:
    for number in (1, 2, 3):
        for split in ("dev", "test"):
            records = [
                {
                    "uid": record["uid"],
                    "premise": record["context"],
                    "hypothesis": record["hypothesis"],
                    "label": "enc".index(record["label"]),
                    "reason": record["reason"],
                }
                for record in anli_records(number, split)
            ]
            write_parquet(folder / "plain_text" / f"{split}_r{number}-00000-of-00001.parquet", records)
    return folder


def chaos_record(number: int, votes: dict[str, int], example: dict, majority: str | int) -> dict:
    shares = [count / 100 for count in votes.values() if count]
    return {
        "uid": f"pan{number}",
        "label_counter": votes,
        "majority_label": majority,
        "entropy": -sum(share * math.log2(share) for share in shares),
        "example": {"uid": f"pan{number}", **example, "source": "invented"},
    }


def chaosnli(folder: Path) -> Path:
    """Four pairs a file: all agree, 75 to 25, a tie, and in the pairs votes for all three."""
    pair = {"premise": "A pan hangs on the wall.", "hypothesis": "The pan is old."}
    votes = ({"n": 100}, {"e": 75, "n": 25}, {"e": 50, "c": 50}, {"e": 20, "n": 30, "c": 50})
    for subset in ("snli", "mnli_m"):
        records = [chaos_record(n, one, pair, max(one, key=one.get)) for n, one in enumerate(votes)]
        write_lines(folder / f"chaosNLI_{subset}.jsonl", records)
    story = {"obs1": "Eva lit a stove.", "obs2": "She ate soup.", "hyp1": "She cooked.", "hyp2": "It rained."}
    votes = ({"1": 100}, {"1": 25, "2": 75}, {"1": 50, "2": 50}, {"2": 90, "1": 10})
    records = [chaos_record(n, one, story, int(max(one, key=one.get))) for n, one in enumerate(votes)]
    write_lines(folder / "chaosNLI_alphanli.jsonl", records)
    return folder


def fever_sets(number: int) -> list[list[list]]:
    """Evidence sets of (page, sentence): claims 0 to 3 need 1, 2, 3, 1 sentences; the smallest set is not the first."""
    page = f"Lamp_{number}"
    large = [[page, line] for line in range(5)]
    smallest = [[page, 7], ["Wick", 8], ["Oil", 9]][: (1, 2, 3, 1)[number]]
    return [large, smallest]


def fever_records() -> list[dict]:
    """Four claims with evidence and two without."""
    records = []
    for number in range(6):
        label = LABELS[number % 2] if number < 4 else LABELS[2]
        evidence = [[[9000 + number, None, None, None]]]
        if number < 4:
            evidence = [[[90, at, *entry] for entry in one] for at, one in enumerate(fever_sets(number))]
        records.append({"id": 100 + number, "label": label, "claim": f"Lamp {number} burns oil.", "evidence": evidence})
    return records


def fever(folder: Path) -> Path:
    write_lines(folder / "paper_dev.jsonl", fever_records())
    return folder


def fever_parquet(folder: Path) -> Path:
    """A row an evidence set, as in the copy on the hub; the rows of a claim are not neighbours."""
    records = []
    for record in fever_records():
        has = record["label"] != LABELS[2]
        sets = [[entry[2:] for entry in one] for one in record["evidence"]] if has else [[["Tin", "0"]], []]
        for one in sets:
            evidence = [[str(part) for part in (*entry, "It shines.")][:3] for entry in one]
            kept = {name: record[name] for name in ("label", "claim")}
            records.append({**kept, "original_id": record["id"], "id": str(len(records)), "evidence": evidence})
    records.sort(key=lambda record: int(record["id"]) % 2)
    write_parquet(folder / "data" / "validation-00000-of-00001.parquet", records)
    return folder


def vitaminc_records(split: str) -> list[dict]:
    """Two claims, each supported by one revision and refuted by the other, and a claim that stands alone."""
    places = [(0, 0, 0), (0, 1, 1), (1, 0, 1), (1, 1, 0), (2, 0, 2)]  # claim, revision, label
    return [
        {
            "unique_id": f"{split}_{number}",
            "case_id": split,
            "wiki_revision_id": "7" if number < 4 else None,
            "label": LABELS[label],
            "claim": f"Mill {claim} of {split} has more than {claim} sails.",
            "evidence": f"In revision {revision} the {split} mill has {revision} sails.",
            "page": "Mill",
            "revision_type": "real" if number < 4 else "synthetic",
        }
        for number, (claim, revision, label) in enumerate(places)
    ]


def vitaminc(folder: Path) -> Path:
    for split in ("dev", "test"):
        write_lines(folder / f"{split}.jsonl", vitaminc_records(split))
    return folder


def vitaminc_parquet(folder: Path) -> Path:
    for split, name in (("dev", "validation"), ("test", "test")):
        write_parquet(folder / "data" / f"{name}-00000-of-00001.parquet", vitaminc_records(split))
    return folder


def vitaminc_reduced(folder: Path) -> Path:
    """The reduced copy: fewer fields, labels in small letters, one item a claim."""
    records = [
        {"claim": record["claim"], "evidence": record["evidence"], "label": record["label"].lower(), "id": str(number)}
        for number, record in enumerate(vitaminc_records("dev")[::2])
    ]
    write_lines(folder / "train_0.jsonl", records)
    return folder


OFFICIAL = {"anli": anli, "chaosnli": chaosnli, "mnli": mnli, "fever": fever, "vitaminc": vitaminc}
PARQUET = {"anli": anli_parquet, "fever": fever_parquet, "vitaminc": vitaminc_parquet}
