"""One password tried on many names raises one alarm and locks nobody out."""

import threading
from collections import Counter

import pytest
from sqlalchemy import select

from portal.accounts.outcomes import SignedIn
from portal.core.models import AuditRow
from portal.core.outcomes import Reason, Refused
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.hashing import CountingHasher
from tests.support.portals import make_district, make_parent, sign_in

STUFFED = "one stolen password"


def alarms(portal: Portal) -> list[str]:
    with portal.begin(read_only=True) as tx:
        query = select(AuditRow.details).where(AuditRow.event == "signin.spray")
        return list(tx.session.scalars(query))


def counters(portal: Portal, names: list[str]) -> set[tuple[int, int, int | None]]:
    with portal.begin(read_only=True) as tx:
        found = [tx.gate.counter(tx.gate.name_key("westborough", name)) for name in names]
    return {(each.fails, each.total, each.locked_until) for each in found if each is not None}


@pytest.mark.case("A19")
def test_one_source_is_stopped_at_twenty_and_is_no_alarm(portal: Portal, hasher: CountingHasher) -> None:
    make_district(portal)

    answers = Counter(
        outcome.reason
        for number in range(500)
        if isinstance(outcome := sign_in(portal, f"name{number}", STUFFED, source="one"), Refused)
    )

    assert answers == {Reason.BAD_CREDENTIALS: 20, Reason.THROTTLED: 480}
    assert hasher.verified == 20
    assert alarms(portal) == []


@pytest.mark.case("A19")
def test_hundred_sources_raise_one_alarm_and_no_false_lock(portal: Portal, clock: FakeClock) -> None:
    make_district(portal)
    make_parent(portal, username="name250")
    names = [f"name{number}" for number in range(500)]

    for number, name in enumerate(names):
        sign_in(portal, name, STUFFED, source=f"source {number // 5}")
        clock.advance(seconds=1)

    assert alarms(portal) == ['{"minutes": 15, "names": 100}']
    assert counters(portal, names) == {(1, 1, None)}
    assert isinstance(sign_in(portal, "name250"), SignedIn)


@pytest.mark.case("A19")
def test_names_tried_at_once_raise_one_alarm(portal: Portal) -> None:
    make_district(portal)
    names = [f"name{number}" for number in range(160)]

    def spray(part: int) -> None:
        for name in names[part::8]:
            sign_in(portal, name, STUFFED, conversation=f"conversation {part}")

    threads = [threading.Thread(target=spray, args=(part,)) for part in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert alarms(portal) == ['{"minutes": 15, "names": 100}']
    assert counters(portal, names) == {(1, 1, None)}


@pytest.mark.case("A19")
def test_wave_of_the_next_window_raises_the_next_alarm(portal: Portal, clock: FakeClock) -> None:
    # Until staff, a name's own failures never age: they could not tell one wave from the next.
    make_district(portal, lock={"mode": "until_staff", "fails": 10})

    for _ in range(2):
        for number in range(120):
            sign_in(portal, f"name{number}", STUFFED)
        clock.advance(minutes=15)

    assert len(alarms(portal)) == 2


def test_few_names_tried_often_are_no_alarm(portal: Portal) -> None:
    make_district(portal, lock={"mode": "wait", "fails": 10})

    for number in range(300):
        sign_in(portal, f"name{number % 60}", STUFFED)

    assert alarms(portal) == []


def test_alarm_of_one_district_is_not_anothers(portal: Portal) -> None:
    for slug in ("westborough", "boston"):
        make_district(portal, slug)

    for slug in ("westborough", "boston"):
        for number in range(99):
            sign_in(portal, f"name{number}", STUFFED, district=slug)
    before = alarms(portal)
    sign_in(portal, "one more", STUFFED, district="boston")

    assert (before, len(alarms(portal))) == ([], 1)
