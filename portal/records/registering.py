"""Show course requests, register for next year's courses and take a registration back."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from portal.accounts.outcomes import LiveSession
from portal.accounts.sessions import Sessions
from portal.core.audit import Audit, AuditEvent
from portal.core.context import Context
from portal.core.outcomes import Reason, Refused
from portal.records.choosing import Choosing
from portal.records.course_catalog import Offered
from portal.records.course_requests import CourseRequests, Registered, RegistrationChecked, Withdrawn
from portal.records.course_wishes import State
from portal.records.family import Family
from portal.records.models import RegistrationRow

Rows = Mapping[str, RegistrationRow]


@dataclass(frozen=True, slots=True)
class _Wish:
    """Join who asks with what the child may choose; `turn` names the message or form that asked."""

    live: LiveSession
    choosing: Choosing
    turn: str = ""

    def key(self, course: str) -> str:
        """Return the id of the row that this turn writes for a course."""
        catalog = self.choosing.catalog
        told = (self.live.account_id, self.turn, catalog.student.id, catalog.school_year, course)
        return hashlib.sha256("\n".join(told).encode()).hexdigest()[:32]


class Registration:
    """Answer whoever is signed in on a conversation about the courses of the next school year.

    Who asks is taken from the live session; what was typed only chooses among the children linked to
    it and among the courses that are offered. What is registered belongs to the child: each of its
    parents sees it and may take it back, and none is told which of them it was.
    """

    def __init__(self, context: Context) -> None:
        """Work in one transaction."""
        self._context = context
        self._session = context.session

    def view(self, conversation: str, child: str | None) -> CourseRequests | Refused:
        """Return what is requested for a child, when registration is open, and what is offered."""
        wish = self._wish(conversation, child)
        return wish if isinstance(wish, Refused) else wish.choosing.view()

    def check(
        self, conversation: str, child: str | None, courses: Sequence[str]
    ) -> RegistrationChecked | Refused:
        """Return what would become of registering for courses, named as typed or by their ids."""
        wish = self._wish(conversation, child)
        return wish if isinstance(wish, Refused) else wish.choosing.check(courses)

    def check_withdrawal(
        self, conversation: str, child: str | None, courses: Sequence[str]
    ) -> RegistrationChecked | Refused:
        """Return what would become of taking courses back."""
        wish = self._wish(conversation, child)
        return wish if isinstance(wish, Refused) else wish.choosing.check_withdrawal(courses)

    def register(
        self, conversation: str, child: str | None, courses: Sequence[str], turn: str
    ) -> Registered | RegistrationChecked | Refused:
        """Register for all the courses, or for none and return what is wrong.

        The same `turn` again writes nothing and returns the same.
        """
        wish = self._wish(conversation, child, turn)
        if isinstance(wish, Refused):
            return wish
        choosing = wish.choosing
        meant = {each.course_id: each for each in choosing.named(courses) if isinstance(each, Offered)}
        choosing.look_again(meant)
        rows = choosing.wishes.own_rows()
        if meant and all(_is_registered(wish, rows.get(course)) for course in meant):
            checked = choosing.check([])
            return self._registered(wish, checked, [each.title for each in meant.values()], rows)
        checked = choosing.check(courses)
        if not checked.is_right:
            return checked
        for choice in checked.courses:
            self._put(wish, rows.get(choice.course_id), choice.course_id)
        self._record(wish, AuditEvent.COURSES_REGISTERED, len(checked.courses))
        return self._registered(wish, checked, checked.titles, choosing.wishes.own_rows())

    def withdraw(
        self, conversation: str, child: str | None, courses: Sequence[str], turn: str
    ) -> Withdrawn | RegistrationChecked | Refused:
        """Take back all the courses that were registered here, or none and return what is wrong.

        The same `turn` again writes nothing and returns the same.
        """
        wish = self._wish(conversation, child, turn)
        if isinstance(wish, Refused):
            return wish
        choosing = wish.choosing
        choosing.look_again(())
        rows = choosing.wishes.own_rows()
        done = [course for course, row in rows.items() if _is_taken_back(wish, row)]
        if done:
            titles = choosing.catalog.titles(done)
            return self._withdrawn(wish, sorted(titles.values()), rows[done[0]])
        checked = choosing.check_withdrawal(courses)
        if not checked.is_right:
            return checked
        for choice in checked.courses:
            self._take_back(wish, rows[choice.course_id])
        self._record(wish, AuditEvent.COURSES_WITHDRAWN, len(checked.courses))
        return self._withdrawn(wish, checked.titles, rows[checked.courses[0].course_id])

    def _wish(self, conversation: str, child: str | None, turn: str = "") -> _Wish | Refused:
        live = Sessions(self._context).current(conversation)
        if isinstance(live, Refused):
            return live
        family = Family(self._context, live)
        options = family.district().options
        if not options.class_registration:
            return Refused(Reason.TURNED_OFF)
        # Looked up anew each time: whoever lost access since the summary was shown registers nothing.
        linked = family.children.find(child)
        if isinstance(linked, Refused):
            return linked
        terms = family.terms_of(linked.student)
        zone = ZoneInfo(options.time_zone)
        return _Wish(live, Choosing(self._session, linked, terms, zone, family.today()), turn)

    def _put(self, wish: _Wish, row: RegistrationRow | None, course: str) -> None:
        now = self._context.now
        if row is None:
            catalog = wish.choosing.catalog
            row = RegistrationRow(
                district_id=wish.live.district,
                student_id=catalog.student.id,
                course_id=course,
                school_year=catalog.school_year,
            )
        row.registration_id = wish.key(course)
        row.account_id = wish.live.account_id
        row.state = State.REGISTERED.value
        row.created_at = row.changed_at = now
        row.exported_on = None
        self._session.add(row)
        self._session.flush()

    def _take_back(self, wish: _Wish, row: RegistrationRow) -> None:
        fetched = row.exported_on is not None
        row.registration_id = wish.key(row.course_id)
        row.account_id = wish.live.account_id
        row.state = (State.WITHDRAWN if fetched else State.DROPPED).value
        row.changed_at = self._context.now
        row.exported_on = None
        self._session.flush()

    def _record(self, wish: _Wish, event: AuditEvent, count: int) -> None:
        subject = f"account:{wish.live.account_id}"
        year = wish.choosing.catalog.school_year
        Audit(self._context).record(
            wish.live.district, event, subject=subject, courses=count, school_year=year
        )

    def _registered(
        self, wish: _Wish, checked: RegistrationChecked, titles: Sequence[str], rows: Rows
    ) -> Registered:
        window = wish.choosing.catalog.window
        at = max(row.changed_at for course, row in rows.items() if row.registration_id == wish.key(course))
        return Registered(
            student=checked.student,
            school=checked.school,
            school_year=checked.school_year,
            courses=tuple(titles),
            at=at,
            closes=window.closes if window else None,
            warnings=checked.warnings,
        )

    def _withdrawn(self, wish: _Wish, titles: Sequence[str], row: RegistrationRow) -> Withdrawn:
        checked = wish.choosing.check([])
        place = (checked.student, checked.school, checked.school_year)
        return Withdrawn(*place, tuple(titles), row.changed_at)


def _is_registered(wish: _Wish, row: RegistrationRow | None) -> bool:
    """Tell whether this very turn has registered the course before."""
    if row is None or row.state != State.REGISTERED.value:
        return False
    return row.registration_id == wish.key(row.course_id)


def _is_taken_back(wish: _Wish, row: RegistrationRow) -> bool:
    """Tell whether this very turn has taken the course back before."""
    return row.state != State.REGISTERED.value and row.registration_id == wish.key(row.course_id)
