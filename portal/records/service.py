"""Answer about a child, only to whoever is signed in and linked to it."""

from datetime import date
from zoneinfo import ZoneInfo

from portal.accounts.outcomes import LiveSession
from portal.accounts.sessions import Sessions
from portal.core.context import Context
from portal.core.districts import Districts
from portal.core.errors import PortalError
from portal.core.outcomes import Refused
from portal.records.answers import Attendance, Child, Grades, Names, Question, Students
from portal.records.attending import Attending
from portal.records.children import Children
from portal.records.grading import Grading
from portal.records.sections import course_titles
from portal.records.terms import Terms


class Records:
    """Answer questions about the children of the conversation's live session.

    Whoever asks is taken from the session and from nowhere else: what a parent typed only chooses
    among the children linked to that session's account.
    """

    def __init__(self, context: Context) -> None:
        """Work in the given transaction."""
        self._context = context
        self._sessions = Sessions(context)

    def students(self, conversation: str) -> Students | Refused:
        """List the linked children as tabs, by first name."""
        live = self._sessions.current(conversation)
        if isinstance(live, Refused):
            return live
        return Students(tuple(linked.child for linked in Children(self._context, live).all()))

    def child(self, conversation: str, typed: str | None) -> Child | Refused:
        """Return the child that was meant; without a name the only one."""
        live = self._sessions.current(conversation)
        if isinstance(live, Refused):
            return live
        linked = Children(self._context, live).find(typed)
        return linked if isinstance(linked, Refused) else linked.child

    def names(self, conversation: str) -> Names:
        """List the names that this parent may use; empty when nobody is signed in."""
        live = self._sessions.current(conversation)
        if isinstance(live, Refused):
            return Names()
        linked = Children(self._context, live).all()
        visible = [each.student for each in linked if each.available]
        today = self._today(live)
        # Children at the same schools share their terms, which every message would read again.
        schools = {tuple(student.school_ids): student for student in visible}
        terms = [Terms.of(self._context.session, student, today).titles for student in schools.values()]
        called = [(each.child.first_name, each.child.name, each.child.label) for each in linked]
        return Names(
            students=tuple(dict.fromkeys(name for names in called for name in names)),
            courses=course_titles(self._context.session, visible),
            terms=tuple(dict.fromkeys(title for titles in terms for title in titles)),
        )

    def grades(self, conversation: str, question: Question) -> Grades | Refused:
        """Answer with the grades of a term, the current one unless another is asked for."""
        live = self._sessions.current(conversation)
        if isinstance(live, Refused):
            return live
        linked = Children(self._context, live).find(question.student)
        if isinstance(linked, Refused):
            return linked
        terms = Terms.of(self._context.session, linked.student, self._today(live))
        return Grading(self._context.session, linked, terms).answer(question)

    def attendance(self, conversation: str, question: Question) -> Attendance | Refused:
        """Answer with absences and tardies of the current term, or of what is asked for."""
        live = self._sessions.current(conversation)
        if isinstance(live, Refused):
            return live
        linked = Children(self._context, live).find(question.student)
        if isinstance(linked, Refused):
            return linked
        today = self._today(live)
        terms = Terms.of(self._context.session, linked.student, today)
        return Attending(self._context.session, linked, terms, today).answer(question)

    def _today(self, live: LiveSession) -> date:
        district = Districts(self._context).get(live.district)
        if district is None:
            message = f"The district {live.district} of a live session is gone."
            raise PortalError(message)
        return self._context.now.astimezone(ZoneInfo(district.options.time_zone)).date()
