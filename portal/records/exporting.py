"""Hand staff what families registered for, each line once, for the school's own system."""

from zoneinfo import ZoneInfo

from sqlalchemy import Select, or_, select

from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.districts import Districts
from portal.records.course_requests import RegistrationLine
from portal.records.course_wishes import State, is_taken_over
from portal.records.models import RegistrationRow
from portal.sis.models import CourseOffering, Student

# As x_course_requests.csv calls a request; what was taken back has no word there.
REQUESTED = "requested"


class Registrations:
    """Let staff of a district fetch what was registered."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context

    def fetch(self, district: str, *, by: str, again: bool = False) -> tuple[RegistrationLine, ...]:
        """Return what staff have not fetched, or everything, and note that it was fetched; audited.

        What the school's system has by now is left out: it came from there. One that was taken back is
        handed over only if it was fetched before.
        """
        zone = ZoneInfo(Districts(self._context).get_one(district).options.time_zone)
        lines = []
        for row, student, course in self._context.session.execute(_kept(district, again=again)):
            status = REQUESTED if row.state == State.REGISTERED.value else row.state
            at = row.changed_at.astimezone(zone)
            lines.append(RegistrationLine(student, course, row.school_year, status, at))
            row.exported_on = self._context.now.astimezone(zone).date()
        self._context.session.flush()
        event = AuditEvent.REGISTRATIONS_SEEN
        Audit(self._context).record(district, event, by=by, lines=len(lines), again=again)
        return tuple(lines)


def _kept(district: str, *, again: bool) -> Select[RegistrationRow, str, str]:
    query = (
        select(RegistrationRow, Student.identifier, CourseOffering.source_id)
        .join(Student, (Student.district_id == district) & (Student.id == RegistrationRow.student_id))
        .join(
            CourseOffering,
            (CourseOffering.district_id == district)
            & (CourseOffering.course_id == RegistrationRow.course_id)
            & (CourseOffering.school_year == RegistrationRow.school_year),
        )
        .where(RegistrationRow.district_id == district, RegistrationRow.state != State.DROPPED.value)
        .order_by(RegistrationRow.changed_at, Student.identifier, CourseOffering.source_id)
    )
    # Locked, so that of two who fetch at once each gets other lines.
    query = query.with_for_update(of=RegistrationRow)
    if again:
        return query
    # What was taken back is handed over even where the school has the request by now.
    is_new = or_(RegistrationRow.state == State.WITHDRAWN.value, ~is_taken_over())
    return query.where(RegistrationRow.exported_on.is_(None), is_new)
