"""Teach a network what no straight line could tell, the same way every time."""

import numpy as np
import pytest

from bot.conversation.understanding import networks
from bot.conversation.understanding.networks import Lessons


def crossed(generator: np.random.Generator, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return points of four corners, opposite ones of one intent."""
    rows = generator.choice([-1.0, 1.0], size=(count, 2)).astype(np.float32)
    intents = (rows[:, 0] * rows[:, 1] > 0).astype(np.int64)
    return rows + generator.normal(0, 0.2, rows.shape).astype(np.float32), intents


@pytest.fixture
def generator() -> np.random.Generator:
    return np.random.default_rng(1)


def lessons(generator: np.random.Generator, counts: float = 1.0) -> Lessons:
    rows, intents = crossed(generator, 60)
    return Lessons(rows, intents, np.where(intents == 0, counts, 1.0).astype(np.float32))


def test_intents_in_opposite_corners_are_told(generator: np.random.Generator) -> None:
    network = networks.fitted(lessons(generator))

    rows, intents = crossed(generator, 200)
    assert (network.scores(rows).argmax(axis=1) == intents).mean() > 0.95


def test_equal_lessons_give_equal_weights(generator: np.random.Generator) -> None:
    given = lessons(generator)

    once, again = networks.fitted(given), networks.fitted(given)

    assert np.array_equal(once.hidden, again.hidden)
    assert np.array_equal(once.weights, again.weights)


def test_example_that_counts_less_persuades_less(generator: np.random.Generator) -> None:
    between = np.zeros((1, 2), dtype=np.float32)
    given = lessons(generator)
    less = Lessons(given.rows, given.intents, np.where(given.intents == 0, 0.1, 1.0).astype(np.float32))

    even, doubted = (networks.fitted(one).scores(between)[0] for one in (given, less))

    assert doubted[0] - doubted[1] < even[0] - even[1]
