"""Draw attendance: only exceptions are written, presence is implied."""

from dataclasses import dataclass
from datetime import date

from faker import Faker

from maker.classes import SchoolClass
from maker.fillers import seeded
from maker.people import Roster, Student
from maker.terms import CURRENT, PREVIOUS, days_so_far

EXCUSED, UNEXCUSED, TARDY, PARTIAL = "Excused Absence", "Unexcused Absence", "Tardy", "Partial"
REASONS = {
    EXCUSED: ("Illness", "Medical appointment", "Family emergency", "Family trip"),
    UNEXCUSED: ("No note received",),
    TARDY: ("Overslept", "Missed the bus", "Traffic"),
    PARTIAL: ("Dismissed early", "Nurse's office"),
}


@dataclass(frozen=True, slots=True)
class AttendanceEvent:
    """Describe one exception; without a class it counts for the whole day."""

    student: Student
    on: date
    category: str
    reason: str
    school_class: SchoolClass | None = None
    arrival: str = ""


def attendance(slug: str, roster: Roster, classes: list[SchoolClass]) -> list[AttendanceEvent]:
    """Return everybody's events; the last student of the roster was always there."""
    fake = seeded(f"attendance of {slug}")
    events: list[AttendanceEvent] = []
    for student in roster.students[:-1]:
        own = [c for c in classes if student in c.students]
        for term, least in ((PREVIOUS, 0), (CURRENT, 1)):
            free = days_so_far(term)
            fake.random.shuffle(free)
            events += _whole_days(fake, student, free, least)
            events += _single_classes(fake, student, free, own)
    return sorted(events, key=lambda e: (e.student.identifier, e.on, e.category, e.arrival))


def _whole_days(fake: Faker, student: Student, free: list[date], least: int) -> list[AttendanceEvent]:
    drawn = [EXCUSED] * fake.random.randint(least, 2) + [UNEXCUSED] * fake.random.choice((0, 0, 1))
    drawn += [TARDY] * fake.random.choice((0, 1, 2)) + [PARTIAL] * fake.random.choice((0, 0, 0, 1))
    return [
        AttendanceEvent(
            student,
            free.pop(),
            category,
            fake.random.choice(REASONS[category]),
            arrival=f"09:{fake.random.randint(0, 45):02d}" if category == TARDY else "",
        )
        for category in drawn
    ]


def _single_classes(
    fake: Faker, student: Student, free: list[date], own: list[SchoolClass]
) -> list[AttendanceEvent]:
    drawn = [UNEXCUSED] * fake.random.choice((0, 0, 1)) + [EXCUSED] * fake.random.choice((0, 1))
    drawn += [TARDY] * fake.random.choice((0, 1, 1))
    return [
        AttendanceEvent(
            student,
            free.pop(),
            category,
            fake.random.choice(REASONS[category]),
            fake.random.choice(own),
        )
        for category in drawn
    ]
