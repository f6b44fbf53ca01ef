"""Write the pretraining text of a generated world and its word-level tokenizer."""

from __future__ import annotations

from pathlib import Path

from easy2hard import corpora, settings, tables
from easy2hard.command import command


@command
def main(world: str, options: dict, seed: int, out: Path, tokenizer: Path) -> None:
    """Write the corpus table `out` and the folder `tokenizer`. world: dataset plug-in, e.g. worlds/qa."""
    from easy2hard.models import word_tokenizer

    plugin = corpora.world(world)
    chosen = settings.options_of(plugin, options)
    frame = plugin.documents(chosen, seed)
    counts = frame.groupby(["author", "tagged"]).size()
    documents = {f"{author}, {'tagged' if tagged else 'untagged'}": int(n) for (author, tagged), n in counts.items()}
    metadata = {"world": world, "seed": seed, "options": chosen.model_dump(), "documents": documents}
    longest = int(frame["text"].str.split().str.len().max()) + 1
    word_tokenizer.save(word_tokenizer.build(plugin.vocabulary(chosen)), tokenizer, longest)
    tables.write(frame, out, tables.CORPUS, metadata)
    print(f"{len(frame):,} documents of at most {longest} tokens: {documents}")
