"""Staff fetch what families registered: each line once, with what was taken back after it was fetched."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from portal.core.models import AuditRow
from portal.records.course_requests import RegistrationLine
from portal.transaction import Portal, Transaction
from tests.support.clock import FakeClock
from tests.support.next_year import offered, requested
from tests.support.rosters import Family

Ask = Callable[[Callable[[Transaction], Any]], Any]


@pytest.fixture
def ask(portal: Portal) -> Ask:
    def asked(question: Callable[[Transaction], Any]) -> Any:
        with portal.begin() as tx:
            return question(tx)

    return asked


def register(ask: Ask, *courses: str, turn: str = "t1") -> None:
    ask(lambda tx: tx.registration.register("conversation", "Maya", courses, turn))


def withdraw(ask: Ask, *courses: str) -> None:
    ask(lambda tx: tx.registration.withdraw("conversation", "Maya", courses, "w1"))


def fetch(ask: Ask, *, again: bool = False) -> list[tuple[str, str, str, str]]:
    lines: tuple[RegistrationLine, ...]
    lines = ask(lambda tx: tx.registrations.fetch("westborough", by="somebody", again=again))
    return [(each.student, each.course, each.school_year, each.status) for each in lines]


GEOMETRY = ("NS1", "C-GEO", "2028", "requested")
ART = ("NS1", "C-ART", "2028", "requested")


def test_each_registration_is_fetched_once_and_all_again_when_asked(family: Family, ask: Ask) -> None:
    family(offered(), "NS1")
    register(ask, "Geometry")

    first, second = fetch(ask), fetch(ask)
    register(ask, "Studio Art", turn="t2")

    assert first == [GEOMETRY]
    assert second == []
    assert fetch(ask) == [ART]
    assert sorted(fetch(ask, again=True)) == [ART, GEOMETRY]


def test_the_time_is_that_of_the_district(family: Family, ask: Ask) -> None:
    family(offered(), "NS1")
    register(ask, "Geometry")

    (line,) = ask(lambda tx: tx.registrations.fetch("westborough", by="somebody"))

    assert line.at.isoformat() == "2026-10-15T10:00:00-04:00"


def test_what_was_taken_back_is_handed_over_only_if_it_was_fetched_before(family: Family, ask: Ask) -> None:
    family(offered(), "NS1")
    register(ask, "Geometry")
    fetch(ask)
    register(ask, "Studio Art", turn="t2")

    withdraw(ask, "Geometry", "Studio Art")

    assert fetch(ask) == [("NS1", "C-GEO", "2028", "withdrawn")]
    assert fetch(ask) == []


def test_what_the_school_has_by_now_is_not_handed_over_but_that_it_was_taken_back_is(
    family: Family, ask: Ask, clock: FakeClock
) -> None:
    family(offered(), "NS1")
    register(ask, "Geometry", "Studio Art")
    fetch(ask)
    withdraw(ask, "Geometry")
    register(ask, "Chemistry", turn="t2")
    clock.advance(minutes=1)
    roster = requested(requested(offered(), "NS1", "C-GEO"), "NS1", "C-CHEM")

    family(roster, conversation="later")

    assert fetch(ask) == [("NS1", "C-GEO", "2028", "withdrawn")]


def test_a_look_is_audited_with_who_looked_and_how_much_was_seen(
    portal: Portal, family: Family, ask: Ask
) -> None:
    family(offered(), "NS1")
    register(ask, "Geometry")

    fetch(ask)

    with portal.begin() as tx:
        seen = tx.session.scalars(select(AuditRow.details).where(AuditRow.event == "registration.seen"))
        assert list(seen) == ['{"again": false, "by": "somebody", "lines": 1}']


def test_another_districts_registrations_are_not_handed_over(family: Family, ask: Ask) -> None:
    family(offered(), "NS1")
    family(offered(), "NS1", district="boston", conversation="boston")
    register(ask, "Geometry")

    assert ask(lambda tx: tx.registrations.fetch("boston", by="somebody")) == ()
    assert fetch(ask) == [GEOMETRY]
