"""Begin runs of letters: for whom one is to be printed, and on which sheet."""

from collections.abc import Mapping, Sequence
from uuid import uuid4

from sqlalchemy import ColumnElement, Insert, Select, and_, exists, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portal.accounts.names import is_storable
from portal.accounts.piloting import Pilot
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.districts import Districts
from portal.core.outcomes import Reason, Refused
from portal.helpdesk.onboarding.households import Family, Households, numbered
from portal.helpdesk.onboarding.models import LetterRow, LetterRunRow
from portal.helpdesk.onboarding.outcomes import AUTO, Layout, LettersAsked, NothingToPrint
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.scope import Scope
from portal.sis.models import School, Student

WHOLE_DISTRICT = "district"
STUDENT = "student:"
LONGEST_NAME = 64


class AskingForLetters:
    """Begin one run for one member of staff, inside one transaction."""

    def __init__(self, context: Context, member: StaffMember) -> None:
        """Work for one member of staff."""
        self._context = context
        self._session: Session = context.session
        self._member = member
        self._scope = Scope(context, member)
        self._pilot = Pilot(context, Districts(context).get_one(member.district))

    def begin(self, asked: LettersAsked) -> str | NothingToPrint | Refused:
        """Return the run's id; a form sent twice, or an open run for the same, is the same run."""
        school = self._school(asked)
        if isinstance(school, Refused):
            return school
        if not self._takes_part(asked, school):
            return Refused(Reason.NOT_IN_PILOT)
        open_for = f"{STUDENT}{asked.student}" if asked.student else school or WHOLE_DISTRICT
        known = self._known(asked, open_for)
        if known is not None:
            return known
        students = list(self._session.scalars(self._students(asked, school)))
        if not students:
            return NothingToPrint(self._count(school))
        run_id = uuid4().hex
        self._session.execute(self._insert_once().values(self._run(run_id, school, open_for, asked)))
        # Whoever asked for the same in the same moment may have been first.
        first = self._known(asked, open_for) or run_id
        if first == run_id:
            self._add(run_id, asked, students)
        return first

    def _school(self, asked: LettersAsked) -> str | Refused:
        given = (asked.school, asked.student, asked.request_id)
        if max(map(len, given)) > LONGEST_NAME or not is_storable(*given):
            return Refused(Reason.NOT_FOUND)
        if asked.student:
            wanted = and_(Student.id == asked.student, self._scope.students(), present())
            school = self._session.scalar(select(Student.school_id).where(wanted))
            return Refused(Reason.NOT_FOUND) if school is None else school
        if not asked.school:
            # What spans the schools of a district is not for those who see some of them only.
            return Refused(Reason.NOT_FOUND) if self._member.is_of_schools else ""
        return asked.school if self._sees_school(asked.school) else Refused(Reason.NOT_FOUND)

    def _sees_school(self, school: str) -> bool:
        if self._member.is_of_schools and school not in self._member.schools:
            return False
        here = (School.district_id == self._member.district, School.id == school, School.retired_at.is_(None))
        return self._session.scalar(select(School.id).where(*here)) is not None

    def _takes_part(self, asked: LettersAsked, school: str) -> bool:
        """Tell whether there is anybody whom a pilot serves; a letter to another would lead to a refusal."""
        there = [Student.school_id == school] if school and not asked.student else []
        there += [Student.id == asked.student] if asked.student else []
        is_there = select(Student.id).where(self._scope.students(), present(), *there).limit(1)
        served = self._session.scalar(is_there.where(self._pilot.handed(asked.student)))
        return served is not None or self._session.scalar(is_there) is None

    def _known(self, asked: LettersAsked, open_for: str) -> str | None:
        mine = LetterRunRow.district_id == self._member.district
        same = (LetterRunRow.request_id == asked.request_id) | (LetterRunRow.open_for == open_for)
        order = (LetterRunRow.request_id != asked.request_id).asc()
        return self._session.scalars(select(LetterRunRow.run_id).where(mine, same).order_by(order)).first()

    def _students(self, asked: LettersAsked, school: str) -> Select[Student]:
        wanted = [self._scope.students(), present(), self._pilot.handed(asked.student)]
        if asked.student:
            wanted.append(Student.id == asked.student)
        elif school:
            wanted.append(Student.school_id == school)
        if not (asked.again or asked.student):
            wanted.append(~has_letter())
        joined = and_(School.district_id == Student.district_id, School.id == Student.school_id)
        order = (School.name, Student.grade, Student.family_name, Student.given_name, Student.id)
        return select(Student).outerjoin(School, joined).where(*wanted).order_by(*order)

    def _count(self, school: str) -> int:
        at = Student.school_id == school if school else Student.district_id == self._member.district
        counted = select(func.count()).select_from(Student).where(self._scope.students(), present(), at)
        counted = counted.where(self._pilot.students())
        return self._session.scalars(counted).one()

    def _run(self, run_id: str, school: str, open_for: str, asked: LettersAsked) -> dict[str, object]:
        return {
            "run_id": run_id,
            "district_id": self._member.district,
            "school_id": school,
            "open_for": open_for,
            "request_id": asked.request_id,
            "language": asked.language,
            "layout": asked.layout.value,
            "asked_by": self._member.by,
            "begun_at": self._context.now,
        }

    def _insert_once(self) -> Insert:
        if self._session.get_bind().dialect.name == "postgresql":
            return postgresql.insert(LetterRunRow).on_conflict_do_nothing()
        return sqlite.insert(LetterRunRow).on_conflict_do_nothing()

    def _add(self, run_id: str, asked: LettersAsked, students: Sequence[Student]) -> None:
        families = Households(self._session, self._member.district).of([each.id for each in students])
        alone = asked.layout is Layout.EACH
        placed = list(enumerate(students)) if alone else None
        sheets = [(each, n) for n, each in placed] if placed is not None else numbered(students, families)
        languages = self._languages(asked, sheets, families)
        rows = [
            {
                "letter_id": uuid4().hex,
                "district_id": self._member.district,
                "run_id": run_id,
                "student_id": student.id,
                "position": position,
                "household": sheet,
                "language": languages[sheet],
                "seed": self._context.new_token(),
            }
            for position, (student, sheet) in enumerate(sheets)
        ]
        self._session.execute(insert(LetterRow), rows)
        Audit(self._context).record(
            self._member.district,
            AuditEvent.LETTERS_ASKED,
            by=self._member.by,
            run=run_id,
            letters=len(rows),
            language=asked.language,
            again=asked.again,
        )

    def _languages(
        self,
        asked: LettersAsked,
        sheets: Sequence[tuple[Student, int]],
        families: Mapping[str, Family],
    ) -> dict[int, str]:
        """Return the language of each sheet; what is known of one sibling's parents holds for the sheet."""
        main = Districts(self._context).get_one(self._member.district).options.locales[0]
        if asked.language != AUTO:
            return dict.fromkeys({sheet for _, sheet in sheets}, asked.language)
        found: dict[int, str] = {}
        for student, sheet in sheets:
            found[sheet] = found.get(sheet) or families[student.id].language
        return {sheet: language or main for sheet, language in found.items()}


def asked_for(open_for: str | None) -> str:
    """Return the one student whom a run is for; empty for any other run."""
    return (open_for or "").partition(STUDENT)[2]


def present() -> ColumnElement[bool]:
    """Return the condition on `Student` that the school has the student and opens the record."""
    return and_(Student.retired_at.is_(None), Student.enabled.is_(True))


def has_letter() -> ColumnElement[bool]:
    """Return the condition on `Student` that a letter is printed, or about to be."""
    return exists().where(
        LetterRow.district_id == Student.district_id,
        LetterRow.student_id == Student.id,
        LetterRow.superseded_at.is_(None),
    )
