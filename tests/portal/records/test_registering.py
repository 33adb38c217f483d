"""Register for next year's courses: every rule, all or nothing, only by whoever may see the child."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from portal.core.models import AuditRow
from portal.core.outcomes import Reason, Refused
from portal.records.course_requests import (
    CourseProblem,
    CourseRequests,
    Registered,
    RegistrationChecked,
    RequestLine,
    RequestStatus,
    Rule,
    WindowState,
    Withdrawn,
)
from portal.transaction import Portal, Transaction
from tests.support.clock import FakeClock
from tests.support.next_year import offer, offered, requested
from tests.support.portals import make_district
from tests.support.rosters import Family

TALK = "conversation"
Ask = Callable[[Callable[[Transaction], Any]], Any]


@pytest.fixture
def ask(portal: Portal) -> Ask:
    def asked(question: Callable[[Transaction], Any]) -> Any:
        with portal.begin() as tx:
            return question(tx)

    return asked


def view(ask: Ask, child: str = "Maya", conversation: str = TALK) -> CourseRequests:
    shown = ask(lambda tx: tx.registration.view(conversation, child))
    assert isinstance(shown, CourseRequests), shown
    return shown


def check(ask: Ask, *courses: str, child: str = "Maya") -> RegistrationChecked:
    checked = ask(lambda tx: tx.registration.check(TALK, child, courses))
    assert isinstance(checked, RegistrationChecked), checked
    return checked


def register(
    ask: Ask, *courses: str, turn: str = "t1", child: str = "Maya", conversation: str = TALK
) -> Registered | RegistrationChecked | Refused:
    return ask(lambda tx: tx.registration.register(conversation, child, courses, turn))


def withdraw(ask: Ask, *courses: str, turn: str = "w1") -> Withdrawn | RegistrationChecked | Refused:
    return ask(lambda tx: tx.registration.withdraw(TALK, "Maya", courses, turn))


@pytest.mark.requirement("R99")
def test_requests_of_the_school_are_shown_with_what_became_of_them(family: Family, ask: Ask) -> None:
    roster = requested(offered(leastCourses="2", mostCourses="6"), "NS1", "C-GEO", "approved")
    family(requested(roster, "NS1", "C-ART", "denied"), "NS1", "NS2")

    shown = view(ask)

    assert [(line.course, line.status, line.on) for line in shown.requests] == [
        ("Geometry", RequestStatus.APPROVED, None),
        ("Studio Art", RequestStatus.DENIED, None),
    ]
    assert (shown.student, shown.school, shown.school_year) == ("Maya", "Assabet High", "2028")
    assert shown.is_open
    assert shown.window is not None
    assert (shown.window.opens, shown.window.closes) == (date(2026, 10, 1), date(2026, 11, 30))
    assert (shown.window.least, shown.window.most) == (2, 6)
    assert [each.course for each in shown.open_choices] == ["Algebra II", "Chemistry"]


@pytest.mark.requirement("R99")
def test_registering_is_shown_beside_the_requests_of_the_school(family: Family, ask: Ask) -> None:
    family(requested(offered(), "NS1", "C-GEO"), "NS1", "NS2")

    done = register(ask, "algebra 2", "art")

    assert isinstance(done, Registered)
    assert done.courses == ("Algebra II", "Studio Art")
    assert done.closes == date(2026, 11, 30)
    assert [(line.course, line.status, line.on) for line in view(ask).requests] == [
        ("Algebra II", RequestStatus.REGISTERED, date(2026, 10, 15)),
        ("Geometry", RequestStatus.REQUESTED, None),
        ("Studio Art", RequestStatus.REGISTERED, date(2026, 10, 15)),
    ]
    assert view(ask, "Diego").requests == ()


@pytest.mark.parametrize(
    ("days", "problem", "state"),
    [
        (
            ("2026-10-16", "2026-11-30"),
            CourseProblem(Rule.NOT_OPEN_YET, day=date(2026, 10, 16)),
            WindowState.NOT_YET,
        ),
        (
            ("2026-10-01", "2026-10-14"),
            CourseProblem(Rule.CLOSED, day=date(2026, 10, 14)),
            WindowState.CLOSED,
        ),
    ],
)
def test_outside_the_window_nothing_is_registered(
    family: Family, ask: Ask, days: tuple[str, str], problem: CourseProblem, state: WindowState
) -> None:
    family(offered(opens=days[0], closes=days[1]), "NS1")

    done = register(ask, "Geometry")

    assert isinstance(done, RegistrationChecked)
    assert done.problems == (problem,)
    shown = view(ask)
    assert shown.window is not None
    assert (shown.window.state, shown.is_open, shown.requests) == (state, False, ())


@pytest.mark.parametrize("day", ["2026-10-15"])
def test_both_days_of_the_window_belong_to_it(family: Family, ask: Ask, day: str) -> None:
    family(offered(opens=day, closes=day), "NS1")

    assert isinstance(register(ask, "Geometry"), Registered)


@pytest.mark.parametrize(
    "window",
    [
        {"schoolIdentifier": "200"},
        {"grade": "12"},
        {"schoolIdentifier": "200", "grade": "10"},
        {"schoolYear": "2027"},
        {"schoolYear": "2029"},
    ],
)
def test_without_a_window_for_next_year_and_the_grade_nothing_can_be_chosen(
    family: Family, ask: Ask, window: dict[str, str]
) -> None:
    family(offered(**window), "NS1")

    checked = check(ask, "Geometry")

    assert checked.problems == (CourseProblem(Rule.NO_WINDOW),)
    assert register(ask, "Geometry") == checked
    shown = view(ask)
    assert (shown.window, shown.choices, shown.school) == (None, (), "Assabet High")


def test_another_schools_window_that_names_the_grade_is_the_way_there(family: Family, ask: Ask) -> None:
    roster = offered(schoolIdentifier="200", grade="9")
    for row in roster.rows["courses"]:
        row["orgSourcedId"] = "MS"
    family(roster, "NS1", "NS2")

    done = register(ask, "Geometry")

    assert isinstance(done, Registered)
    assert done.school == "Mill Pond Middle"
    assert view(ask, "Diego").window is None


def test_the_window_of_the_grade_goes_before_that_of_the_school(family: Family, ask: Ask) -> None:
    roster = offered(closes="2026-10-02")
    roster.add("x_registration_windows", schoolIdentifier="100", schoolYear="2028", grade="09",
               opens="2026-10-10", closes="2026-10-20")  # fmt: skip
    family(roster, "NS1", "NS2")

    assert view(ask).is_open
    assert not view(ask, "Diego").is_open


def test_courses_of_the_district_are_offered_by_its_schools(family: Family, ask: Ask) -> None:
    family(offered().add("x_course_offerings", courseSourcedId="C-BIO", schoolYear="2028"), "NS2")

    assert check(ask, "Biology", child="Diego").is_right


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("underwater basket weaving", CourseProblem(Rule.UNKNOWN_COURSE, "underwater basket weaving")),
        ("biology", CourseProblem(Rule.NOT_OFFERED, "Biology")),
        ("Calculus", CourseProblem(Rule.NOT_OFFERED, "Calculus")),
        ("physics", CourseProblem(Rule.PREREQUISITE_MISSING, "Physics", ("Chemistry",))),
        ("studio", CourseProblem(Rule.NOT_FOR_GRADE, "Studio Art", ("10", "11"))),
        ("geometry", CourseProblem(Rule.FULL, "Geometry", number=1)),
    ],
)
def test_a_rule_that_stops_a_course_is_named_and_nothing_is_registered(
    family: Family, ask: Ask, typed: str, problem: CourseProblem
) -> None:
    roster = offer(offer(offered(), "C-ART", grades="10,11"), "C-GEO", seats="1")
    roster.add("courses", sourcedId="C-CALC", title="Calculus", orgSourcedId="HS")
    roster.add("x_course_offerings", courseSourcedId="C-CALC", schoolYear="2029")
    family(requested(roster, "NS2", "C-GEO"), "NS1")

    done = register(ask, "chemistry", typed)

    assert isinstance(done, RegistrationChecked)
    assert done.problems == (problem,)
    assert done.titles == ("Chemistry",)
    assert view(ask).requests == ()


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("algebra", "Algebra II"),
        ("ALG-2", "Algebra II"),
        ("Algebra 2", "Algebra II"),
        ("chemestry", "Chemistry"),
        ("art", "Studio Art"),
        ("sa", "Studio Art"),
    ],
)
def test_a_course_is_found_by_what_a_parent_calls_it(
    family: Family, ask: Ask, typed: str, title: str
) -> None:
    family(offered(), "NS1")

    assert check(ask, typed).titles == (title,)


def test_a_course_may_be_named_by_its_id(family: Family, ask: Ask) -> None:
    family(offered(), "NS1")
    shown = view(ask)

    assert check(ask, *(choice.course_id for choice in shown.open_choices)).titles == (
        "Algebra II",
        "Chemistry",
        "Geometry",
        "Studio Art",
    )


def test_of_several_courses_that_fit_none_is_guessed(family: Family, ask: Ask) -> None:
    roster = offered()
    for number in (1, 2):
        title = {"title": f"French {number}", "courseCode": "", "subjects": "World Languages"}
        roster.add("courses", sourcedId=f"C-F{number}", orgSourcedId="HS", **title)
        roster.add("x_course_offerings", courseSourcedId=f"C-F{number}", schoolYear="2028")
    family(roster, "NS1")

    french = check(ask, "french", "world languages", "french 2")

    names = ("French 1", "French 2")
    assert french.problems == (
        CourseProblem(Rule.WHICH_COURSE, "french", names),
        CourseProblem(Rule.WHICH_COURSE, "world languages", names),
    )
    assert french.titles == ("French 2",)


def test_a_first_part_is_never_taken_for_the_second(family: Family, ask: Ask) -> None:
    family(offered(), "NS1")

    assert check(ask, "Algebra I").problems == (CourseProblem(Rule.NOT_OFFERED, "Algebra I"),)


@pytest.mark.parametrize(
    ("status", "rule"),
    [
        ("requested", Rule.ALREADY_REQUESTED),
        ("approved", Rule.ALREADY_REQUESTED),
        ("denied", Rule.ALREADY_DENIED),
    ],
)
def test_what_the_school_has_already_is_not_asked_for_again(
    family: Family, ask: Ask, status: str, rule: Rule
) -> None:
    family(requested(offered(), "NS1", "C-GEO", status), "NS1")

    assert check(ask, "Geometry").problems == (CourseProblem(rule, "Geometry"),)


def test_what_was_registered_here_is_not_registered_twice(family: Family, ask: Ask) -> None:
    family(offered(), "NS1")
    register(ask, "Geometry")

    again = register(ask, "Geometry", "Studio Art", turn="t2")

    assert isinstance(again, RegistrationChecked)
    assert again.problems == (CourseProblem(Rule.ALREADY_REQUESTED, "Geometry"),)
    assert [line.course for line in view(ask).requests] == ["Geometry"]


def test_the_same_course_named_twice_is_one(family: Family, ask: Ask) -> None:
    family(offered(mostCourses="1"), "NS1")

    done = register(ask, "Geometry", "geometry", " ")

    assert isinstance(done, Registered)
    assert done.courses == ("Geometry",)


def test_more_than_the_limit_is_not_registered_and_what_was_denied_does_not_count(
    family: Family, ask: Ask
) -> None:
    roster = requested(offered(mostCourses="2"), "NS1", "C-PHYS", "denied")
    family(requested(roster, "NS1", "C-GEO"), "NS1")

    both = register(ask, "Studio Art", "Chemistry")
    one = register(ask, "Studio Art", turn="t2")

    assert isinstance(both, RegistrationChecked)
    assert both.problems == (CourseProblem(Rule.TOO_MANY, number=2),)
    assert isinstance(one, Registered)
    assert check(ask, "Chemistry").problems == (CourseProblem(Rule.TOO_MANY, number=2),)


def test_fewer_than_the_least_is_only_warned_of(family: Family, ask: Ask) -> None:
    family(offered(leastCourses="2"), "NS1")

    first = register(ask, "Studio Art")
    second = register(ask, "Chemistry", turn="t2")

    assert isinstance(first, Registered)
    assert first.warnings == (CourseProblem(Rule.TOO_FEW, number=2),)
    assert isinstance(second, Registered)
    assert second.warnings == ()


def test_a_course_of_an_earlier_year_counts_as_taken_though_its_id_is_another(
    family: Family, ask: Ask
) -> None:
    roster = offered().enroll("S2", "ALG").drop("enrollments", sourcedId="E-S2-BIO")
    family(roster, "NS2")
    later = offered().drop("enrollments", userSourcedId="S2").drop("classes", sourcedId="ALG")
    later.drop("enrollments", classSourcedId="ALG")
    later.change("courses", 2, sourcedId="C-ALG-27")
    offer(later, "C-ALG2", prerequisites="C-ALG-27")
    family(later, conversation="other")

    assert check(ask, "Algebra II", child="Diego").is_right
    assert check(ask, "Chemistry", child="Diego").problems[0].rule is Rule.PREREQUISITE_MISSING


def test_a_class_that_a_child_was_taken_out_of_does_not_count_as_taken(family: Family, ask: Ask) -> None:
    family(offered(), "NS1")
    family(offered().drop("enrollments", sourcedId="E-S1-ALG"), conversation="other")

    assert [each.rule for each in check(ask, "Algebra II").problems] == [Rule.PREREQUISITE_MISSING]


def test_a_grade_counts_as_taken_where_the_class_is_no_longer_attended(family: Family, ask: Ask) -> None:
    roster = offered().drop("enrollments", sourcedId="E-S1-ALG").grade("NS1", "ALG", "C")
    family(roster, "NS1")

    assert check(ask, "Algebra II").is_right


def test_seats_count_what_others_registered_here(family: Family, ask: Ask) -> None:
    roster = offer(offered(), "C-GEO", seats="1")
    family(roster, "NS1")
    family(roster, "NS2", conversation="second")
    register(ask, "Geometry")

    done = register(ask, "Geometry", child="Diego", conversation="second")

    assert isinstance(done, RegistrationChecked)
    assert [each.rule for each in done.problems] == [Rule.FULL]
    assert [
        each.seats_left for each in view(ask, "Diego", "second").choices if each.course == "Geometry"
    ] == [0]


def test_the_same_turn_again_returns_the_same_and_writes_nothing(
    portal: Portal, family: Family, ask: Ask, clock: FakeClock
) -> None:
    family(offered(leastCourses="3"), "NS1")
    first = register(ask, "Geometry", "Studio Art")
    clock.advance(minutes=3)

    again = register(ask, "Geometry", "Studio Art")

    assert again == first
    with portal.begin() as tx:
        events = tx.session.scalars(select(AuditRow.details).where(AuditRow.event == "registration.made"))
        assert list(events) == ['{"courses": 2, "school_year": "2028"}']


def test_taking_back_is_done_once_and_again_returns_the_same(
    portal: Portal, family: Family, ask: Ask, clock: FakeClock
) -> None:
    family(offered(), "NS1")
    register(ask, "Geometry", "Studio Art")

    first = withdraw(ask, "art")
    clock.advance(minutes=3)
    again = withdraw(ask, "art")

    assert isinstance(first, Withdrawn)
    assert first.courses == ("Studio Art",)
    assert again == first
    assert [line.course for line in view(ask).requests] == ["Geometry"]
    with portal.begin() as tx:
        events = tx.session.scalars(select(AuditRow.event).where(AuditRow.event == "registration.withdrawn"))
        assert len(list(events)) == 1


def test_one_turn_may_register_and_take_back(family: Family, ask: Ask) -> None:
    family(offered(), "NS1")
    register(ask, "Geometry", turn="same")

    done = withdraw(ask, "Geometry", turn="same")

    assert isinstance(done, Withdrawn)
    assert view(ask).requests == ()


def test_what_was_taken_back_may_be_registered_again(family: Family, ask: Ask) -> None:
    family(offered(), "NS1")
    register(ask, "Geometry")
    withdraw(ask, "Geometry")

    assert isinstance(register(ask, "Geometry", turn="t2"), Registered)
    assert [line.status for line in view(ask).requests] == [RequestStatus.REGISTERED]


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("Geometry", CourseProblem(Rule.HELD_BY_SCHOOL, "Geometry")),
        ("Chemistry", CourseProblem(Rule.NOT_REGISTERED, "Chemistry")),
    ],
)
def test_only_what_was_registered_here_can_be_taken_back(
    family: Family, ask: Ask, typed: str, problem: CourseProblem
) -> None:
    family(requested(offered(), "NS1", "C-GEO"), "NS1")
    register(ask, "Studio Art")

    done = withdraw(ask, "Studio Art", typed)

    assert isinstance(done, RegistrationChecked)
    assert done.problems == (problem,)
    assert len(view(ask).requests) == 2


def test_nothing_is_taken_back_once_the_window_is_closed(family: Family, ask: Ask, clock: FakeClock) -> None:
    family(offered(closes="2026-10-15"), "NS1")
    register(ask, "Geometry")
    family(offered(closes="2026-10-14"), conversation="other")

    done = withdraw(ask, "Geometry")

    assert isinstance(done, RegistrationChecked)
    assert done.problems == (CourseProblem(Rule.CLOSED, day=date(2026, 10, 14)),)
    assert len(view(ask).requests) == 1


def test_a_request_of_the_school_takes_the_place_of_what_was_registered_here(
    family: Family, ask: Ask, clock: FakeClock
) -> None:
    family(offered(), "NS1")
    register(ask, "Geometry")
    clock.advance(minutes=1)
    family(requested(offered(), "NS1", "C-GEO", "approved"), conversation="second")
    confirmed = view(ask).requests
    clock.advance(minutes=1)
    family(offered(), conversation="third")

    assert [(line.course, line.status) for line in confirmed] == [("Geometry", RequestStatus.APPROVED)]
    assert view(ask).requests == ()
    assert isinstance(register(ask, "Geometry", turn="t2"), Registered)
    assert [line.status for line in view(ask).requests] == [RequestStatus.REGISTERED]


def test_each_parent_of_a_child_sees_and_may_take_back_what_is_registered(family: Family, ask: Ask) -> None:
    family(offered(), "NS1")
    family(offered(), "NS1", conversation="father")
    register(ask, "Geometry", conversation="father")

    seen = view(ask).requests
    done = withdraw(ask, "Geometry")

    assert seen == (RequestLine(seen[0].course_id, "Geometry", RequestStatus.REGISTERED, date(2026, 10, 15)),)
    assert isinstance(done, Withdrawn)


@pytest.mark.parametrize("asked", ["view", "check", "check_withdrawal", "register", "withdraw"])
def test_another_familys_child_is_refused_like_one_that_is_not_there(
    family: Family, ask: Ask, asked: str
) -> None:
    family(offered(), "NS1")
    family(offered(), "NS2", conversation="second")
    given: tuple[object, ...] = () if asked == "view" else (("Geometry",),)
    given += ("t1",) if asked in {"register", "withdraw"} else ()

    refused = [
        ask(lambda tx, name=name: getattr(tx.registration, asked)(TALK, name, *given))
        for name in ("Diego", "Nobody")
    ]

    assert refused == [Refused(Reason.NOT_YOUR_STUDENT, choices=("Maya",))] * 2
    assert view(ask, "Diego", "second").requests == ()


def test_a_barred_parent_registers_nothing_even_after_the_summary(family: Family, ask: Ask) -> None:
    family(offered(), "NS1", contact="NP1")
    assert check(ask, "Geometry").is_right
    barred = offered().add(
        "x_portal_access",
        parentIdentifier="NP1",
        studentIdentifier="NS1",
        portalAccess="false",
        receivesEmail="false",
    )
    family(barred, conversation="second")

    assert register(ask, "Geometry") == Refused(Reason.STUDENT_UNAVAILABLE)
    assert ask(lambda tx: tx.records.names(TALK).offerings) == ()


def test_nobody_who_is_not_signed_in_sees_or_registers_anything(family: Family, ask: Ask) -> None:
    family(offered(), "NS1")

    refused = ask(lambda tx: tx.registration.view("stranger", "Maya"))

    assert refused == Refused(Reason.NOT_SIGNED_IN)
    assert ask(lambda tx: tx.records.names("stranger").offerings) == ()
    assert register(ask, "Geometry", conversation="stranger") == Refused(Reason.NOT_SIGNED_IN)
    assert ask(lambda tx: tx.registration.withdraw("stranger", "Maya", ["Geometry"], "t")) == refused


def test_where_the_district_has_turned_it_off_nothing_is_shown(
    portal: Portal, family: Family, ask: Ask
) -> None:
    family(offered(), "NS1")
    make_district(portal, class_registration=False)

    assert ask(lambda tx: tx.registration.view(TALK, "Maya")) == Refused(Reason.TURNED_OFF)
    assert register(ask, "Geometry") == Refused(Reason.TURNED_OFF)
    assert ask(lambda tx: tx.records.names(TALK).offerings) == ()


def test_names_that_a_parent_may_use_are_those_of_the_courses_offered(family: Family, ask: Ask) -> None:
    family(offered(), "NS1", "NS2")

    titles = ask(lambda tx: tx.records.names(TALK).offerings)

    assert titles == ("Algebra II", "Algebra 2", "Chemistry", "Geometry", "Physics", "Studio Art")


def test_names_are_of_what_the_own_school_and_its_district_offer(family: Family, ask: Ask) -> None:
    roster = offered()
    for key, title, place in (("C-ROB", "Robotics", "D"), ("C-LAT", "Latin", "MS")):
        roster.add("courses", sourcedId=key, title=title, orgSourcedId=place)
        roster.add("x_course_offerings", courseSourcedId=key, schoolYear="2028")
    dates = {"schoolYear": "2028", "opens": "2026-10-01", "closes": "2026-11-30"}
    family(roster.add("x_registration_windows", schoolIdentifier="200", **dates), "NS1", "NS2")

    titles = ask(lambda tx: tx.records.names(TALK)).offerings

    assert "Robotics" in titles
    assert "Latin" not in titles


def test_a_child_must_be_chosen_where_there_are_several(family: Family, ask: Ask) -> None:
    family(offered(), "NS1", "NS2")

    refused = ask(lambda tx: tx.registration.view(TALK, None))

    assert refused == Refused(Reason.WHICH_STUDENT, choices=("Diego", "Maya"))
