"""Count what a district has and lacks before its families come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from portal.core.context import Context
from portal.helpdesk.staff.models import StaffRow
from portal.sis.announcements import AnnouncementRow
from portal.sis.models import (
    AccessCredential,
    Bulletin,
    Contact,
    CourseOffering,
    ImportRow,
    MoneyEntry,
    Relationship,
    School,
    Student,
)

_DISTRICT = "district"


@dataclass(frozen=True, slots=True)
class Stock:
    """Hold the counts; `schools` are the names by what the district's options call them.

    `reachable` are the students with a contact who has an e-mail address.
    """

    imported_at: datetime | None
    schools: Mapping[str, str]
    students: int
    with_letter: int
    reachable: int
    notices: int
    money_entries: int
    offerings: int
    staff: Mapping[str, int]


class Readiness:
    """Count in one transaction."""

    def __init__(self, context: Context) -> None:
        """Take the transaction."""
        self._session = context.session

    def of(self, district: str) -> Stock:
        """Return what there is of a district."""
        last = select(func.max(ImportRow.at)).where(ImportRow.district_id == district)
        return Stock(
            imported_at=self._session.scalar(last),
            schools=self._schools(district),
            students=self._alive(district, Student),
            with_letter=self._with_letter(district),
            reachable=self._reachable(district),
            notices=self._alive(district, Bulletin) + self._announced(district),
            money_entries=self._alive(district, MoneyEntry),
            offerings=self._alive(district, CourseOffering),
            staff=self._staff(district),
        )

    def _alive(self, district: str, table: Any) -> int:
        query = select(func.count()).select_from(table)
        found = self._session.scalar(query.where(table.district_id == district, table.retired_at.is_(None)))
        return found or 0

    def _announced(self, district: str) -> int:
        query = select(func.count()).select_from(AnnouncementRow)
        mine = (AnnouncementRow.district_id == district, AnnouncementRow.removed_at.is_(None))
        return self._session.scalar(query.where(*mine)) or 0

    def _with_letter(self, district: str) -> int:
        query = select(func.count()).select_from(AccessCredential)
        minted = (AccessCredential.district_id == district, AccessCredential.password_mac.is_not(None))
        return self._session.scalar(query.where(*minted)) or 0

    def _reachable(self, district: str) -> int:
        query = select(func.count(func.distinct(Relationship.student_id))).where(
            Relationship.district_id == district,
            Relationship.retired_at.is_(None),
            Contact.district_id == district,
            Contact.id == Relationship.contact_id,
            Contact.retired_at.is_(None),
            Contact.email != "",
        )
        return self._session.scalar(query) or 0

    def _schools(self, district: str) -> dict[str, str]:
        query = select(School.identifier, School.name).where(
            School.district_id == district, School.retired_at.is_(None), School.type != _DISTRICT
        )
        return {row.identifier: row.name for row in self._session.execute(query)}

    def _staff(self, district: str) -> dict[str, int]:
        query = select(StaffRow.role, func.count().label("number")).where(
            StaffRow.district_id == district, StaffRow.disabled_at.is_(None)
        )
        return {row.role: row.number for row in self._session.execute(query.group_by(StaffRow.role))}
