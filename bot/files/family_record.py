"""Hold the records of a family as "MyData" has them."""

from dataclasses import dataclass
from datetime import datetime

from portal.records.answers import Attendance, GradeLine, TermSpan
from portal.records.school_work import Remark


@dataclass(frozen=True, slots=True)
class TermRecord:
    """Hold the courses of one marking period, and the attendance in it."""

    term: TermSpan
    lines: tuple[GradeLine, ...]
    attendance: Attendance


@dataclass(frozen=True, slots=True)
class ChildRecord:
    """Hold what is on record of one child; `remarks` are those that stand with no grade."""

    number: str
    first_name: str
    middle_name: str
    last_name: str
    grade: str
    school: str
    terms: tuple[TermRecord, ...]
    attendance: Attendance
    remarks: tuple[Remark, ...]


@dataclass(frozen=True, slots=True)
class FamilyRecord:
    """Hold the records of all the children, as they were at that time in the district's zone."""

    district: str
    at: datetime
    children: tuple[ChildRecord, ...]
