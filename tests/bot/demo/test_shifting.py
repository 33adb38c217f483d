"""Whatever today is, the moved demo has it in its current term, on the weekday it was made for."""

from collections.abc import Iterator
from dataclasses import fields
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bot.demo.files import DistrictFiles, read_districts
from bot.demo.shifting import ShiftedSource
from bot.settings import ROOT
from portal.sis.report import Report
from portal.sis.source import AssignmentRecord, CategoryRecord, Origin, Record, TermRecord

DISTRICTS = read_districts(ROOT / "data" / "demo")
ORIGIN = Origin("file.csv", 2)


class FixedSource:
    def __init__(self, *records: Record) -> None:
        self._records = records

    def records(self, report: Report) -> Iterator[Record]:
        yield from self._records


@given(today=st.dates(date(2026, 1, 1), date(2029, 12, 31)), files=st.sampled_from(DISTRICTS))
def test_any_day_lies_in_the_current_term_of_the_moved_files(today: date, files: DistrictFiles) -> None:
    weeks = files.dates.weeks_to(today)

    assert files.dates.holds(today, weeks)
    assert timedelta(0) <= today - (files.dates.anchor + timedelta(weeks=weeks)) < timedelta(weeks=1)


def test_every_day_of_a_year_lies_in_the_moved_term() -> None:
    dates = DISTRICTS[0].dates
    term = TermRecord(ORIGIN, "T2", "Quarter 2", "term", dates.term_starts, dates.term_ends, "SY", "2027")

    for day in range(366):
        today = date(2026, 10, 15) + timedelta(days=day)
        (moved,) = ShiftedSource(FixedSource(term), dates.weeks_to(today)).records(Report())

        assert isinstance(moved, TermRecord)
        assert moved.start <= today <= moved.end
        assert (moved.start.weekday(), moved.end.weekday()) == (term.start.weekday(), term.end.weekday())


def test_every_date_moves_and_nothing_else_does() -> None:
    work = AssignmentRecord(ORIGIN, "LI", "Quiz", "", date(2026, 10, 1), None, "CLS", "CAT", "T2", None, None)

    (moved,) = ShiftedSource(FixedSource(work), -2).records(Report())

    changed = {each.name for each in fields(work) if getattr(work, each.name) != getattr(moved, each.name)}
    assert isinstance(moved, AssignmentRecord)
    assert moved.assigned == date(2026, 9, 17)
    assert changed == {"assigned"}


def test_a_record_without_dates_stays_the_same_object() -> None:
    category = CategoryRecord(ORIGIN, "CAT", "Quiz")

    (moved,) = ShiftedSource(FixedSource(category), 3).records(Report())

    assert moved is category


def test_a_term_that_is_over_no_longer_holds_today() -> None:
    dates = DISTRICTS[0].dates

    assert dates.holds(dates.term_ends, 0)
    assert not dates.holds(dates.term_ends + timedelta(days=1), 0)
