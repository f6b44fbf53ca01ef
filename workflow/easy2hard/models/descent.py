"""Batched minimisers for probes: the paper's gradient descent, and L-BFGS. The gradient is two products."""

from __future__ import annotations

from dataclasses import dataclass, replace

import torch

from easy2hard.errors import UserError

HISTORY = 10  # pairs kept by L-BFGS
ARMIJO = 1e-4
HALVINGS = 30
TINY = 1e-30  # keeps 0 / 0 out


@dataclass(frozen=True)
class Recipe:
    """How a probe is fitted.

    name: "paper" (plain SGD, λ·||w||) or "lbfgs" (λ/2·||w||²). penalty: λ. steps: exactly for "paper", at most for
    "lbfgs". learning_rate, final_rate (its last step's share of the first), clip (gradient norm), attempts: "paper".
    tolerance: largest entry of the gradient at the end, "lbfgs".
    """

    name: str = "paper"
    penalty: float = 1.0
    steps: int = 100
    learning_rate: float = 0.05
    clip: float = 1.0
    final_rate: float = 0.1
    attempts: int = 6
    tolerance: float = 1e-7

    def gentler(self) -> Recipe:
        """What the original refits with after NaN: clip/4 and λ·4."""
        return replace(self, clip=self.clip / 4, penalty=self.penalty * 4)

    def rate(self, step: int) -> float:
        """Learning rate of a step (from 0): linear from the first to `final_rate` of it after `steps` steps."""
        return self.learning_rate * (1 - (1 - self.final_rate) * step / self.steps)


class Problem:
    """Mean cross-entropy of p probes over their own n items, C choices, and its gradient.

    inputs: [p, n, D], or with `reference` [p, (C - 1) n, D], choice-major: the states of choices 1.. minus that of
    choice 0, whose score is then 0. A softmax does not see a constant, so weights and gradient are the same, with a
    C-th of the work less. labels: [p, n]. valid: [p, n, C].
    """

    def __init__(self, inputs: torch.Tensor, labels: torch.Tensor, valid: torch.Tensor, reference: bool):
        self.inputs, self.labels, self.valid, self.reference = inputs, labels, valid, reference
        target = torch.nn.functional.one_hot(labels, valid.shape[-1]).transpose(1, 2)
        self.target = target.to(inputs.dtype)  # [p, C, n]
        self.masked = None if bool(valid.all()) else ~valid.transpose(1, 2)
        self.logits = torch.zeros_like(self.target)

    def select(self, probes: torch.Tensor) -> Problem:
        """The problem of some of the probes."""
        return Problem(self.inputs[probes], self.labels[probes], self.valid[probes], self.reference)

    def double(self) -> Problem:
        """The same in 64 bits."""
        return Problem(self.inputs.double(), self.labels, self.valid, self.reference)

    def gradient(self, weights: torch.Tensor) -> torch.Tensor:
        """Gradient [p, K, D] of the mean cross-entropy at weights [p, K, D]."""
        residual = torch.softmax(self._scores(weights), 1).sub_(self.target)
        if self.reference:
            residual = residual[:, 1:].flatten(1).unsqueeze(1)
        return torch.bmm(residual, self.inputs).div_(self.target.shape[-1])

    def loss(self, weights: torch.Tensor) -> torch.Tensor:
        """Mean cross-entropy [p] at weights [p, K, D]."""
        log = torch.log_softmax(self._scores(weights), 1)
        return -log.gather(1, self.labels[:, None]).mean((1, 2))

    def _scores(self, weights: torch.Tensor) -> torch.Tensor:
        """[p, C, n]; -inf for choices an item does not have."""
        linear = torch.bmm(weights, self.inputs.transpose(1, 2))
        if not self.reference:
            return linear if self.masked is None else linear.masked_fill_(self.masked, -torch.inf)
        self.logits[:, 1:] = linear.view(len(linear), -1, self.logits.shape[-1])
        return self.logits if self.masked is None else self.logits.masked_fill_(self.masked, -torch.inf)


def paper_descent(problem: Problem, start: torch.Tensor, recipe: Recipe) -> torch.Tensor:
    """Weights [p, K, D] after the paper's recipe: full-batch SGD on cross-entropy + λ·||w|| (§4.5).

    The norm of the gradient is clipped for each probe by itself, with the 1e-6 of `clip_grad_norm_`. The gradient of
    the penalty jumps at 0: the weights of a probe that learns nothing hop about 0 with a step of the learning rate.
    """
    weights = start.clone()
    for step in range(recipe.steps):
        gradient = problem.gradient(weights)
        gradient.addcmul_(weights, recipe.penalty / _norm(weights).clamp_(min=TINY))  # 0 where the weights are 0
        factor = (recipe.clip / (_norm(gradient) + 1e-6)).clamp_(max=1.0)
        weights.addcmul_(gradient, factor, value=-recipe.rate(step))
    return weights


def newton_like(problem: Problem, start: torch.Tensor, recipe: Recipe) -> torch.Tensor:
    """Minimise mean cross-entropy + λ/2·||w||² by L-BFGS in 64 bits; each probe has its own line search.

    The minimum is unique for λ > 0. Raises UserError where a probe needs more than `recipe.steps` iterations.
    """
    problem, weights = problem.double(), torch.zeros_like(start, dtype=torch.float64)
    objective, gradient = _penalised(problem, weights, recipe.penalty)
    pairs: list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]] = []
    for _ in range(recipe.steps):
        active = gradient.abs().amax((1, 2), keepdim=True) > recipe.tolerance
        if not active.any():
            return weights.to(start.dtype)
        step = _line_search(problem, weights, objective, gradient, _direction(gradient, pairs) * active, recipe.penalty)
        weights = weights + step
        previous = gradient
        objective, gradient = _penalised(problem, weights, recipe.penalty)
        pairs = [*pairs[-(HISTORY - 1) :], _pair(step, gradient - previous)]
    if (gradient.abs().amax((1, 2)) > recipe.tolerance).any():
        raise UserError(f"probe: L-BFGS has not converged after {recipe.steps} iterations; raise `steps` or `penalty`")
    return weights.to(start.dtype)


def _penalised(problem: Problem, weights: torch.Tensor, penalty: float) -> tuple[torch.Tensor, torch.Tensor]:
    objective = problem.loss(weights) + penalty / 2 * weights.square().sum((1, 2))
    return objective, problem.gradient(weights) + penalty * weights


def _line_search(
    problem: Problem,
    weights: torch.Tensor,
    objective: torch.Tensor,
    gradient: torch.Tensor,
    direction: torch.Tensor,
    penalty: float,
) -> torch.Tensor:
    """The step [p, K, D] along `direction`: halved from 1, for each probe alone, until the objective falls enough."""
    slope = _dot(direction, gradient)
    length = torch.ones_like(slope)
    slack = 1e-15 * (1 + objective.abs())  # rounding at the minimum
    for _ in range(HALVINGS):
        trial = weights + length * direction
        value = problem.loss(trial) + penalty / 2 * trial.square().sum((1, 2))
        failed = (value > objective + ARMIJO * (length * slope).flatten() + slack).view_as(length)
        if not failed.any():
            break
        length = torch.where(failed, length / 2, length)
    return length * direction


def _direction(gradient: torch.Tensor, pairs: list[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]) -> torch.Tensor:
    """The two-loop recursion, a probe at a time in effect; steepest descent of at most unit length at the start."""
    if not pairs:
        return -gradient / _norm(gradient).clamp(min=1.0)
    direction, kept = gradient.clone(), []
    for step, change, inverse in reversed(pairs):
        kept.append(inverse * _dot(step, direction))
        direction = direction - kept[-1] * change
    step, change, inverse = pairs[-1]
    curvature = _dot(change, change)
    scale = torch.where(inverse > 0, 1 / (inverse * curvature), 1.0)
    direction = direction * torch.where(scale.isfinite(), scale, 1.0)
    for (step, change, inverse), forward in zip(pairs, reversed(kept), strict=True):
        direction = direction + (forward - inverse * _dot(change, direction)) * step
    return -direction


def _pair(step: torch.Tensor, change: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Step, change of gradient and 1 / their product (0 = pair without effect, e.g. of a probe that is done)."""
    product = _dot(step, change)
    return step, change, torch.where(product > TINY, 1 / product, 0.0)


def _dot(a: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    return (a * b).sum((1, 2), keepdim=True)


def _norm(a: torch.Tensor) -> torch.Tensor:
    return torch.linalg.vector_norm(a, dim=(1, 2), keepdim=True)
