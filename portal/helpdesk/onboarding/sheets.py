"""Read what stands on the letters of a run, as long as it can be derived."""

from itertools import groupby

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from portal.accounts.claims import full_name, links_by_access_id
from portal.core.context import Context
from portal.core.districts import District
from portal.core.keys import Keys
from portal.helpdesk.onboarding.models import LetterRow
from portal.helpdesk.onboarding.outcomes import ChildOnLetter, LetterRun, LettersReady, SheetOfLetter
from portal.sis.identity import derived_access_password
from portal.sis.models import AccessCredential, School, SchoolDetails, Student


class Sheets:
    """Put the sheets of one run together."""

    def __init__(self, context: Context, district: District) -> None:
        """Work in one transaction, for one district."""
        self._context = context
        self._session: Session = context.session
        self._district = district
        self._with_password = links_by_access_id(district)

    def of(self, run: LetterRun, served: ColumnElement[bool]) -> LettersReady:
        """Return the sheets in their order, without letters that newer ones took the place of.

        `served` is the condition on `Student` that a letter is handed out now.
        """
        rows = self._rows(run, served)
        sheets = [
            SheetOfLetter(letters[0][0].language, tuple(self._child(*each) for each in letters))
            for letters in (list(group) for _, group in groupby(rows, lambda each: each[0].household))
        ]
        now = self._context.now
        return LettersReady(
            run=run,
            district=self._district,
            sheets=tuple(sheets),
            printed_at=min((letter.printed_at or now for letter, *_ in rows), default=now),
            codes_until=min((letter.code_until or now for letter, *_ in rows), default=now),
            phones=self._phones(),
            left_out=self._made(run) - len(rows),
        )

    def _rows(
        self, run: LetterRun, served: ColumnElement[bool]
    ) -> list[tuple[LetterRow, Student, str | None, str | None]]:
        student = and_(Student.district_id == LetterRow.district_id, Student.id == LetterRow.student_id)
        school = and_(School.district_id == Student.district_id, School.id == Student.school_id)
        code = and_(
            AccessCredential.district_id == Student.district_id, AccessCredential.student_id == Student.id
        )
        printed = (LetterRow.run_id == run.run_id, LetterRow.printed_at.is_not(None))
        valid = (LetterRow.superseded_at.is_(None), LetterRow.seed.is_not(None))
        query = (
            select(LetterRow, Student, School.name, AccessCredential.access_id)
            .join(Student, student)
            .outerjoin(School, school)
            .outerjoin(AccessCredential, code)
            .where(*printed, *valid, served)
            .order_by(LetterRow.position)
        )
        return list(self._session.execute(query))

    def _child(
        self, letter: LetterRow, student: Student, school: str | None, access_id: str | None
    ) -> ChildOnLetter:
        keys, seed = self._context.keys, letter.seed or ""
        with_password = self._with_password
        return ChildOnLetter(
            student_id=student.id,
            name=full_name(student),
            school=school or "",
            grade=student.grade,
            access_id=access_id or "" if with_password else "",
            password=derived_access_password(keys, seed) if with_password else None,
            code=letter_code(keys, seed),
        )

    def _phones(self) -> dict[str, str]:
        query = (
            select(School.name, SchoolDetails.phone)
            .join(
                SchoolDetails,
                and_(
                    SchoolDetails.district_id == School.district_id,
                    SchoolDetails.school_id == School.id,
                    SchoolDetails.retired_at.is_(None),
                ),
            )
            .where(School.district_id == self._district.slug, School.retired_at.is_(None))
        )
        return {name: phone for name, phone in self._session.execute(query) if phone}

    def _made(self, run: LetterRun) -> int:
        mine = LetterRow.run_id == run.run_id
        return self._session.scalars(select(func.count()).select_from(LetterRow).where(mine)).one()


def letter_code(keys: Keys, seed: str) -> str:
    """Return the code of a letter's link, derived like its access password but with another key."""
    return keys.token("letter code", seed)
