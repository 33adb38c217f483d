"""MyData stays well-formed and keeps to its schema, whatever a school's files hold."""

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.files.family_record import ChildRecord, FamilyRecord, TermRecord
from bot.files.my_data_xml import written
from portal.records.answers import (
    Attendance,
    AttendanceDay,
    AttendanceKind,
    GradeLine,
    ScoresSoFar,
    TermSpan,
)
from portal.records.school_work import Remark
from tests.support.my_data import child_names, found, problems_of, read, texts

AT = datetime(2026, 10, 15, 10, 0, tzinfo=ZoneInfo("America/New_York"))
FALL = TermSpan("Fall", date(2026, 8, 31), date(2027, 1, 22), current=True)
NO_ATTENDANCE = Attendance("Maya", FALL.since, FALL.until, FALL, 0, 0, 0, 0, 0, 0, 0, ())
HOSTILE = [
    "\"quoted\" & 'quoted' <b>",
    "]]> <!-- --> <?xml?>",
    "\x00\x08\x1f\x7f",
    "\ufffe\uffff",
    "Zoë 🎒 ليلى 李 \u202eright to left",
    "&lt;&amp;&#65;&undefined;",
    "\ud800",
]


def child(text: str = "x", **given: Any) -> ChildRecord:
    line = GradeLine(text, text, Decimal("88.5"), teacher=text, comment=text, period=text)
    days = (AttendanceDay(date(2026, 10, 5), AttendanceKind.EXCUSED, text, text, text),)
    made = ChildRecord(
        number=text,
        first_name=text,
        middle_name=text,
        last_name=text,
        grade=text,
        school=text,
        terms=(TermRecord(replace(FALL, title=text), (line,), NO_ATTENDANCE),),
        attendance=replace(NO_ATTENDANCE, days=days, absences=1, excused=1),
        remarks=(Remark(text, text, text, assignment=text, day=date(2026, 10, 1)),),
    )
    return replace(made, **given)


def family(*children: ChildRecord, district: str = "Westborough") -> bytes:
    return written(FamilyRecord(district, AT, children))


@pytest.mark.requirement("R87")
@pytest.mark.parametrize("text", HOSTILE)
def test_whatever_a_name_is_the_file_keeps_to_its_schema(text: str, tmp_path: Path) -> None:
    content = family(child(text), child(text), district=text)

    assert problems_of(content, tmp_path) == []


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(alphabet=st.characters(codec=None), min_size=1, max_size=20))
def test_any_text_comes_back_as_it_was_but_for_what_xml_cannot_write(text: str, tmp_path: Path) -> None:
    content = family(child(text))

    told = texts(read(content), "StudentDemographicRecord/StudentPersonalData/Name/LastName")[0]
    assert problems_of(content, tmp_path) == []
    assert told is not None
    assert len(told) == len(text)
    assert all(one in (two, "\N{REPLACEMENT CHARACTER}") for one, two in zip(told, text, strict=True))


def test_what_a_school_does_not_know_is_left_out(tmp_path: Path) -> None:
    bare = ChildRecord("", "Maya", "", "López", "", "", (), NO_ATTENDANCE, ())

    content = family(bare)

    tree = read(content)
    assert problems_of(content, tmp_path) == []
    assert child_names(content) == ["Maya López"]
    for name in ("LocalId", "GradeLevel", "SchoolName", "MiddleName"):
        assert not list(tree.iter(f"{{*}}{name}"))


def test_points_so_far_are_told_as_points(tmp_path: Path) -> None:
    so_far = ScoresSoFar(2, Decimal("27"), Decimal("30.0"))
    lines = (GradeLine("Art", so_far=so_far), GradeLine("Choir", so_far=ScoresSoFar(1, None, None)))

    content = family(child(terms=(TermRecord(FALL, lines, NO_ATTENDANCE),)))

    path = "StudentAcademicRecord/CourseHistory/Term/Courses/Course/MarkingPeriods/MarkingPeriod"
    art, choir = found(read(content), path)
    assert problems_of(content, tmp_path) == []
    assert found(art, "MarkData")[0].get("Final") == "false"
    assert texts(art, "MarkData/Letter") == []
    assert dict(found(art, "PointsSoFar")[0].attrib) == {"Scores": "2", "Earned": "27", "Possible": "30.0"}
    assert dict(found(choir, "PointsSoFar")[0].attrib) == {"Scores": "1"}


def test_the_schema_refuses_what_it_does_not_know(tmp_path: Path) -> None:
    content = family(child())

    assert problems_of(content.replace(b"CourseTitle", b"Title"), tmp_path)
    assert problems_of(content.replace(b'StudentRefId="student-1"', b'StudentRefId="student-9"'), tmp_path)
