"""Write, change and take back announcements, each by whoever is of the school that it is for."""

from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select

from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.districts import Districts
from portal.core.outcomes import Reason, Refused, Violation
from portal.helpdesk.announcing.outcomes import Announcement, Announcements, NewAnnouncement
from portal.helpdesk.staff.models import StaffRow
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Deed
from portal.sis.announcements import EVERY_SCHOOL, AnnouncementRow
from portal.sis.models import School

MOST_TITLE = 120
MOST_SHOWN = 100
# Longer than a school year nothing is news.
LONGEST_DAYS = 366
_DISTRICT = "district"


class Announcing:
    """Keep the announcements of a district."""

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context
        self._session = context.session

    def listed(self, member: StaffMember) -> Announcements | Refused:
        """Return what is announced or will be, and what was, of the member's own schools."""
        if not member.may(Deed.WRITE_ANNOUNCEMENTS):
            return Refused(Reason.FORBIDDEN)
        options = Districts(self._context).get_one(member.district).options
        today = self._today(member)
        newest = (AnnouncementRow.since.desc(), AnnouncementRow.written_at.desc())
        query = self._mine(member).order_by(*newest, AnnouncementRow.announcement_id)
        rows = list(self._session.scalars(query.limit(MOST_SHOWN)))
        named = self._names(rows)
        shown = [_shown(row, named) for row in rows]
        return Announcements(
            current=[each for each in shown if each.until >= today],
            over=[each for each in shown if each.until < today],
            schools=self._schools(member),
            languages=options.locales,
            is_shown=options.school_bulletin,
            today=today,
            every_school=not member.is_of_schools,
        )

    def one(self, member: StaffMember, announcement_id: str) -> Announcement | Refused:
        """Return one announcement, to be changed."""
        if not member.may(Deed.WRITE_ANNOUNCEMENTS):
            return Refused(Reason.FORBIDDEN)
        row = self._found(member, announcement_id)
        return Refused(Reason.NOT_FOUND) if row is None else _shown(row, self._names([row]))

    def write(self, member: StaffMember, new: NewAnnouncement, *, request_id: str) -> Announcement | Refused:
        """Announce something; the same request again is ALREADY_DONE."""
        refused = self._refused(member, new)
        if refused:
            return refused
        if self._session.get(AnnouncementRow, request_id) is not None:
            return Refused(Reason.ALREADY_DONE)
        row = AnnouncementRow(
            announcement_id=request_id,
            district_id=member.district,
            written_by=member.staff_id,
            version=0,
        )
        self._session.add(row)
        return self._put(member, row, new, AuditEvent.ANNOUNCEMENT_WRITTEN)

    def change(
        self, member: StaffMember, announcement_id: str, new: NewAnnouncement, *, version: int
    ) -> Announcement | Refused:
        """Change an announcement; OUTDATED when somebody changed it since it was shown."""
        refused = self._refused(member, new)
        if refused:
            return refused
        row = self._found(member, announcement_id, to_change=True)
        if row is None:
            return Refused(Reason.NOT_FOUND)
        if row.version != version:
            return Refused(Reason.OUTDATED)
        return self._put(member, row, new, AuditEvent.ANNOUNCEMENT_CHANGED)

    def remove(self, member: StaffMember, announcement_id: str) -> Announcement | Refused:
        """Take an announcement back; parents no longer see it."""
        if not member.may(Deed.WRITE_ANNOUNCEMENTS):
            return Refused(Reason.FORBIDDEN)
        row = self._found(member, announcement_id, to_change=True)
        if row is None:
            return Refused(Reason.NOT_FOUND)
        row.removed_at = self._context.now
        self._session.flush()
        self._note(member, row, AuditEvent.ANNOUNCEMENT_REMOVED)
        return _shown(row, {})

    def _put(
        self, member: StaffMember, row: AnnouncementRow, new: NewAnnouncement, event: AuditEvent
    ) -> Announcement:
        row.school_id, row.since, row.until = new.school, new.since, new.until
        row.texts = {language: list(text) for language, text in new.texts.items()}
        row.written_at = self._context.now
        row.version += 1
        self._session.flush()
        self._note(member, row, event)
        return _shown(row, {member.staff_id: member.name})

    def _note(self, member: StaffMember, row: AnnouncementRow, event: AuditEvent) -> None:
        Audit(self._context).record(
            member.district,
            event,
            subject=f"announcement:{row.announcement_id}",
            by=member.by,
            since=row.since.isoformat(),
            until=row.until.isoformat(),
            languages=", ".join(row.texts),
        )

    def _refused(self, member: StaffMember, new: NewAnnouncement) -> Refused | None:
        if not member.may(Deed.WRITE_ANNOUNCEMENTS):
            return Refused(Reason.FORBIDDEN)
        if not (
            new.school in self._schools(member) or (new.school == EVERY_SCHOOL and not member.is_of_schools)
        ):
            return Refused(Reason.NOT_FOUND)
        languages = Districts(self._context).get_one(member.district).options.locales
        wrong = [*_wrong_days(new), *_wrong_texts(new, languages[0])]
        return Refused(Reason.FIELDS_REFUSED, violations=tuple(wrong)) if wrong else None

    def _found(
        self, member: StaffMember, announcement_id: str, *, to_change: bool = False
    ) -> AnnouncementRow | None:
        query = self._mine(member).where(AnnouncementRow.announcement_id == announcement_id)
        return self._session.scalar(query.with_for_update() if to_change else query)

    def _mine(self, member: StaffMember) -> Select[AnnouncementRow]:
        query = select(AnnouncementRow).where(
            AnnouncementRow.district_id == member.district, AnnouncementRow.removed_at.is_(None)
        )
        if not member.is_of_schools:
            return query
        return query.where(AnnouncementRow.school_id.in_(sorted(member.schools)))

    def _schools(self, member: StaffMember) -> dict[str, str]:
        query = select(School.id, School.name).where(
            School.district_id == member.district, School.retired_at.is_(None), School.type != _DISTRICT
        )
        if member.is_of_schools:
            query = query.where(School.id.in_(sorted(member.schools)))
        return {row.id: row.name for row in self._session.execute(query.order_by(School.name))}

    def _names(self, rows: list[AnnouncementRow]) -> dict[str, str]:
        query = select(StaffRow.staff_id, StaffRow.name).where(
            StaffRow.staff_id.in_({row.written_by for row in rows})
        )
        return {row.staff_id: row.name for row in self._session.execute(query)}

    def _today(self, member: StaffMember) -> date:
        zone = Districts(self._context).get_one(member.district).options.time_zone
        return self._context.now.astimezone(ZoneInfo(zone)).date()


def _wrong_days(new: NewAnnouncement) -> list[Violation]:
    if new.until < new.since:
        return [Violation("until_before", field="until")]
    if (new.until - new.since).days > LONGEST_DAYS:
        return [Violation("too_long_shown", field="until")]
    return []


def _wrong_texts(new: NewAnnouncement, first: str) -> list[Violation]:
    # Whoever has no text in their own language reads it in the first one, so that one must be there.
    wrong = [] if first in new.texts else [Violation("empty", field=f"title.{first}")]
    for language, (title, text) in new.texts.items():
        wrong += [
            Violation("empty", field=f"{name}.{language}")
            for name, typed in (("title", title), ("text", text))
            if not typed.strip()
        ]
        if len(title) > MOST_TITLE:
            wrong.append(Violation("too_long", field=f"title.{language}"))
    return wrong


def _shown(row: AnnouncementRow, named: dict[str, str]) -> Announcement:
    texts = {language: (text[0], text[1]) for language, text in row.texts.items()}
    return Announcement(
        id=row.announcement_id,
        school=row.school_id,
        since=row.since,
        until=row.until,
        texts=texts,
        by=named.get(row.written_by, ""),
        at=row.written_at,
        version=row.version,
    )
