from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.records.answers import TermSpan
from portal.records.terms import Terms
from portal.sis.models import Term


def term(key: str, title: str, days: str, kind: str = "semester", parent: str | None = None) -> Term:
    start, end = days.split("/")

    return Term(
        district_id="westborough",
        id=key,
        title=title,
        type=kind,
        start=date.fromisoformat(start),
        end=date.fromisoformat(end),
        parent_id=parent,
        school_year="2027",
        digest=b"",
        retired_at=None,
    )


SPRING_26 = term("s26", "Spring Semester", "2026-01-12/2026-06-12")
YEAR = term("sy", "2026-2027", "2026-08-31/2027-06-11", "schoolYear")
FALL = term("f", "Fall Semester", "2026-08-31/2026-12-18", parent="sy")
Q1 = term("q1", "Quarter 1", "2026-08-31/2026-10-30", "gradingPeriod", "f")
Q2 = term("q2", "Quarter 2", "2026-11-02/2026-12-18", "gradingPeriod", "f")
SPRING = term("s", "Spring Semester", "2027-01-04/2027-06-11", parent="sy")
ALL = [SPRING, Q2, YEAR, SPRING_26, FALL, Q1]


def on(day: str, terms: list[Term] | None = None) -> Terms:
    return Terms(ALL if terms is None else terms, date.fromisoformat(day))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-08-31", Q1),
        ("2026-10-15", Q1),
        ("2026-10-30", Q1),
        ("2026-11-02", Q2),
        ("2027-02-01", SPRING),
        ("2026-03-01", SPRING_26),
    ],
)
def test_current_term_is_the_shortest_with_today_in_it(day: str, expected: Term) -> None:
    terms = on(day)

    assert terms.current() is expected
    assert terms.span(expected).current


@pytest.mark.parametrize(
    ("day", "expected"), [("2026-07-01", SPRING_26), ("2026-12-25", Q2), ("2027-07-01", SPRING)]
)
def test_between_terms_the_last_that_began_stands_in_and_says_so(day: str, expected: Term) -> None:
    terms = on(day)

    assert terms.current() is expected
    assert not terms.span(expected).current


def test_weekend_between_terms_is_not_the_whole_school_year() -> None:
    assert on("2026-10-31", [YEAR, Q1, Q2]).current() is Q1


def test_school_year_stands_in_where_a_school_knows_nothing_shorter() -> None:
    assert on("2026-10-15", [YEAR]).current() is YEAR


def test_before_the_first_term_the_first_one_is_current() -> None:
    assert on("2020-01-01").current() is SPRING_26


def test_no_terms_no_term() -> None:
    terms = on("2026-10-15", [])

    assert terms.current() is None
    assert terms.previous() is None
    assert terms.asked("fall") is None


@pytest.mark.parametrize(
    ("day", "expected"),
    [("2026-11-15", Q1), ("2026-10-15", SPRING_26), ("2027-02-01", SPRING_26), ("2026-02-01", None)],
)
def test_previous_term_is_the_one_of_its_type_before(day: str, expected: Term | None) -> None:
    terms = [SPRING, SPRING_26, Q1, Q2] if day.startswith("2027") else ALL

    assert on(day, terms).previous() is expected
    assert on(day, terms).asked("Previous") is expected


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (None, Q1),
        ("current", Q1),
        ("  ", Q1),
        ("quarter 2", Q2),
        ("Fall", FALL),
        ("fall semestr", FALL),
        ("spring", SPRING_26),
        ("2026-2027", YEAR),
        ("winter", None),
    ],
)
def test_typed_title_finds_its_term(typed: str | None, expected: Term | None) -> None:
    assert on("2026-10-15").asked(typed) is expected


def test_title_of_a_term_that_has_not_begun_finds_it() -> None:
    assert on("2026-10-15", [SPRING]).asked("spring") is SPRING


def test_terms_lie_around_and_within_each_other() -> None:
    terms = on("2026-10-15")

    assert terms.around(Q1) == [FALL, YEAR]
    assert terms.within(YEAR) == [SPRING, Q2, FALL, Q1]
    assert terms.overlapping(date(2026, 12, 18), date(2027, 1, 4)) == [FALL, YEAR, Q2, SPRING]


def test_terms_that_lie_in_each_other_end_the_search() -> None:
    one = term("a", "A", "2026-08-31/2026-12-18", parent="b")
    other = term("b", "B", "2026-08-31/2026-12-18", parent="a")

    assert on("2026-10-15", [one, other]).around(one) == [other]


def test_span_names_the_term_and_its_days() -> None:
    assert on("2026-10-15").span(FALL) == TermSpan(
        "Fall Semester", date(2026, 8, 31), date(2026, 12, 18), current=True
    )


@given(st.permutations(ALL), st.integers(-400, 800))
def test_order_in_the_files_never_matters(shuffled: list[Term], days: int) -> None:
    today = date(2026, 8, 31) + timedelta(days=days)

    found, expected = Terms(shuffled, today), Terms(ALL, today)

    assert found.current() is expected.current()
    assert found.previous() is expected.previous()
    assert found.titles == expected.titles


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2026-10-15", [SPRING_26, Q1, FALL]),
        ("2027-02-01", [Q1, FALL, Q2, SPRING]),
        ("2025-01-01", []),
    ],
)
def test_terms_to_choose_from_have_begun_and_are_what_their_titles_mean(
    day: str, expected: list[Term]
) -> None:
    terms = on(day)

    assert [(span.title, span.since) for span in terms.begun] == [(t.title, t.start) for t in expected]
    assert [terms.asked(span.title) for span in terms.begun] == expected


def test_school_that_knows_only_years_lets_them_be_chosen() -> None:
    assert [span.title for span in on("2026-10-15", [YEAR]).begun] == ["2026-2027"]
