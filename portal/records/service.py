"""Answer about a child, only to whoever is signed in and linked to it."""

from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import update

from portal.accounts.models import AccountRow
from portal.accounts.outcomes import LiveSession
from portal.accounts.sessions import Sessions
from portal.core.context import Context
from portal.core.outcomes import Refused
from portal.records.answers import Attendance, Child, Grades, Names, Question, Students
from portal.records.charted import AttendanceCalendar, GradeTrend
from portal.records.compared import AttendanceCompared, GradesCompared
from portal.records.family import Family
from portal.records.school_life import Balance, Bulletin, Schedule, SchoolInformation
from portal.records.school_work import (
    Assignments,
    AttendanceHistory,
    GradesHistory,
    TeacherComments,
    TestResults,
)

AnswerT = TypeVar("AnswerT")


class Records:
    """Answer questions about the children of the conversation's live session.

    Whoever asks is taken from the session and from nowhere else: what a parent typed only chooses
    among the children linked to that session's account.
    """

    def __init__(self, context: Context) -> None:
        """Work in the given transaction."""
        self._context = context
        self._sessions = Sessions(context)

    def of(self, conversation: str) -> Family | Refused:
        """Return what answers for whoever is signed in on the conversation."""
        live = self._sessions.current(conversation)
        return live if isinstance(live, Refused) else Family(self._context, live)

    def students(self, conversation: str) -> Students | Refused:
        """List the linked children as tabs, by first name."""
        family = self.of(conversation)
        return family if isinstance(family, Refused) else family.students()

    def child(self, conversation: str, typed: str | None) -> Child | Refused:
        """Return the child that was meant; without a name the only one."""
        family = self.of(conversation)
        return family if isinstance(family, Refused) else family.child(typed)

    def names(self, conversation: str) -> Names:
        """List the names that this parent may use; empty when nobody is signed in."""
        family = self.of(conversation)
        return Names() if isinstance(family, Refused) else family.names()

    def grades(self, conversation: str, question: Question) -> Grades | Refused:
        """Answer with the grades of a term, the current one unless another is asked for."""
        return self._asked(conversation, lambda family: family.grades(question))

    def attendance(self, conversation: str, question: Question) -> Attendance | Refused:
        """Answer with absences and tardies of the current term, or of what is asked for."""
        return self._asked(conversation, lambda family: family.attendance(question))

    def assignments(self, conversation: str, question: Question) -> Assignments | Refused:
        """Answer with a child's work: all of a term, or what is missing, late, scored or due."""
        return self._asked(conversation, lambda family: family.assignments(question))

    def test_results(self, conversation: str, question: Question) -> TestResults | Refused:
        """Answer with the tests of the current term, or of what is asked for."""
        return self._asked(conversation, lambda family: family.test_results(question))

    def teacher_comments(self, conversation: str, question: Question) -> TeacherComments | Refused:
        """Answer with what teachers wrote in the current term, or in what is asked for."""
        return self._asked(conversation, lambda family: family.teacher_comments(question))

    def grades_history(self, conversation: str, question: Question) -> GradesHistory | Refused:
        """Answer with the grades of the previous term, or of what is asked for."""
        return self._asked(conversation, lambda family: family.grades_history(question))

    def attendance_history(self, conversation: str, question: Question) -> AttendanceHistory | Refused:
        """Answer with the whole attendance of the current term, or of what is asked for, by month."""
        return self._asked(conversation, lambda family: family.attendance_history(question))

    def grade_trend(self, conversation: str, question: Question) -> GradeTrend | Refused:
        """Answer how the grades of each course went from term to term."""
        return self._asked(conversation, lambda family: family.grade_trend(question))

    def attendance_calendar(self, conversation: str, question: Question) -> AttendanceCalendar | Refused:
        """Answer with the attendance of the current term, or of what is asked for, day by day."""
        return self._asked(conversation, lambda family: family.attendance_calendar(question))

    def grades_compared(self, conversation: str, question: Question) -> GradesCompared | Refused:
        """Answer with the grades of two terms side by side."""
        return self._asked(conversation, lambda family: family.grades_compared(question))

    def attendance_compared(self, conversation: str, question: Question) -> AttendanceCompared | Refused:
        """Answer with the attendance of two terms or two stretches of days side by side."""
        return self._asked(conversation, lambda family: family.attendance_compared(question))

    def schedule(self, conversation: str, question: Question) -> Schedule | Refused:
        """Answer when and where the child has class, and with whom."""
        return self._asked(conversation, lambda family: family.schedule(question))

    def balance(self, conversation: str, question: Question) -> Balance | Refused:
        """Answer what is on the child's lunch and fee accounts."""
        return self._asked(conversation, lambda family: family.balance(question))

    def school_information(self, conversation: str, question: Question) -> SchoolInformation | Refused:
        """Answer where the child's school is and how it is reached."""
        return self._asked(conversation, lambda family: family.school_information(question))

    def school_bulletin(self, conversation: str, question: Question) -> Bulletin | Refused:
        """Answer what the child's school announced, lately or in the range that is asked for."""
        return self._asked(conversation, lambda family: family.school_bulletin(question))

    def awaits_first_answer(self, conversation: str) -> bool:
        """Tell whether whoever is signed in was never told anything of a child before."""
        live = self._sessions.current(conversation, touch=False)
        if not isinstance(live, LiveSession):
            return False
        account = self._context.session.get_one(AccountRow, live.account_id)
        return account.first_answer_at is None

    def note_answer(self, conversation: str) -> None:
        """Note that a parent was told something of a child, the first time; later ones change nothing."""
        live = self._sessions.current(conversation, touch=False)
        if isinstance(live, LiveSession):
            self._note(live)

    def _note(self, live: LiveSession) -> None:
        account = self._context.session.get_one(AccountRow, live.account_id)
        if self._context.read_only or account.first_answer_at is not None:
            return
        never = (AccountRow.account_id == live.account_id, AccountRow.first_answer_at.is_(None))
        noted = update(AccountRow).where(*never).values(first_answer_at=self._context.now)
        # Two answers at once may both be the first; the one that came first counts.
        self._context.session.execute(noted, execution_options={"synchronize_session": False})

    def _asked(self, conversation: str, question: Callable[[Family], AnswerT | Refused]) -> AnswerT | Refused:
        live = self._sessions.current(conversation)
        if isinstance(live, Refused):
            return live
        answer = question(Family(self._context, live))
        if not isinstance(answer, Refused):
            self._note(live)
        return answer
