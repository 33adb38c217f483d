"""Draw assignments, what every student got for them, and the term grades that follow."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from faker import Faker

from maker.classes import SchoolClass
from maker.fillers import seeded
from maker.people import Student
from maker.terms import ANCHOR, CURRENT, PREVIOUS, Term, days_so_far

LETTERS = (
    (97, "A+"), (93, "A"), (90, "A-"), (87, "B+"), (83, "B"), (80, "B-"),
    (77, "C+"), (73, "C"), (70, "C-"), (67, "D+"), (63, "D"), (60, "D-"), (0, "F"),
)  # fmt: skip
KINDS = (
    ("Homework", 20),
    ("Quiz", 25),
    ("Homework", 20),
    ("Project", 50),
    ("Test", 100),
)
COMMENTS = (
    "{} takes part in every discussion.",
    "{} is making steady progress.",
    "{} would gain from coming to extra help on Tuesdays.",
    "Please ask {} to bring the notebook to every class.",
    "A pleasure to teach {}.",
)


@dataclass(frozen=True, slots=True)
class Assignment:
    """Describe one assignment of a class."""

    sourced_id: str
    title: str
    kind: str
    term: Term
    school_class: SchoolClass
    assigned: date
    due: date
    points: int


@dataclass(frozen=True, slots=True)
class Result:
    """Carry what one student got for one assignment; `status` is OneRoster's scoreStatus."""

    assignment: Assignment
    student: Student
    status: str
    points: int
    on: date
    comment: str


@dataclass(frozen=True, slots=True)
class TermGrade:
    """Carry a student's grade in a class for a term; final only once the term is over."""

    student: Student
    school_class: SchoolClass
    term: Term
    letter: str
    percent: Decimal
    final: bool
    comment: str


def assignments(classes: list[SchoolClass]) -> list[Assignment]:
    """Return the assignments of the previous and the current term, the next ones due included."""
    return [
        made
        for school_class in classes
        for term in (PREVIOUS, CURRENT)
        for made in _of_term(school_class, term)
    ]


def _of_term(school_class: SchoolClass, term: Term) -> list[Assignment]:
    made: list[Assignment] = []
    for place, ((kind, points), due) in enumerate(zip(KINDS, _due_days(term), strict=True)):
        number = len([other for other in made if other.kind == kind]) + 1
        title = f"{kind} {number}" if kind == "Homework" else kind
        code = f"{school_class.sourced_id.removeprefix('CLS-')}-{term.number}{place + 1}"
        assigned = min(term.start + timedelta(weeks=place), due - timedelta(days=2))
        made.append(Assignment(f"LI-{code}", title, kind, term, school_class, assigned, due, points))
    return made


def _due_days(term: Term) -> list[date]:
    days = days_so_far(term)
    ahead = [] if term is PREVIOUS else [ANCHOR + timedelta(days=1), ANCHOR + timedelta(days=12)]
    step = len(days) // (len(KINDS) - len(ahead))
    return days[step - 1 :: step][: len(KINDS) - len(ahead)] + ahead


def results(made: list[Assignment], slug: str) -> list[Result]:
    """Return the results of everything that was due before the anchor."""
    fake = seeded(f"results of {slug}")
    strength: dict[str, int] = {}
    return [
        _result(fake, assignment, student, strength)
        for assignment in made
        if assignment.due < ANCHOR
        for student in assignment.school_class.students
    ]


def _result(fake: Faker, assignment: Assignment, student: Student, strength: dict[str, int]) -> Result:
    mean = strength.setdefault(student.identifier, fake.random.randint(80, 96))
    fate = fake.random.randrange(100)
    if fate < 2:
        # OneRoster 1.1 has no mark for it: a missing piece is "not submitted" and counts nothing.
        return Result(assignment, student, "not submitted", 0, assignment.due, "Missing")
    percent = max(40, min(100, round(fake.random.gauss(mean, 8))))
    points = round(assignment.points * percent / 100)
    if fate < 6:
        # Nothing before the anchor may be dated on or after it.
        late = min(assignment.due + timedelta(days=1), ANCHOR - timedelta(days=1))
        return Result(assignment, student, "fully graded", points, late, "Late")
    if fate == 6:
        return Result(assignment, student, "exempt", 0, assignment.due, "Exempt")
    return Result(assignment, student, "fully graded", points, assignment.due, "")


def term_grades(drawn: list[Result], slug: str) -> list[TermGrade]:
    """Return the term grades: points earned out of points possible, exempt pieces left out."""
    fake = seeded(f"comments of {slug}")
    sums: dict[tuple[str, str, int], list[Result]] = {}
    for result in drawn:
        key = (
            result.student.identifier,
            result.assignment.school_class.sourced_id,
            result.assignment.term.number,
        )
        sums.setdefault(key, []).append(result)
    return [_term_grade(fake, sums[key]) for key in sorted(sums)]


def _term_grade(fake: Faker, own: list[Result]) -> TermGrade:
    first = own[0]
    counted = [r for r in own if r.status != "exempt"]
    possible = sum(r.assignment.points for r in counted) or 1
    percent = (Decimal(100) * sum(r.points for r in counted) / possible).quantize(
        Decimal("0.1"), ROUND_HALF_UP
    )
    comment = fake.random.choice(COMMENTS) if fake.boolean(30) else ""
    return TermGrade(
        student=first.student,
        school_class=first.assignment.school_class,
        term=first.assignment.term,
        letter=next(letter for least, letter in LETTERS if percent >= least),
        percent=percent,
        final=first.assignment.term is PREVIOUS,
        comment=comment.format(first.student.child.given),
    )
