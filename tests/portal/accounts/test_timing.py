"""The time that an answer takes does not tell a name that exists from one that does not."""

import time
from collections.abc import Sequence
from itertools import product
from statistics import fmean

import pytest
from sqlalchemy import Engine

from portal.accounts.passwords import Argon2Hasher
from portal.core.clock import SystemClock
from portal.core.keys import Keys
from portal.core.outcomes import Reason, Refused
from portal.transaction import Portal
from tests.support.portals import make_district, make_parent, sign_in

PAIRS = 200
NAMES = 20
TRIES = 3
BAD = Refused(Reason.BAD_CREDENTIALS)


def told_apart(known: Sequence[float], unknown: Sequence[float]) -> float:
    """Return how often a time of one kind is longer than one of the other: 0.5 tells nothing."""
    pairs = list(product(known, unknown))
    return sum(1.0 if a > b else 0.5 if a == b else 0.0 for a, b in pairs) / len(pairs)


def fastest(times: Sequence[float]) -> float:
    """Return the mean of the fastest quarter, which noise reaches least."""
    return fmean(sorted(times)[: len(times) // 4])


def seconds(portal: Portal, username: str) -> float:
    begun = time.perf_counter()
    outcome = sign_in(portal, username, "some quite wrong words")
    taken = time.perf_counter() - begun
    assert outcome == BAD
    return taken


@pytest.mark.nightly
@pytest.mark.case("E3")
def test_unknown_name_takes_as_long_as_a_wrong_password(engine: Engine, keys: Keys) -> None:
    portal = Portal(engine, clock=SystemClock(), keys=keys, hasher=Argon2Hasher())
    make_district(portal, lock={"mode": "wait", "fails": 100})
    for number in range(NAMES):
        make_parent(portal, username=f"parent{number:02}")
    measured = []

    for attempt in range(TRIES):
        known, unknown = [], []
        for number in range(PAIRS):
            known.append(seconds(portal, f"parent{number % NAMES:02}"))
            unknown.append(seconds(portal, f"nobody{number % NAMES:02}"))
        measured.append((told_apart(known, unknown), fastest(known) / fastest(unknown)))
        if 0.40 <= measured[attempt][0] <= 0.60 and 0.95 <= measured[attempt][1] <= 1.05:
            break
    portal.close()

    apart, ratio = measured[-1]
    assert 0.40 <= apart <= 0.60, measured
    assert 0.95 <= ratio <= 1.05, measured


def test_measure_finds_a_difference_that_is_there() -> None:
    quick, slow = [1.0, 1.1, 1.2, 1.3], [1.2, 1.3, 1.4, 1.5]

    assert told_apart(slow, quick) == 0.875
    assert told_apart(quick, quick) == 0.5
    assert (fastest(quick), fastest(slow)) == (1.0, 1.2)
