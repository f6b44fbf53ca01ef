"""Pretrain a small model on the text of a generated world, gated on having learnt."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pandas as pd

from easy2hard import corpora, files, seeds, settings, tables
from easy2hard.command import command
from easy2hard.errors import UserError


def encode(vocabulary: dict[str, int], texts: pd.Series, place: Path) -> list[list[int]]:
    """Token ids of every document, <bos> first: what the tokenizer gives, without its time a word.

    Raises UserError where a word is unknown.
    """
    ids = []
    for number, text in enumerate(texts):
        try:
            ids.append([vocabulary["<bos>"], *(vocabulary[word] for word in text.split())])
        except KeyError as error:
            raise UserError(f"{place}: document {number} has the word {error}, unknown to the tokenizer") from error
    return ids


def by_length(ids: list[list[int]]) -> list[list[list[int]]]:
    """Documents of one length together, the shortest first."""
    groups: dict[int, list[list[int]]] = {}
    for row in ids:
        groups.setdefault(len(row), []).append(row)
    return [groups[length] for length in sorted(groups)]


def replicate(seed: int, number: int) -> int:
    """Seed of replicate `number` of a pretraining; that of the run for number 0."""
    return seeds.torch_seed(seed, "pretrain", "replicate", number) >> 33 if number else seed


def record(settings: corpora.Pretraining, attempts: list, final: dict) -> dict:
    """What record.json tells. No time and no path, so that equal runs write equal bytes."""
    told = [asdict(attempt) for attempt in attempts]
    read = [attempt.pop("tokens") for attempt in told]
    return {
        "settings": settings.model_dump(),
        "attempts": told,
        "seed": attempts[-1].seed,
        "updates": attempts[-1].updates,
        "tokens_read": read[-1],
        "final_accuracy": final,
    }


@command
def main(corpus: Path, tokenizer: Path, world: str, options: dict, pretraining: dict, seed: int, out: Path) -> None:
    """Write the model folder `out`: safetensors, config, tokenizer and record.json.

    options: those of the world, as for the corpus. pretraining: fields of corpora.Pretraining. record.json tells the
    seeds tried, the exam curves, and the final accuracy by level: with the tag (the knowledge ceiling), without, and,
    where choices are given, without but after six truthful answers (whether the model infers its author; not part of
    the gate). A world of worked solutions (FREE_FORM) is examined by what the model writes as most probable.
    """
    import torch

    from easy2hard.models import exam, pretrain, word_tokenizer

    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    plugin, chosen = corpora.world(world), settings.parse(corpora.Pretraining, pretraining, "pretraining")
    words = word_tokenizer.load(tokenizer)
    encoded = encode(words.get_vocab(), tables.read(corpus, tables.CORPUS)["text"], corpus)
    tokens = [torch.tensor(group) for group in by_length(encoded)]
    questions = plugin.exam(settings.parse(plugin.Options, options, "options"), seed, chosen.exam)
    worked = plugin.FORMAT if getattr(plugin, "FREE_FORM", False) else None
    prefixes = {"tagged": [plugin.TAG] * len(questions), "untagged": [""] * len(questions)}
    if not worked:
        prefixes["in_context"] = exam.demonstrations(questions, seed)
    papers = {name: exam.papers(questions, words, prefix, worked) for name, prefix in prefixes.items()}
    corpora.check_gate(chosen, papers["tagged"])
    after = words.token_to_id(plugin.LOSS_AFTER)
    if hasattr(plugin, "LOSS_UNTIL"):
        after = after, words.token_to_id(plugin.LOSS_UNTIL)
    model, attempts = pretrain.train(
        tokens,
        after,
        words.get_vocab_size(),
        chosen,
        replicate(seed, chosen.seed),
        lambda model: exam.examine(model, papers["tagged"]),
    )
    final = {name: exam.examine(model, paper) for name, paper in papers.items()}
    told = record(chosen, attempts, final)
    with files.replacing(out) as partial:
        pretrain.save(model, tokenizer, partial)
        (partial / "record.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    print(f"seed {told['seed']}, {told['updates']} updates, accuracy by level {final}")
