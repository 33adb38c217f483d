"""Make up a district of any size inside PostgreSQL, the same one each time.

A student has six classes this year and had six last year: grades by quarter, scores, attendance (ten
exceptions a student), lunch money, tests, course requests. Two siblings make a family with two
parents, each with an account and the password below. Nothing lies in the order in which it is read:
the rows of a student are scattered over their table, as many imports leave them.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import JSON, Connection, Engine, String, Table, insert, literal_column, select, text

from portal.accounts.models import AccountNameRow, AccountRow, LinkRow
from portal.accounts.passwords import Argon2Hasher
from portal.core.database import Base
from portal.core.secret import Secret
from portal.sis.models import Exact, ImportRow
from portal.sis.source import Kind
from portal.sis.tables import table_of

DISTRICT = "bench"
PASSWORD = "Correct-horse-battery-9"  # noqa: S105  (of a made-up district)
SCHOOL_SIZE, COURSES, GROUPS, CLASSES, TASKS = 1000, 36, 6, 6, 5
YEAR, QUARTER = 364, 63
# Today lies in the second quarter, seventeen days in.
INTO_YEAR = timedelta(days=80)
GIVEN = ("Maya", "Diego", "Ana", "Lucas", "Wei", "Amara", "Noah", "Sofia", "Omar", "Priya", "Leo", "Yara")
TITLES = (
    *("English 9", "Algebra I", "Biology", "World History", "Art I", "Physical Education"),
    *("English 10", "Geometry", "Chemistry", "US History", "Chorus", "Health"),
    *("English 11", "Algebra II", "Physics", "Economics", "Band", "Computer Science"),
    *("English 12", "Precalculus", "Earth Science", "Civics", "Theater", "Woodworking"),
    *("Creative Writing", "Statistics", "Astronomy", "Geography", "Photography", "Nutrition"),
    *("Journalism", "Calculus", "Ecology", "Psychology", "Orchestra", "Robotics"),
)
NOW = "(extract(epoch from now()) * 1000000)::bigint"
ABSENCES = ("Excused Absence", "Unexcused Absence", "Tardy", "Partial")


def make_up(engine: Engine, students: int, today: date, detailed: int | None = None) -> None:
    """Fill empty tables with a district of so many students, its own row apart.

    Where `detailed` is given only so many of them have classes, grades and all that comes after.
    """
    indexes = [index for table in Base.metadata.sorted_tables for index in table.indexes]
    with engine.begin() as connection:
        connection.execute(text("set local work_mem = '256MB'"))
        connection.execute(text("set local maintenance_work_mem = '256MB'"))
        for index in indexes:
            index.drop(connection)
        filling = _Filling(connection, students, detailed or students, today - INTO_YEAR)
        for step in (filling.schools, filling.people, filling.classes, filling.work, filling.life):
            step()
        filling.accounts(Argon2Hasher().hash(Secret(PASSWORD)))
        for index in indexes:
            index.create(connection)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("vacuum analyze"))


class _Filling:
    """Write SQL expressions of `i`, the number of the row, into the columns of the tables."""

    def __init__(self, connection: Connection, people: int, detailed: int, start: date) -> None:
        self._connection = connection
        self._people = people
        self._students = detailed
        self._schools = -(-people // SCHOOL_SIZE)
        self._sections = self._schools * COURSES * GROUPS
        self._start = start

    def schools(self) -> None:
        """Add schools with their terms, details, notices and days."""
        schools, of_forty = self._schools, _id("schools", "i / 40")
        self._fill(Kind.SCHOOLS, schools, source_id="i", identifier="i", name="'School ' || i")
        self._fill(Kind.SCHOOL_DETAILS, schools, school_id=_id("schools", "i"), phone="'555-0100'")
        # Of each year first the whole of it, then its quarters; this year is the second.
        first = f"i / 5 * {YEAR} - {YEAR} + greatest(i % 5 - 1, 0) * {QUARTER}"
        self._fill(
            Kind.TERMS,
            10,
            title="case i % 5 when 0 then 'School Year' else 'Quarter ' || i % 5 end",
            type="case i % 5 when 0 then 'schoolYear' else 'term' end",
            start=self._day(first),
            end=self._day(f"{first} + case i % 5 when 0 then {4 * QUARTER} else {QUARTER} end - 1"),
            parent_id=f"case when i % 5 > 0 then {_id('terms', 'i / 5 * 5')} end",
            school_year=f"{self._start.year} + i / 5",
        )
        both = {"school_id": _id("schools", "i / 10"), "term_id": _id("terms", "i % 10")}
        self._fill(Kind.SCHOOL_TERMS, schools * 10, **both)
        notice = {"day": self._day("i * 3 % 120"), "title": "'Notice ' || i", "school_id": of_forty}
        self._fill(Kind.BULLETINS, schools * 40, text="repeat('Please read this. ', 20)", **notice)
        self._fill(Kind.EVENTS, schools * 40, **notice)

    def people(self) -> None:
        """Add students, the two parents of each two of them, and teachers."""
        school = _id("schools", f"i % {self._schools}")
        named = {"given_name": _one_of(GIVEN, "i"), "family_name": "'Family' || i / 2", "enabled": "true"}
        at_school = {"school_id": school, "school_ids": f"json_build_array({school})", "grade": "9 + i % 4"}
        self._fill(Kind.STUDENTS, self._people, source_id="i", identifier="i", **named, **at_school)
        contact = {**named, "family_key": "'family' || i / 2", "given_key": f"lower({_one_of(GIVEN, 'i')})"}
        self._fill(
            Kind.CONTACTS, self._people, source_id="i", identifier="'P' || i", role="'parent'", **contact
        )
        # Row 4f + r joins parent r / 2 of family f with its child r % 2.
        both = {"contact_id": _id("contacts", "i / 2"), "student_id": _id("students", "i / 4 * 2 + i % 2")}
        self._fill(Kind.RELATIONSHIPS, self._people * 2, relation="'mother'", **both)
        self._fill(Kind.PORTAL_ACCESS, self._people * 2, allowed="true", receives_email="true", **both)
        teacher = {"given_name": _one_of(GIVEN, "i * 5"), "family_name": "'Teacher' || i"}
        self._fill(Kind.STAFF, self._schools * COURSES, source_id="i", role="'teacher'", **teacher)

    def classes(self) -> None:
        """Add this year's classes and last year's, which the import of this year has retired."""
        sections, course = self._sections, f"i / {GROUPS} % {self._schools * COURSES}"
        self._fill(
            Kind.COURSES,
            self._schools * COURSES,
            title=_one_of(TITLES, f"i % {COURSES}"),
            school_id=_id("schools", f"i / {COURSES}"),
        )
        is_current = f"i < {sections}"
        this, last = (", ".join(_id("terms", str(n)) for n in terms) for terms in (range(6, 10), range(1, 5)))
        self._fill(
            Kind.SECTIONS,
            sections * 2,
            title="'Class ' || i",
            course_id=_id("courses", course),
            school_id=_id("schools", f"{course} / {COURSES}"),
            term_ids=f"array_to_json(case when {is_current} then array[{this}] else array[{last}] end)",
            periods=f"json_build_array((i / {GROUPS} % 6 + 1)::text)",
            retired_at=f"case when {is_current} then null else 1 end",
        )
        hour = {"start": f"'0' || 8 + i / {5 * GROUPS} % 2 || ':00'", "room": "'A' || i % 90"}
        meeting = {"section_id": _id("sections", "i / 5"), "period": f"i / {5 * GROUPS} % 6 + 1", **hour}
        self._fill(Kind.MEETINGS, sections * 5, weekday="i % 5 + 1", **meeting)
        teacher = {"person_id": _id("staff", f"i / {GROUPS}"), "section_id": _id("sections", "i")}
        self._fill(Kind.ENROLLMENTS, sections, id="md5('taught' || i)", role="'teacher'", **teacher)
        student = {"person_id": _id("students", f"i / {CLASSES}"), "role": "'student'"}
        for year, offset in ((0, sections), (1, 0)):
            self._fill(
                Kind.ENROLLMENTS,
                self._students * CLASSES,
                id=f"md5('attended{year}-' || i)",
                section_id=_id("sections", f"{self._section('i')} + {offset}"),
                retired_at="1" if year == 0 else "null",
                **student,
            )

    def work(self) -> None:
        """Add grades of six quarters, and scores."""
        for term in (1, 2, 3, 4, 6, 7):
            self._fill(
                Kind.TERM_GRADES,
                self._students * CLASSES,
                id=f"md5('graded{term}-' || i)",
                student_id=_id("students", f"i / {CLASSES}"),
                section_id=_id("sections", f"{self._section('i')} + {self._sections if term < 5 else 0}"),
                term_id=_id("terms", str(term)),
                letter=_one_of(("A", "B", "C", "D"), f"hashint4(i + {term}) & 3"),
                percent=f"60 + (hashint4(i + {term}) & 31) || '.5'",
                final="false" if term == 7 else "true",
                comment="case i % 5 when 0 then 'Works with care.' else '' end",
            )
        self._fill(
            Kind.ASSIGNMENTS,
            self._sections * TASKS,
            title=f"'Homework ' || i % {TASKS}",
            assigned=self._day(f"i % {TASKS} * 15"),
            due=self._day(f"i % {TASKS} * 15 + 20"),
            section_id=_id("sections", f"i / {TASKS}"),
            maximum="100",
        )
        self._fill(
            Kind.SCORES,
            self._students * CLASSES * TASKS,
            student_id=_id("students", f"i / {CLASSES * TASKS}"),
            assignment_id=_id("assignments", f"({self._section(f'i / {TASKS}')}) * {TASKS} + i % {TASKS}"),
            status="case i % 23 when 0 then 'not submitted' else 'fully graded' end",
            score="37 + (hashint4(i) & 63)",
            day=self._day(f"i % {TASKS} * 15 + 21"),
        )

    def life(self) -> None:
        """Add attendance, tests, money and wishes for next year."""
        # Four of ten last year; one of ten from a single class.
        day = f"(hashint4(i) & 1023) % 78 - case when i % 10 < 4 then {YEAR} else 0 end"
        self._fill(
            Kind.ATTENDANCE,
            self._students * 10,
            student_id=_id("students", "i / 10"),
            school_id=_id("schools", f"i / 10 % {self._schools}"),
            section_id=f"case i % 10 when 9 then {_id('sections', self._section('i / 10 * 6'))} end",
            day=self._day(day),
            category=_one_of(ABSENCES, "hashint4(i) >> 9 & 3"),
            reason="'Illness'",
        )
        test = {"test": "'Check ' || i % 4", "subject": "'Mathematics'", "score": "42", "maximum": "60"}
        of_four, day = _id("students", "i / 4"), self._day("i % 4 * 20")
        self._fill(Kind.TEST_RESULTS, self._students * 4, student_id=of_four, day=day, **test)
        self._fill(
            Kind.MONEY_ENTRIES,
            self._students * 12,
            student_id=_id("students", "i / 12"),
            day=self._day("i % 12 * 5"),
            account="case i % 12 when 11 then 'fees' else 'lunch' end",
            amount="case i % 12 when 0 then '30.00' else '-3.25' end",
        )
        course = _id("courses", f"i / 4 % {self._schools} * {COURSES} + i % 4")
        wish = {"school_year": str(self._start.year + 2), "status": "'requested'"}
        self._fill(Kind.COURSE_REQUESTS, self._students * 4, student_id=of_four, course_id=course, **wish)

    def accounts(self, password_hash: str) -> None:
        """Give every parent an account with both children, all with the same password; note the import."""
        done = {"number": "1", "at": NOW, "source": "'made up'", "mode": "'bulk'", "changed": "1"}
        self._insert(Base.metadata.tables[ImportRow.__tablename__], 1, done)
        account = {
            "account_id": _id("accounts", "i"),
            "username": "'parent' || i",
            "username_key": "'parent' || i",
            "display_name": "'Parent ' || i",
            "email": "null",
            "contact_id": _id("contacts", "i"),
            "password_hash": f"'{password_hash}'",
            "password_changed_at": NOW,
            "password_expired": "false",
            "created_at": "1",
        }
        self._insert(Base.metadata.tables[AccountRow.__tablename__], self._people, account)
        for word in ("'parent'", "i::text"):
            name = {"account_id": _id("accounts", "i"), "word": word}
            self._insert(Base.metadata.tables[AccountNameRow.__tablename__], self._people, name)
        link = {
            "link_id": _id("links", "i"),
            "account_id": _id("accounts", "i / 2"),
            "student_id": _id("students", "i / 4 * 2 + i % 2"),
            "relationship": "'mother'",
            "linked_at": "i",
        }
        self._insert(Base.metadata.tables[LinkRow.__tablename__], self._people * 2, link)

    def _fill(self, kind: Kind, count: int, **columns: str) -> None:
        own = {"id": _id(kind.value, "i"), "digest": r"'\x00'::bytea"}
        self._insert(table_of(kind), count, own | columns)

    def _insert(self, table: Table, count: int, columns: dict[str, str]) -> None:
        """Insert the rows 0 to count - 1; a text column that is not given stays empty."""
        texts = {c.name: c for c in table.columns if isinstance(c.type, (String, Exact))}
        values = {name: "''" for name, column in texts.items() if not column.nullable}
        values |= {c.name: "'[]'::json" for c in table.columns if isinstance(c.type, JSON) and not c.nullable}
        values |= {"district_id": f"'{DISTRICT}'", **columns}
        typed = [f"({value})::text" if name in texts else value for name, value in values.items()]
        numbers = text(f"generate_series(0, {count - 1}) as numbers(i)")
        # In the order of their keys, which is as good as none.
        key = next(column.name for column in table.primary_key if column.name != "district_id")
        rows = select(*map(literal_column, typed)).select_from(numbers).order_by(text(values[key]))
        self._connection.execute(insert(table).from_select(list(values), rows))

    def _section(self, row: str) -> str:
        """Return the class of this year that is the `row % 6`th of the student `row / 6`."""
        student = f"({row}) / {CLASSES}"
        course = f"{student} % {self._schools} * {COURSES} + ({row}) % {CLASSES} * 6 + {student} % 6"
        return f"({course}) * {GROUPS} + {student} / 7 % {GROUPS}"

    def _day(self, days: str) -> str:
        return f"date '{self._start}' + ({days})"


def _id(kind: str, number: str) -> str:
    return f"md5('{kind}' || ({number}))"


def _one_of(words: Sequence[str], number: str) -> str:
    listed = ", ".join(f"'{word}'" for word in words)
    return f"(array[{listed}])[({number}) % {len(words)} + 1]"
