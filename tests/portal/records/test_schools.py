"""Answer about a child's schools: what they are, what they announced, what their calendar holds."""

from dataclasses import replace
from datetime import date

import pytest

from portal.core.outcomes import Reason, Refused
from portal.records.answers import Question
from portal.records.school_life import Bulletin, CalendarDay, Notice, SchoolCard, SchoolInformation
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.portals import make_district
from tests.support.rosters import Answered, Family, Refusing, Roster, small_roster

ASSABET = SchoolCard(
    "Assabet High",
    "90 Orchard Road",
    "Westborough",
    "01581",
    "(508) 555-0190",
    "(508) 555-0195",
    "office@schools.example",
    "Monday to Friday",
    "https://schools.example/map.pdf",
)


def information(student: str | None = None) -> object:
    return lambda records: records.school_information("conversation", Question(student=student))


def bulletin(student: str | None = None, **question: object) -> object:
    return lambda records: records.school_bulletin("conversation", Question(student=student, **question))


def two_schools() -> Roster:
    """Return Maya at the high school and Diego at the middle school."""
    roster = small_roster().change("users", 3, orgSourcedIds="MS")
    return roster.add(
        "x_schools",
        schoolId="100",
        address="90 Orchard Road",
        city="Westborough",
        postalCode="01581",
        phone="(508) 555-0190",
        fax="(508) 555-0195",
        email="office@schools.example",
        hours="Monday to Friday",
        mapUrl="https://schools.example/map.pdf",
    )


def notice(roster: Roster, day: str, title: str, school: str = "100") -> Roster:
    return roster.add("x_bulletins", schoolId=school, date=day, title=title, text=f"{title}!")


def notices(*told: tuple[date, str]) -> tuple[Notice, ...]:
    return tuple(Notice(day, title, f"{title}!") for day, title in told)


@pytest.mark.requirement("R103")
def test_school_has_its_address_and_its_numbers_and_a_map_where_maps_are_on(
    portal: Portal, family: Family, ask: Answered
) -> None:
    family(two_schools(), "NS1", "NS2")

    without = replace(ASSABET, map_url="")

    off = ask(information("Maya"))
    make_district(portal, school_map=True)

    assert off == SchoolInformation("Maya", (without,), maps=False)
    assert ask(information("Maya")) == SchoolInformation("Maya", (ASSABET,), maps=True)


def test_school_without_details_has_a_name(family: Family, ask: Answered) -> None:
    family(two_schools(), "NS1", "NS2")

    assert ask(information("Diego")) == SchoolInformation(
        "Diego", (SchoolCard("Mill Pond Middle"),), maps=False
    )


@pytest.mark.parametrize("about", [information, bulletin])
def test_children_at_different_schools_must_be_told_apart(
    family: Family, refusal: Refusing, about: object
) -> None:
    family(two_schools(), "NS1", "NS2")

    assert refusal(about()) == Refused(Reason.WHICH_STUDENT, choices=("Diego", "Maya"))  # type: ignore[operator]


@pytest.mark.parametrize("about", [information, bulletin])
def test_children_at_one_school_need_not_be_told_apart(family: Family, ask: Answered, about: object) -> None:
    family(small_roster(), "NS1", "NS2")

    assert ask(about()).student == ""  # type: ignore[operator]
    assert ask(about("Maya")).student == "Maya"  # type: ignore[operator]


@pytest.mark.requirement("R80")
@pytest.mark.parametrize("about", [information, bulletin])
def test_children_at_one_school_of_whom_one_is_blocked_must_be_told_apart(
    family: Family, refusal: Refusing, about: object
) -> None:
    family(small_roster().change("users", 2, enabledUser="false"), "NS1", "NS2")

    assert refusal(about()).reason is Reason.WHICH_STUDENT  # type: ignore[operator]
    assert refusal(about("Maya")).reason is Reason.STUDENT_UNAVAILABLE  # type: ignore[operator]


def test_child_at_two_schools_gets_both(family: Family, ask: Answered) -> None:
    family(small_roster().change("users", 2, orgSourcedIds="HS,MS"), "NS1")

    assert [card.name for card in ask(information()).schools] == ["Assabet High", "Mill Pond Middle"]


@pytest.mark.requirement("R98")
def test_current_bulletin_is_that_of_a_week_with_the_newest_first(family: Family, ask: Answered) -> None:
    roster = notice(notice(small_roster(), "2026-10-08", "Old"), "2026-10-09", "Picture day")
    notice(notice(roster, "2026-10-15", "Book fair"), "2026-10-16", "Not out yet")
    family(notice(roster, "2026-10-14", "Of another school", "200"), "NS1")

    answer: Bulletin = ask(bulletin())

    assert answer.notices == notices((date(2026, 10, 15), "Book fair"), (date(2026, 10, 9), "Picture day"))
    assert (answer.schools, answer.older, answer.since) == (("Assabet High",), (), None)


def test_bulletin_of_the_district_is_for_each_of_its_schools(family: Family, ask: Answered) -> None:
    family(notice(small_roster(), "2026-10-15", "Snow", "D1"), "NS1")

    assert ask(bulletin()).notices == notices((date(2026, 10, 15), "Snow"))


def test_quiet_week_shows_the_last_day_with_a_bulletin(
    clock: FakeClock, family: Family, ask: Answered
) -> None:
    roster = notice(notice(small_roster(), "2026-10-13", "Fair"), "2026-10-13", "Bake sale")
    clock.advance(days=30)
    family(notice(roster, "2026-10-12", "Before"), "NS1")

    answer: Bulletin = ask(bulletin())

    assert answer.notices == ()
    assert sorted(each.title for each in answer.older) == ["Bake sale", "Fair"]


@pytest.mark.parametrize(
    ("since", "until", "titles", "older"),
    [
        (date(2026, 9, 1), date(2026, 9, 30), ["Old"], []),
        (date(2026, 10, 13), date(2026, 10, 13), [], ["Old"]),
        (date(2026, 10, 16), date(2026, 10, 16), [], ["Fair"]),
        (date(2026, 8, 1), date(2026, 8, 2), [], []),
        (date(2026, 9, 1), None, ["Fair", "Old"], []),
        (None, date(2026, 9, 15), ["Old"], []),
    ],
)
def test_range_has_its_own_notices_or_the_last_before(  # noqa: PLR0917  (four of them are the table's)
    family: Family,
    ask: Answered,
    since: date | None,
    until: date | None,
    titles: list[str],
    older: list[str],
) -> None:
    family(notice(notice(small_roster(), "2026-09-14", "Old"), "2026-10-14", "Fair"), "NS1")

    answer: Bulletin = ask(bulletin(since=since, until=until))

    assert [each.title for each in answer.notices] == titles
    assert [each.title for each in answer.older] == older
    assert answer.since is not None


def test_calendar_holds_the_coming_two_weeks_or_the_range(family: Family, ask: Answered) -> None:
    roster = small_roster()
    for day, title in (("14", "Past"), ("15", "Today"), ("29", "Concert"), ("30", "Later")):
        roster.add("x_events", schoolId="100", date=f"2026-10-{day}", title=title)
    family(roster.add("x_events", schoolId="200", date="2026-10-16", title="Elsewhere"), "NS1")

    coming: Bulletin = ask(bulletin())
    past: Bulletin = ask(bulletin(since=date(2026, 10, 14), until=date(2026, 10, 14)))

    assert coming.calendar == (
        CalendarDay(date(2026, 10, 15), "Today"),
        CalendarDay(date(2026, 10, 29), "Concert"),
    )
    assert past.calendar == (CalendarDay(date(2026, 10, 14), "Past"),)


def test_district_without_one_above_it_has_its_own_schools_only(family: Family, ask: Answered) -> None:
    family(notice(small_roster().change("orgs", 3, parentSourcedId=""), "2026-10-15", "Snow", "D1"), "NS1")

    assert ask(bulletin()).notices == ()
