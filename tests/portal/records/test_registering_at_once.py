"""Families who register at once never share a seat, pass a limit or stop each other for good."""

import threading
from collections.abc import Callable, Sequence

import pytest

from portal.core.outcomes import Refused
from portal.records.course_requests import CourseRequests, Registered, RegistrationChecked, Rule, Withdrawn
from portal.transaction import Portal
from tests.support.next_year import offer, offered
from tests.support.rosters import Family, Roster

Outcome = Registered | RegistrationChecked | Withdrawn | Refused


@pytest.fixture
def many(family: Family) -> Callable[[Roster, int], list[str]]:
    """Make so many families of one child each, all of whom are signed in."""

    def make(roster: Roster, count: int) -> list[str]:
        for number in range(count):
            roster.student(f"S9{number}", f"Child{number}", "Reed", grades="09")
        for number in range(count):
            family(roster, f"NS9{number}", conversation=f"family {number}")
        return [f"family {number}" for number in range(count)]

    return make


def at_once(works: Sequence[Callable[[], Outcome]]) -> list[Outcome]:
    barrier, outcomes = threading.Barrier(len(works)), list[Outcome]()

    def run(work: Callable[[], Outcome]) -> None:
        barrier.wait()
        outcomes.append(work())

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes


def registering(
    portal: Portal, conversation: str, courses: Sequence[str], turn: str = "t1"
) -> Callable[[], Outcome]:
    def register() -> Outcome:
        with portal.begin() as tx:
            return tx.registration.register(conversation, None, courses, turn)

    return register


def test_of_many_families_as_many_get_a_seat_as_there_are(
    portal: Portal, many: Callable[[Roster, int], list[str]]
) -> None:
    families = many(offer(offered(), "C-GEO", seats="2"), 6)

    outcomes = at_once([registering(portal, each, ["Geometry"]) for each in families])

    seated = [each for each in outcomes if isinstance(each, Registered)]
    refused = [each for each in outcomes if isinstance(each, RegistrationChecked)]
    assert (len(seated), len(refused)) == (2, 4)
    assert {problem.rule for each in refused for problem in each.problems} == {Rule.FULL}


def test_families_who_name_the_same_courses_in_another_order_do_not_block_each_other(
    portal: Portal, many: Callable[[Roster, int], list[str]]
) -> None:
    roster = offer(offer(offered(), "C-GEO", seats="1"), "C-ART", seats="1")
    families = many(roster, 4)
    orders = [["Geometry", "Studio Art"], ["Studio Art", "Geometry"]] * 2

    outcomes = at_once(
        [registering(portal, each, order) for each, order in zip(families, orders, strict=True)]
    )

    assert sum(isinstance(each, Registered) for each in outcomes) == 1
    assert sum(isinstance(each, RegistrationChecked) for each in outcomes) == 3


def test_two_parents_of_one_child_cannot_pass_its_limit_together(portal: Portal, family: Family) -> None:
    roster = offered(mostCourses="1")
    family(roster, "NS1", conversation="mother")
    family(roster, "NS1", conversation="father")

    outcomes = at_once(
        [registering(portal, "mother", ["Geometry"]), registering(portal, "father", ["Studio Art"])]
    )

    with portal.begin() as tx:
        shown = tx.registration.view("mother", None)
    assert isinstance(shown, CourseRequests)
    assert len(shown.requests) == 1
    assert sum(isinstance(each, Registered) for each in outcomes) == 1


def test_one_turn_that_runs_twice_at_once_registers_once(portal: Portal, family: Family) -> None:
    family(offered(), "NS1")

    first, second = at_once([registering(portal, "conversation", ["Geometry"])] * 2)

    assert isinstance(first, Registered)
    assert first == second
