"""Answer about a child, only to whoever is signed in and linked to it."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from portal.accounts.outcomes import LiveSession
from portal.accounts.sessions import Sessions
from portal.core.context import Context
from portal.core.districts import Districts
from portal.core.errors import PortalError
from portal.core.outcomes import Refused
from portal.records.answers import Attendance, Child, Grades, Names, Question, Students
from portal.records.assigning import Assigning
from portal.records.attending import Attending
from portal.records.balancing import Balancing
from portal.records.children import Children, LinkedChild
from portal.records.commenting import Commenting
from portal.records.grading import Grading
from portal.records.looking_back import LookingBack
from portal.records.scheduling import Scheduling
from portal.records.school_life import Balance, Bulletin, Schedule, SchoolInformation
from portal.records.school_work import (
    Assignments,
    AttendanceHistory,
    GradesHistory,
    TeacherComments,
    TestResults,
)
from portal.records.schools import Schools
from portal.records.sections import course_titles
from portal.records.terms import Terms
from portal.records.testing import Testing


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
        about = self._about(conversation, question)
        if isinstance(about, Refused):
            return about
        linked, terms, _ = about
        return Grading(self._context.session, linked, terms).answer(question)

    def attendance(self, conversation: str, question: Question) -> Attendance | Refused:
        """Answer with absences and tardies of the current term, or of what is asked for."""
        about = self._about(conversation, question)
        if isinstance(about, Refused):
            return about
        return Attending(self._context.session, *about).answer(question)

    def assignments(self, conversation: str, question: Question) -> Assignments | Refused:
        """Answer with a child's work: all of a term, or what is missing, late, scored or due."""
        about = self._about(conversation, question)
        if isinstance(about, Refused):
            return about
        return Assigning(self._context.session, *about).answer(question)

    def test_results(self, conversation: str, question: Question) -> TestResults | Refused:
        """Answer with the tests of the current term, or of what is asked for."""
        about = self._about(conversation, question)
        if isinstance(about, Refused):
            return about
        return Testing(self._context.session, *about).answer(question)

    def teacher_comments(self, conversation: str, question: Question) -> TeacherComments | Refused:
        """Answer with what teachers wrote in the current term, or in what is asked for."""
        about = self._about(conversation, question)
        if isinstance(about, Refused):
            return about
        return Commenting(self._context.session, *about).answer(question)

    def grades_history(self, conversation: str, question: Question) -> GradesHistory | Refused:
        """Answer with the grades of the previous term, or of what is asked for."""
        about = self._about(conversation, question)
        if isinstance(about, Refused):
            return about
        linked, terms, _ = about
        return LookingBack(self._context.session, linked, terms).answer(question)

    def attendance_history(self, conversation: str, question: Question) -> AttendanceHistory | Refused:
        """Answer with the whole attendance of the current term, or of what is asked for, by month."""
        about = self._about(conversation, question)
        if isinstance(about, Refused):
            return about
        return Attending(self._context.session, *about).by_month(question)

    def _about(self, conversation: str, question: Question) -> tuple[LinkedChild, Terms, date] | Refused:
        """Return the child that is meant, the terms of its schools and today."""
        live = self._sessions.current(conversation)
        if isinstance(live, Refused):
            return live
        linked = Children(self._context, live).find(question.student)
        if isinstance(linked, Refused):
            return linked
        today = self._today(live)
        return linked, Terms.of(self._context.session, linked.student, today), today

    def schedule(self, conversation: str, question: Question) -> Schedule | Refused:
        """Answer when and where the child has class, and with whom."""
        live = self._sessions.current(conversation)
        if isinstance(live, Refused):
            return live
        linked = Children(self._context, live).find(question.student)
        if isinstance(linked, Refused):
            return linked
        now = self._now(live)
        terms = Terms.of(self._context.session, linked.student, now.date())
        return Scheduling(self._context.session, linked, terms, now).answer(question)

    def balance(self, conversation: str, question: Question) -> Balance | Refused:
        """Answer what is on the child's lunch and fee accounts."""
        live = self._sessions.current(conversation)
        if isinstance(live, Refused):
            return live
        linked = Children(self._context, live).find(question.student)
        if isinstance(linked, Refused):
            return linked
        return Balancing(self._context.session, linked, self._today(live)).answer(question)

    def school_information(self, conversation: str, question: Question) -> SchoolInformation | Refused:
        """Answer where the child's school is and how it is reached."""
        found = self._schools(conversation, question)
        return found if isinstance(found, Refused) else found[0].information(found[1])

    def school_bulletin(self, conversation: str, question: Question) -> Bulletin | Refused:
        """Answer what the child's school announced, lately or in the range that is asked for."""
        found = self._schools(conversation, question)
        return found if isinstance(found, Refused) else found[0].bulletin(found[1], question)

    def _schools(self, conversation: str, question: Question) -> tuple[Schools, str] | Refused:
        """Return the schools that are asked about, and whose they are: "" for all the children's."""
        live = self._sessions.current(conversation)
        if isinstance(live, Refused):
            return live
        children = Children(self._context, live)
        shared = None if (question.student or "").strip() else _at_one_school(children.all())
        linked = shared or children.find(question.student)
        if isinstance(linked, Refused):
            return linked
        schools = Schools(self._context.session, linked.student, self._today(live))
        return schools, "" if shared else linked.child.label

    def _today(self, live: LiveSession) -> date:
        return self._now(live).date()

    def _now(self, live: LiveSession) -> datetime:
        district = Districts(self._context).get(live.district)
        if district is None:
            message = f"The district {live.district} of a live session is gone."
            raise PortalError(message)
        return self._context.now.astimezone(ZoneInfo(district.options.time_zone))


def _at_one_school(linked: Sequence[LinkedChild]) -> LinkedChild | None:
    """Return any of several children who all go to the same schools, so that none has to be chosen."""
    schools = {frozenset([each.student.school_id, *each.student.school_ids]) for each in linked}
    alike = len(linked) > 1 and len(schools) == 1 and all(each.available for each in linked)
    return linked[0] if alike else None
