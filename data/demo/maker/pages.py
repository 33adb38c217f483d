"""Draw what the portal's other pages show: tests, money, bulletins, events and course requests."""

from datetime import timedelta

from maker.attendance import AttendanceEvent
from maker.classes import ELECTIVES, Course, catalog
from maker.fillers import seeded
from maker.people import District, Roster, School
from maker.terms import ANCHOR, CURRENT, PREVIOUS, days_so_far

Row = tuple[str, ...]
LEVELS = ((85, "Exceeds expectations"), (70, "Meets expectations"), (55, "Approaching"), (0, "Needs support"))
MEAL = "-3.25"
BULLETINS = (
    (
        -6,
        "Picture day",
        "Pictures are taken on Thursday in the gym. Order forms went home with the students.",
    ),
    (-2, "Lost and found", "Jackets and lunch boxes wait beside the main office until Friday."),
    (-1, "Book fair", "The book fair is open all week in the library, before and after lessons."),
)
EVENTS = (
    (5, "Progress reports go home"),
    (8, "Parent-teacher conferences, 6 to 8 p.m."),
    (15, "Fall concert, 7 p.m."),
    (22, "No school: teachers' workshop"),
    (43, "End of the marking term"),
)


def test_results(slug: str, roster: Roster) -> list[Row]:
    """Return two benchmark tests a term for every student."""
    fake = seeded(f"tests of {slug}")
    rows: list[Row] = []
    for student in roster.students:
        for season, term in (("Summer", PREVIOUS), ("Fall", CURRENT)):
            for place, subject in enumerate(("Reading", "Mathematics")):
                score = fake.random.randint(48, 99)
                level = next(words for least, words in LEVELS if score >= least)
                on = days_so_far(term)[3 + place]
                test = f"{season} {subject} Benchmark"
                rows.append((student.identifier, str(on), test, subject, str(score), "100", level))
    return rows


def transactions(slug: str, roster: Roster, events: list[AttendanceEvent]) -> list[Row]:
    """Return two weeks of lunch and the fees; money in is positive."""
    fake = seeded(f"money of {slug}")
    away = {(e.student.identifier, e.on) for e in events if not e.school_class and "Absence" in e.category}
    rows: list[Row] = []
    for student in roster.students:
        own = student.identifier
        start = CURRENT.start
        rows.append((own, str(start), "lunch", "Online payment", f"{fake.random.choice((20, 30, 40))}.00"))
        rows += [
            (own, str(day), "lunch", "School lunch", MEAL)
            for day in days_so_far(CURRENT)[-8:]
            if (own, day) not in away and fake.boolean(85)
        ]
        if fake.boolean(50):
            rows.append((own, str(start + timedelta(days=3)), "fees", "Field trip", "-18.00"))
            if fake.boolean(60):
                rows.append((own, str(start + timedelta(days=8)), "fees", "Payment, thank you", "18.00"))
    return rows


def bulletins(district: District) -> list[Row]:
    """Return the latest notices of every school."""
    return [
        (school.identifier, str(ANCHOR + timedelta(days=days)), title, text)
        for school in district.schools
        for days, title, text in BULLETINS
    ]


def events(district: District) -> list[Row]:
    """Return what lies ahead at every school."""
    return [
        (school.identifier, str(ANCHOR + timedelta(days=days)), title)
        for school in district.schools
        for days, title in EVENTS
    ]


def course_requests(district: District, roster: Roster) -> list[Row]:
    """Return what the students want to take next year, where their school or the next one offers it."""
    fake = seeded(f"requests of {district.slug}")
    rows: list[Row] = []
    for student in roster.students:
        wanted = _next_year(district, student.school, student.child.grade + 1)
        for course in wanted:
            status = fake.random.choice(("requested", "requested", "approved", "denied"))
            rows.append((student.identifier, course.sourced_id, "2028", status))
    return rows


def _next_year(district: District, school: School, grade: int) -> list[Course]:
    # The oldest of the lower school move up; the oldest of the high school leave.
    target = school if grade in school.grades else district.schools[0]
    if grade not in target.grades:
        return []
    courses = [course for course in catalog(target) if course.grade == grade]
    return [*courses[:3], catalog(target)[-len(ELECTIVES[target.catalog])]]
