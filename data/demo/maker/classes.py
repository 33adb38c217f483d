"""Open the classes of every school and put the students and teachers in."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from faker import Faker

from maker.fillers import seeded
from maker.people import District, Roster, School, Student, plain

SUBJECTS = ("English", "Mathematics", "Science", "Social Studies", "World Languages", "Arts")
_HIGH = {
    9: ("English 9", "Algebra I", "Biology", "World History", "Spanish I"),
    10: ("English 10", "Geometry", "Chemistry", "United States History I", "Spanish II"),
    11: ("English 11", "Algebra II", "Physics", "United States History II", "Spanish III"),
    12: ("English 12", "Statistics", "Environmental Science", "Government", "Spanish IV"),
}
ELECTIVES = {
    "high": ("Studio Art", "Concert Band"),
    "middle": ("Art", "Chorus"),
    "lower": ("Art", "Music"),
}
CLASS_MINUTES, BREAK_MINUTES = 52, 4


@dataclass(frozen=True, slots=True)
class Teacher:
    """Describe one teacher."""

    given: str
    family: str
    school: School
    identifier: str

    @property
    def sourced_id(self) -> str:
        """Return the OneRoster id."""
        return f"T-{self.identifier}"

    @property
    def name(self) -> str:
        """Return the full name, given name first."""
        return f"{self.given} {self.family}"

    @property
    def email(self) -> str:
        """Return an address that can reach nobody."""
        return f"{plain(self.given)}.{plain(self.family)}@schools.example"


@dataclass(frozen=True, slots=True)
class Course:
    """Describe one course of a school's catalog; an elective is open to every grade."""

    title: str
    subject: str
    grade: int | None
    school: School

    @property
    def sourced_id(self) -> str:
        """Return the OneRoster id."""
        return f"CRS-{self.school.identifier}-{self.code}"

    @property
    def code(self) -> str:
        """Return the course's short code."""
        words = self.title.split()
        return "-".join(word[:4].upper() for word in words)


@dataclass(frozen=True, slots=True)
class SchoolClass:
    """Describe one class: a course, its teacher, room and period, and who sits in it."""

    course: Course
    teacher: Teacher
    period: int
    room: str
    students: tuple[Student, ...]

    @property
    def sourced_id(self) -> str:
        """Return the OneRoster id."""
        return f"CLS-{self.course.school.identifier}-{self.course.code}"


def catalog(school: School) -> list[Course]:
    """Return every course that the school offers."""
    courses = []
    for grade in school.grades:
        titles = _HIGH[grade] if school.catalog == "high" else _younger(grade)
        courses += [Course(t, s, grade, school) for t, s in zip(titles, SUBJECTS, strict=False)]
    return courses + [Course(title, "Arts", None, school) for title in ELECTIVES[school.catalog]]


def _younger(grade: int) -> tuple[str, ...]:
    language = f"French {grade}" if grade > 5 else f"Reading Workshop {grade}"
    return (
        f"Language Arts {grade}",
        f"Math {grade}",
        f"Science {grade}",
        f"Social Studies {grade}",
        language,
    )


def open_classes(district: District, roster: Roster) -> list[SchoolClass]:
    """Return the classes that have students, in the order of the catalog."""
    fake = seeded(f"classes of {district.slug}")
    elective = {s.identifier: fake.random.randrange(2) for s in roster.students}
    classes: list[SchoolClass] = []
    for school in district.schools:
        teachers = _teachers(fake, school)
        for course in catalog(school):
            place = ELECTIVES[school.catalog].index(course.title) if course.grade is None else None
            students = tuple(
                s
                for s in roster.students
                if s.school is school
                and (s.child.grade == course.grade if place is None else elective[s.identifier] == place)
            )
            teacher = teachers[len(SUBJECTS) - 1 + place if place else SUBJECTS.index(course.subject)]
            room = f"{fake.random.choice('AB')}{fake.random.randint(101, 239)}"
            if students:
                classes.append(SchoolClass(course, teacher, _period(school, course), room, students))
    return classes


def _period(school: School, course: Course) -> int:
    # Each grade moves on by one period, so that no teacher stands in two rooms at once.
    if course.grade is None:
        return 6
    return (SUBJECTS.index(course.subject) + school.grades.index(course.grade)) % 5 + 1


def _teachers(fake: Faker, school: School) -> list[Teacher]:
    places = range(len(SUBJECTS) + 1)
    return [
        Teacher(fake.first_name(), fake.unique.last_name(), school, f"{school.identifier}{n + 1:02d}")
        for n in places
    ]


def lesson_times(school: School, period: int) -> tuple[str, str]:
    """Return when the period starts and ends at this school, as HH:MM."""
    first = datetime.strptime(school.first_bell, "%H:%M")  # noqa: DTZ007  (a time of day, of no zone)
    start = first + timedelta(minutes=(period - 1) * (CLASS_MINUTES + BREAK_MINUTES))
    end = start + timedelta(minutes=CLASS_MINUTES)
    return f"{start:%H:%M}", f"{end:%H:%M}"
