"""Pretraining of a small model on a generated world: warm-up, constant rate, decay only once it has learnt.

Learning such a world is a phase transition that some seeds miss within the budget. So the model is examined as it
trains; the decay begins only after the gate is passed, a failed attempt is repeated with another seed, and when all
attempts fail there is an error and no model: what is drawn downstream would be noise.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch.nn import functional
from transformers import PreTrainedModel
from transformers.utils import logging

from easy2hard import seeds
from easy2hard.corpora import Pretraining
from easy2hard.errors import UserError
from easy2hard.models import architectures
from easy2hard.progress import track

Exam = Callable[[PreTrainedModel], dict[int, float]]
Places = int | tuple[int, int]


@dataclass
class Attempt:
    """What happened to one seed: the exam curve [(updates, {level: accuracy})], whether the gate was passed."""

    seed: int
    passed: bool = False
    updates: int = 0
    tokens: int = 0
    curve: list[tuple[int, dict[int, float]]] = field(default_factory=list)


def train(
    tokens: Sequence[torch.Tensor], loss_after: Places, vocabulary: int, settings: Pretraining, seed: int, exam: Exam
) -> tuple[PreTrainedModel, list[Attempt]]:
    """Pretrain on `tokens`, a tensor (documents, length) a length, with a loss only on the token that follows each
    `loss_after`; where that is a pair (after, until), on every token from there up to the next `until`, that one too.

    Returns the model and every attempt, the last of which passed. Raises UserError telling the curves if none did.
    """
    attempts = []
    for number in range(settings.attempts):
        attempt = Attempt(seed + 1000 * number)
        attempts.append(attempt)
        model = architectures.build(settings, vocabulary, max(group.shape[1] for group in tokens), attempt.seed)
        model.to("cuda" if settings.device == "auto" and torch.cuda.is_available() else "cpu")
        _attempt(model, tokens, loss_after, settings, attempt, exam)
        if attempt.passed:
            return model, attempts
        print(f"pretraining: seed {attempt.seed} missed the gate, {_told(attempt)}", flush=True)
    raise UserError(
        f"pretraining failed: no seed reached accuracy {settings.gate_accuracy} on each of the levels "
        f"{settings.gate_levels} within {settings.gate_updates} updates; " + "; ".join(map(_told, attempts))
    )


def _told(attempt: Attempt) -> str:
    curve = (f"{updates}: {' '.join(f'{value:.2f}' for value in levels.values())}" for updates, levels in attempt.curve)
    return f"seed {attempt.seed} by level at updates {', '.join(curve)}"


def _attempt(
    model: PreTrainedModel,
    tokens: Sequence[torch.Tensor],
    loss_after: Places,
    settings: Pretraining,
    attempt: Attempt,
    exam: Exam,
) -> None:
    """Train in place: at constant rate up to the gate, then the decay, then the gate once more. Fills `attempt`."""
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=settings.learning_rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True
    )
    batches = _batches(tokens, settings.batch, attempt.seed)
    while attempt.updates < settings.gate_updates and not attempt.passed:
        span = min(settings.gate_every, settings.gate_updates - attempt.updates)
        rates = [min(1.0, (attempt.updates + step + 1) / max(1, settings.warmup)) for step in range(span)]
        attempt.tokens += _updates(model, optimizer, batches, loss_after, settings, rates)
        attempt.passed = _examined(model, exam, settings, attempt, span) and attempt.updates >= settings.least_updates
    if attempt.passed:
        rates = [1 - (step + 1) / (settings.decay + 1) for step in range(settings.decay)]
        attempt.tokens += _updates(model, optimizer, batches, loss_after, settings, rates)
        attempt.passed = _examined(model, exam, settings, attempt, settings.decay)


def _examined(model: PreTrainedModel, exam: Exam, settings: Pretraining, attempt: Attempt, span: int) -> bool:
    """Record an examination after `span` more updates; whether every gate level is passed."""
    attempt.updates += span
    scores = exam(model)
    attempt.curve.append((attempt.updates, scores))
    print(f"seed {attempt.seed}, {attempt.updates} updates, accuracy by level {scores}", flush=True)
    return all(scores[level] >= settings.gate_accuracy for level in settings.gate_levels)


def _batches(tokens: Sequence[torch.Tensor], size: int, seed: int) -> Iterator[torch.Tensor]:
    """Batches without end, each of documents of one length and of about as many tokens as `size` of the longest: the
    documents in a new random order each epoch, incomplete batches left out."""
    longest = max(group.shape[1] for group in tokens)
    sizes = [size * longest // group.shape[1] for group in tokens]
    if not any(len(group) >= rows for group, rows in zip(tokens, sizes, strict=True)):
        held = ", ".join(str(len(group)) for group in tokens)
        raise UserError(f"pretraining: the corpus has {held} documents of a length, fewer than a batch of {size}")
    random = torch.Generator().manual_seed(seeds.torch_seed(seed, "pretrain", "order"))
    while True:
        batches: list[torch.Tensor] = []
        for group, rows in zip(tokens, sizes, strict=True):
            order = torch.randperm(len(group), generator=random)
            batches += (group[chosen] for chosen in order[: len(order) // rows * rows].split(rows) if len(chosen))
        mixed = torch.randperm(len(batches), generator=random).tolist() if len(tokens) > 1 else range(len(batches))
        yield from (batches[number] for number in mixed)


def loss_places(tokens: torch.Tensor, loss_after: Places) -> torch.Tensor:
    """(documents, length) bool: the places from which the next token is to be learnt."""
    if isinstance(loss_after, int):
        return tokens == loss_after
    places = torch.arange(tokens.shape[1]).expand_as(tokens)
    opened, closed = (places.where(tokens == one, -1).cummax(dim=1).values for one in loss_after)
    return opened > closed


def _updates(
    model: PreTrainedModel,
    optimizer: torch.optim.Optimizer,
    batches: Iterator[torch.Tensor],
    loss_after: Places,
    settings: Pretraining,
    rates: list[float],
) -> int:
    """One update a rate, each a share of the peak learning rate; the number of tokens read."""
    parameters, head, read = list(model.parameters()), model.get_output_embeddings(), 0
    for rate in track(rates, len(rates), "pretraining", "updates"):
        batch = next(batches).to(model.device)
        rows, columns = torch.where(loss_places(batch[:, :-1], loss_after))
        # All rows have one length, so there is no mask; the head is applied only where there is a loss.
        hidden = model.base_model(batch[:, :-1], use_cache=False).last_hidden_state
        loss = functional.cross_entropy(head(hidden[rows, columns]), batch[rows, columns + 1])
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0, error_if_nonfinite=True)
        optimizer.param_groups[0]["lr"] = settings.learning_rate * rate
        optimizer.step()
        read += batch.numel()
    return read


def save(model: PreTrainedModel, tokenizer: Path, folder: Path) -> None:
    """Write the model as safetensors with its config, and a copy of the tokenizer folder's files."""
    logging.disable_progress_bar()
    model.save_pretrained(folder)
    (folder / "model.safetensors").chmod(0o644)  # the writer leaves it readable by its owner only
    for path in sorted(tokenizer.iterdir()):
        shutil.copyfile(path, folder / path.name)
