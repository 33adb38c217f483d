"""Answer about a child's schools: address and numbers, the bulletin, the days of the calendar."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import chain

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from portal.records.answers import Question
from portal.records.school_life import Bulletin, CalendarDay, Notice, SchoolCard, SchoolInformation
from portal.sis.announcements import EVERY_SCHOOL, AnnouncementRow
from portal.sis.models import Bulletin as BulletinRow
from portal.sis.models import School, SchoolDetails, SchoolEvent, Student

# What was announced in the last week is current, and two weeks are what a family plans ahead.
CURRENT = timedelta(days=6)
AHEAD = timedelta(days=14)


class Schools:
    """Answer about the schools of one student."""

    def __init__(self, session: Session, student: Student, today: date) -> None:
        """Take the student and today in the district's time zone."""
        self._session = session
        self._district = student.district_id
        self._ids = list(dict.fromkeys([student.school_id, *student.school_ids]))
        self._today = today

    def information(self, label: str, *, maps: bool) -> SchoolInformation:
        """Say where the schools are and how they are reached; their maps only where those are on."""
        query = select(SchoolDetails).where(
            SchoolDetails.district_id == self._district,
            SchoolDetails.school_id.in_(self._ids),
            SchoolDetails.retired_at.is_(None),
        )
        details = {each.school_id: each for each in self._session.scalars(query)}
        cards = [_card(school, details.get(school.id), maps=maps) for school in self._schools()]
        return SchoolInformation(label, tuple(cards), maps)

    def bulletin(self, label: str, question: Question) -> Bulletin:
        """Tell what was announced lately, or in the range that was asked for."""
        asked = question.since is not None or question.until is not None
        until = question.until or max(self._today, question.since or self._today)
        since = question.since or until - CURRENT
        schools = self._schools()
        named = [school.id for school in (*schools, *self._above(schools))]
        written = self._written(named, *((since, until) if asked else (self._today, self._today)))
        notices = _newest_first(written, self._announced(named, since, until))
        days = (since, until) if asked else (self._today, self._today + AHEAD)
        return Bulletin(
            student=label,
            schools=tuple(school.name for school in schools),
            notices=notices,
            older=() if notices else self._last_before(named, since),
            calendar=self._days(named, *days),
            since=since if asked else None,
            until=until if asked else None,
        )

    def calendar(self, since: date, until: date) -> tuple[CalendarDay, ...]:
        """Return the days of the schools' calendars in a range."""
        schools = self._schools()
        return self._days([school.id for school in (*schools, *self._above(schools))], since, until)

    def events_since(self, since: date) -> list[SchoolEvent]:
        """Return the days of the schools' calendars from a day on; what two schools share, once."""
        schools = self._schools()
        named = [school.id for school in (*schools, *self._above(schools))]
        query = self._events(named).where(SchoolEvent.day >= since).order_by(SchoolEvent.day, SchoolEvent.id)
        return list({(each.day, each.title): each for each in self._session.scalars(query)}.values())

    def _schools(self) -> list[School]:
        query = select(School).where(School.district_id == self._district, School.id.in_(self._ids))
        found = {school.id: school for school in self._session.scalars(query)}
        return [found[key] for key in self._ids if key in found]

    def _above(self, schools: Sequence[School]) -> list[School]:
        # What the district announces is for each of its schools.
        ids = {school.parent_id for school in schools if school.parent_id} - set(self._ids)
        query = select(School).where(School.district_id == self._district, School.id.in_(ids))
        return list(self._session.scalars(query)) if ids else []

    def _announced(self, schools: Sequence[str], since: date, until: date) -> tuple[Notice, ...]:
        # A notice that is dated ahead is not announced yet.
        query = self._notices(schools).where(BulletinRow.day.between(since, min(until, self._today)))
        rows = self._session.scalars(query.order_by(BulletinRow.day.desc(), BulletinRow.id))
        return tuple(Notice(row.day, row.title, row.text) for row in rows)

    def _written(self, schools: Sequence[str], since: date, until: date) -> tuple[Notice, ...]:
        # What is over is no news, unless a range is asked for that is over as well.
        since, until = max(since, min(self._today, until)), min(until, self._today)
        query = select(AnnouncementRow).where(
            AnnouncementRow.district_id == self._district,
            AnnouncementRow.school_id.in_((EVERY_SCHOOL, *schools)),
            AnnouncementRow.removed_at.is_(None),
            AnnouncementRow.since <= until,
            AnnouncementRow.until >= since,
        )
        order = (AnnouncementRow.written_at, AnnouncementRow.announcement_id)
        return tuple(_notice(row) for row in self._session.scalars(query.order_by(*order)))

    def _last_before(self, schools: Sequence[str], day: date) -> tuple[Notice, ...]:
        before = self._notices(schools).where(BulletinRow.day < day, BulletinRow.day <= self._today)
        last = self._session.scalar(before.with_only_columns(func.max(BulletinRow.day)))
        return self._announced(schools, last, last) if last else ()

    def _notices(self, schools: Sequence[str]) -> Select[BulletinRow]:
        return select(BulletinRow).where(
            BulletinRow.district_id == self._district,
            BulletinRow.school_id.in_(schools),
            BulletinRow.retired_at.is_(None),
        )

    def _days(self, schools: Sequence[str], since: date, until: date) -> tuple[CalendarDay, ...]:
        query = self._events(schools).where(SchoolEvent.day.between(since, until))
        rows = self._session.scalars(query.order_by(SchoolEvent.day, SchoolEvent.title))
        return tuple(dict.fromkeys(CalendarDay(row.day, row.title) for row in rows))

    def _events(self, schools: Sequence[str]) -> Select[SchoolEvent]:
        return select(SchoolEvent).where(
            SchoolEvent.district_id == self._district,
            SchoolEvent.school_id.in_(schools),
            SchoolEvent.retired_at.is_(None),
        )


def _notice(row: AnnouncementRow) -> Notice:
    told = tuple((language, text[0], text[1]) for language, text in row.texts.items())
    return Notice(row.since, told[0][1], told[0][2], told if len(told) > 1 else ())


def _newest_first(*notices: tuple[Notice, ...]) -> tuple[Notice, ...]:
    return tuple(sorted(chain(*notices), key=lambda notice: notice.date, reverse=True))


def _card(school: School, details: SchoolDetails | None, *, maps: bool) -> SchoolCard:
    if details is None:
        return SchoolCard(school.name)
    return SchoolCard(
        name=school.name,
        address=details.address,
        city=details.city,
        postal_code=details.postal_code,
        phone=details.phone,
        fax=details.fax,
        email=details.email,
        hours=details.hours,
        map_url=details.map_url if maps else "",
    )
