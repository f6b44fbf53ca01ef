"""What a split is asked to draw: its settings, and what of them cannot be."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, ValidationError

from easy2hard import legacy_draws
from easy2hard.conditions import Condition, Noise
from easy2hard.errors import UserError
from easy2hard.strict import Strict

RESERVE = 50  # items a pool keeps out of training (Hase 2024, §3.2 step 2); none in a transfer (§3.3)


class Complement(Strict):
    """Test on everything outside the training set, held-out items included."""

    kind: Literal["complement"] = Field(description="test on every item not trained on")


class Stratified(Strict):
    """Test on a draw of `n` items, as equal as can be over the buckets, outside the largest training set."""

    kind: Literal["stratified"] = Field(description="test on a draw balanced over easy, medium, hard")
    n: int = Field(description="items in the test set", ge=1)


class Spec(Strict):
    """What to draw."""

    dataset: str = Field(description="dataset tested on, and trained on unless `train_dataset` says otherwise")
    measure: str = Field(description="hardness measure of the dataset tested on")
    train_dataset: str | None = Field(description="another dataset to train on", default=None)
    train_measure: str | None = Field(description="measure of the other dataset to train on", default=None)
    conditions: list[Condition] = Field(description="what to train on", min_length=1)
    sizes: list[int] = Field(description="training set sizes; smaller sets are parts of larger ones", min_length=1)
    seeds: int = Field(description="number of training sets a condition", ge=1)
    seed: int = Field(description="base seed")
    test: Complement | Stratified = Field(description="which items to test on", discriminator="kind")
    standardize: bool = Field(description="equal test and training sizes for all conditions (§3.3)", default=False)
    reserve: int | None = Field(
        description="items a pool keeps out of training; by default 50, or 0 when another dataset is tested on",
        default=None,
        ge=0,
    )
    noise: Noise | None = Field(description="wrong labels in training sets, by condition", default=None)
    legacy: Literal["in_context", "trained"] | None = Field(
        description="draw as the released code does for a method of this kind", default=None
    )

    @property
    def source(self) -> tuple[str, str]:
        """Dataset and measure trained on. They seed the draws."""
        return self.train_dataset or self.dataset, self.train_measure or self.measure

    @property
    def place(self) -> str:
        """How messages name the dataset and the measure trained on."""
        return "dataset '{}', measure '{}'".format(*self.source)

    def rates(self, condition: str) -> list[float]:
        """Noise rates of a condition, ascending."""
        return self.noise.of(condition) if self.noise else [0.0]


def parse(spec: dict | Spec) -> Spec:
    """Check the settings of a split. Raises UserError with the key and what is wrong with it."""
    try:
        checked = Spec.model_validate(spec)
    except ValidationError as error:
        first = error.errors()[0]
        raise UserError(f"split spec: {'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    for name, given in (("conditions", checked.conditions), ("sizes", checked.sizes)):
        if len(set(given)) != len(given):
            raise UserError(f"split spec: {name}: {given} lists a value twice")
    if min(checked.sizes) < 1:
        raise UserError(f"split spec: sizes: {min(checked.sizes)} is below 1 (zero-shot needs no training set)")
    _check_legacy(checked)
    strange = sorted(set(checked.noise.rates if checked.noise else ()) - set(checked.conditions))
    if strange:
        raise UserError(f"split spec: noise.rates: '{strange[0]}' is not among the conditions {checked.conditions}")
    return checked


def _check_legacy(spec: Spec) -> None:
    """Raise UserError for what the released code could not do, or does in an order that is not known."""
    if not spec.legacy:
        return
    strange = sorted(set(spec.conditions) - set(legacy_draws.KNOWN))
    if strange:
        raise UserError(f"split spec: legacy: that code has no condition '{strange[0]}'; it has {legacy_draws.KNOWN}")
    if spec.train_dataset or spec.standardize:
        raise UserError("split spec: legacy: not with 'train_dataset' or 'standardize'")
    if spec.legacy == "in_context" and len(spec.sizes) > 1:
        raise UserError(f"split spec: legacy: one size for methods in context, found {spec.sizes}")
