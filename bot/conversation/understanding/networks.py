"""Train the small networks that tell intents from the vector of a sentence; NumPy is all it takes."""

from collections.abc import Iterator
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float32]

# Networks that begin differently err differently: what several say together is right more often.
_NETWORKS = 5
_HIDDEN = 256
# While it learns, half of the hidden numbers are left out by chance, so that none relies on another.
_KEPT = np.float32(0.5)
# Each time an example is learnt, each of its numbers is moved by chance, by half of what numbers usually
# differ: so intents are told by where sentences lie, not by the few sentences that are there.
_MOVED = np.float32(0.5 * np.sqrt(12))
_BATCH = 256
_ROUNDS = 30
_STEPS_AT_LEAST = 200
_RATE = 5e-3
_WARMING_UP = 0.2
# How slowly the mean of the gradients and that of their squares follow (Adam).
_SLOW, _SLOWER = 0.9, 0.999
_TINY = np.float32(1e-8)


@dataclass(frozen=True, slots=True)
class Network:
    """Hold one column of weights for each hidden number, and for each intent."""

    hidden: Numbers
    hidden_bias: Numbers
    weights: Numbers
    bias: Numbers

    def scores(self, rows: Numbers) -> Numbers:
        """Return the score of every intent for each row."""
        scores: Numbers = np.maximum(rows @ self.hidden + self.hidden_bias, 0) @ self.weights + self.bias
        return scores


@dataclass(frozen=True, slots=True)
class Lessons:
    """Hold what is learnt: a row for each example, the number of its intent and how much it counts."""

    rows: Numbers
    intents: NDArray[np.int64]
    counts: Numbers

    def batches(self, chance: np.random.Generator) -> Iterator["Lessons"]:
        """Deal all examples out in an order made by chance, none of them quite as it was."""
        order = chance.permutation(len(self.rows))
        for start in range(0, len(order), _BATCH):
            at = order[start : start + _BATCH]
            rows = self.rows[at]
            rows += _MOVED * (chance.random(rows.shape, dtype=np.float32) - np.float32(0.5))
            yield Lessons(rows, self.intents[at], self.counts[at])


def fitted(lessons: Lessons) -> Network:
    """Train several networks and return the one that says their mean, the same for the same lessons."""
    several = [_trained(lessons, np.random.default_rng(seed)) for seed in range(_NETWORKS)]
    return Network(
        np.concatenate([one.hidden for one in several], axis=1),
        np.concatenate([one.hidden_bias for one in several]),
        (np.concatenate([one.weights for one in several]) / _NETWORKS).astype(np.float32),
        np.stack([one.bias for one in several]).mean(axis=0, dtype=np.float32),
    )


def _trained(lessons: Lessons, chance: np.random.Generator) -> Network:
    network = _begun(lessons, chance)
    weights = [getattr(network, part.name) for part in fields(network)]
    means, squares = ([np.zeros_like(part) for part in weights] for _ in range(2))
    a_round = -(-len(lessons.rows) // _BATCH)
    rounds = max(_ROUNDS, -(-_STEPS_AT_LEAST // a_round))
    steps = (batch for _ in range(rounds) for batch in lessons.batches(chance))
    for step, batch in enumerate(steps, 1):
        # Both means begin at nothing; at first that makes them too small.
        early = np.sqrt(1 - _SLOWER**step) / (1 - _SLOW**step)
        rate = np.float32(_rate(step / (rounds * a_round)) * early)
        slopes = _slopes(network, batch, chance)
        for part, mean, square, slope in zip(weights, means, squares, slopes, strict=True):
            _move(part, mean, square, slope, rate)
    return network


def _move(part: Numbers, mean: Numbers, square: Numbers, slope: Numbers, rate: np.float32) -> None:
    """Take a step against the slope, a longer one where slopes have been small (Adam), all in place."""
    mean += np.float32(1 - _SLOW) * (slope - mean)
    square += np.float32(1 - _SLOWER) * (slope * slope - square)
    part -= rate * mean / (np.sqrt(square) + _TINY)


def _begun(lessons: Lessons, chance: np.random.Generator) -> Network:
    wide, intents = lessons.rows.shape[1], int(lessons.intents.max()) + 1
    return Network(
        chance.standard_normal((wide, _HIDDEN), dtype=np.float32) * np.float32(np.sqrt(2 / wide)),
        np.zeros(_HIDDEN, np.float32),
        chance.standard_normal((_HIDDEN, intents), dtype=np.float32) * np.float32(np.sqrt(1 / _HIDDEN)),
        np.zeros(intents, np.float32),
    )


def _rate(done: float) -> float:
    """Return how far a step goes: more and more at first, then along half a wave to nothing."""
    return float(_RATE * min(1.0, done / _WARMING_UP) * (1 + np.cos(np.pi * done)) / 2)


def _slopes(
    network: Network, batch: Lessons, chance: np.random.Generator
) -> tuple[Numbers, Numbers, Numbers, Numbers]:
    """Return where each weight would have to go for the batch to be told worse."""
    inside = batch.rows @ network.hidden + network.hidden_bias
    kept = ((chance.random(inside.shape, dtype=np.float32) < _KEPT) & (inside > 0)) / _KEPT
    hidden = inside * kept
    scores = hidden @ network.weights + network.bias
    off = np.exp(scores - scores.max(axis=1, keepdims=True))
    off /= off.sum(axis=1, keepdims=True)
    off[np.arange(len(off)), batch.intents] -= 1
    off *= (batch.counts / np.float32(len(off)))[:, None]
    back = (off @ network.weights.T) * kept
    return batch.rows.T @ back, back.sum(axis=0), hidden.T @ off, off.sum(axis=0)
