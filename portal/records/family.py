"""Answer about the children of one account, with only what that parent may see."""

from collections.abc import Sequence
from datetime import date, datetime
from zoneinfo import ZoneInfo

from portal.accounts.links import Links
from portal.core.context import Context
from portal.core.districts import District, Districts
from portal.core.errors import PortalError
from portal.core.outcomes import Reason, Refused
from portal.records.answers import Attendance, Child, Grades, Names, Question, Students, TermSpan
from portal.records.assigning import Assigning
from portal.records.attending import Attending
from portal.records.balancing import Balancing
from portal.records.charted import AttendanceCalendar, GradeTrend
from portal.records.children import Children, LinkedChild, Viewer
from portal.records.commenting import Commenting
from portal.records.compared import AttendanceCompared, GradesCompared
from portal.records.comparing import Comparing
from portal.records.course_catalog import offered_titles
from portal.records.course_names import ways_to_write
from portal.records.dated import calendar_of
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
from portal.records.sections import chosen, course_titles, sections_of
from portal.records.terms import Terms
from portal.records.testing import Testing
from portal.records.trending import Trending
from portal.sis.models import Student
from portal.sis.service import Imports, LastImport


class Family:
    """Answer questions about the children linked to one account.

    Whoever makes one has found out whose it is: from a live session, or from what a parent left to be
    done in one (a calendar, a regular mail). What was typed only chooses among the linked children.
    """

    def __init__(self, context: Context, viewer: Viewer) -> None:
        """Work for one account; access is looked up anew for each answer."""
        self._context = context
        self._session = context.session
        self._viewer = viewer
        self.children = Children(context, viewer)
        self._terms: dict[tuple[str, ...], Terms] = {}

    def district(self) -> District:
        """Return the district of the account."""
        district = Districts(self._context).get(self._viewer.district)
        if district is None:
            message = f"The district {self._viewer.district} of an account is gone."
            raise PortalError(message)
        return district

    def now(self) -> datetime:
        """Return the time in the district's zone."""
        return self._context.now.astimezone(ZoneInfo(self.district().options.time_zone))

    def today(self) -> date:
        """Return the day in the district's zone."""
        return self.now().date()

    def imported(self) -> LastImport | None:
        """Return when the records were last brought in, and from what; None before the first time."""
        return Imports(self._context, Links(self._context).accounts_of).last(self._viewer.district)

    def students(self) -> Students:
        """List the linked children as tabs, by first name."""
        return Students(tuple(linked.child for linked in self.children.all()))

    def child(self, typed: str | None) -> Child | Refused:
        """Return the child that was meant; without a name the only one."""
        linked = self.children.find(typed)
        return linked if isinstance(linked, Refused) else linked.child

    def names(self) -> Names:
        """List the names that this parent may use."""
        linked = self.children.all()
        visible = [each.student for each in linked if each.available]
        terms = [self.terms_of(student).titles for student in visible]
        called = [(each.child.first_name, each.child.name, each.child.label) for each in linked]
        return Names(
            students=tuple(dict.fromkeys(name for names in called for name in names)),
            courses=course_titles(self._session, visible),
            terms=tuple(dict.fromkeys(title for titles in terms for title in titles)),
            offerings=self._offerings(visible),
        )

    def _offerings(self, students: Sequence[Student]) -> tuple[str, ...]:
        if not self.district().options.class_registration:
            return ()
        offered = offered_titles(self._session, [(each, self.terms_of(each)) for each in students])
        return tuple(dict.fromkeys(way for title in offered for way in ways_to_write(title)))

    def terms_of(self, student: Student) -> Terms:
        """Return the terms of a child's schools; children at the same schools share them."""
        schools = tuple(student.school_ids)
        if schools not in self._terms:
            self._terms[schools] = Terms.of(self._session, student, self.today())
        return self._terms[schools]

    def taking(self, course: str) -> tuple[str, ...]:
        """Return which children have a course on record, as their tabs call them."""
        visible = [each for each in self.children.all() if each.available]
        return tuple(each.child.label for each in visible if self._takes(each, course))

    def _takes(self, linked: LinkedChild, course: str) -> bool:
        sections = sections_of(self._session, linked.student)
        picked = chosen(sections, course, None)
        return not isinstance(picked, Refused) or picked.reason is Reason.WHICH_COURSE

    def terms(self, typed: str | None) -> tuple[TermSpan, ...] | Refused:
        """Return the terms of one child that have begun, the first first, to choose from by their titles."""
        about = self._about(Question(student=typed))
        return about if isinstance(about, Refused) else about[1].begun

    def grades(self, question: Question) -> Grades | Refused:
        """Answer with the grades of a term, the current one unless another is asked for."""
        about = self._about(question)
        if isinstance(about, Refused):
            return about
        linked, terms, _ = about
        return Grading(self._session, linked, terms).answer(question)

    def attendance(self, question: Question) -> Attendance | Refused:
        """Answer with absences and tardies of the current term, or of what is asked for."""
        about = self._about(question)
        return about if isinstance(about, Refused) else Attending(self._session, *about).answer(question)

    def assignments(self, question: Question) -> Assignments | Refused:
        """Answer with a child's work: all of a term, or what is missing, late, scored or due."""
        about = self._about(question)
        return about if isinstance(about, Refused) else Assigning(self._session, *about).answer(question)

    def test_results(self, question: Question) -> TestResults | Refused:
        """Answer with the tests of the current term, or of what is asked for."""
        about = self._about(question)
        return about if isinstance(about, Refused) else Testing(self._session, *about).answer(question)

    def teacher_comments(self, question: Question) -> TeacherComments | Refused:
        """Answer with what teachers wrote in the current term, or in what is asked for."""
        about = self._about(question)
        return about if isinstance(about, Refused) else Commenting(self._session, *about).answer(question)

    def grades_history(self, question: Question) -> GradesHistory | Refused:
        """Answer with the grades of the previous term, or of what is asked for."""
        about = self._about(question)
        if isinstance(about, Refused):
            return about
        linked, terms, _ = about
        return LookingBack(self._session, linked, terms).answer(question)

    def attendance_history(self, question: Question) -> AttendanceHistory | Refused:
        """Answer with the whole attendance of the current term, or of what is asked for, by month."""
        about = self._about(question)
        return about if isinstance(about, Refused) else Attending(self._session, *about).by_month(question)

    def grade_trend(self, question: Question) -> GradeTrend | Refused:
        """Answer how the grades of each course went from term to term."""
        about = self._about(question)
        if isinstance(about, Refused):
            return about
        linked, terms, _ = about
        return Trending(self._session, linked, terms).answer(question)

    def attendance_calendar(self, question: Question) -> AttendanceCalendar | Refused:
        """Answer with the attendance of the current term, or of what is asked for, day by day."""
        about = self._about(question)
        if isinstance(about, Refused):
            return about
        attendance = Attending(self._session, *about).answer(question)
        if isinstance(attendance, Refused):
            return attendance
        linked, _, today = about
        school = Schools(self._session, linked.student, today)
        return calendar_of(attendance, school.calendar(attendance.since, attendance.until), today)

    def grades_compared(self, question: Question) -> GradesCompared | Refused:
        """Answer with the grades of two terms side by side: of the last and this, unless others are named."""
        about = self._about(question)
        return about if isinstance(about, Refused) else Comparing(self._session, *about).grades(question)

    def attendance_compared(self, question: Question) -> AttendanceCompared | Refused:
        """Answer with the attendance of two terms or two stretches of days side by side."""
        about = self._about(question)
        return about if isinstance(about, Refused) else Comparing(self._session, *about).attendance(question)

    def schedule(self, question: Question) -> Schedule | Refused:
        """Answer when and where the child has class, and with whom."""
        about = self._about(question)
        if isinstance(about, Refused):
            return about
        linked, terms, _ = about
        return Scheduling(self._session, linked, terms, self.now()).answer(question)

    def balance(self, question: Question) -> Balance | Refused:
        """Answer what is on the child's lunch and fee accounts."""
        linked = self.children.find(question.student)
        if isinstance(linked, Refused):
            return linked
        return Balancing(self._session, linked, self.today()).answer(question)

    def school_information(self, question: Question) -> SchoolInformation | Refused:
        """Answer where the child's school is and how it is reached."""
        found = self._schools(question)
        maps = self.district().options.school_map
        return found if isinstance(found, Refused) else found[0].information(found[1], maps=maps)

    def school_bulletin(self, question: Question) -> Bulletin | Refused:
        """Answer what the child's school announced, lately or in the range that is asked for."""
        found = self._schools(question)
        return found if isinstance(found, Refused) else found[0].bulletin(found[1], question)

    def _about(self, question: Question) -> tuple[LinkedChild, Terms, date] | Refused:
        """Return the child that is meant, the terms of its schools and today."""
        linked = self.children.find(question.student)
        if isinstance(linked, Refused):
            return linked
        today = self.today()
        terms = self.terms_of(linked.student)
        if not terms.on_record(question.since, question.until):
            return Refused(Reason.OUTSIDE_RECORDS, choices=terms.titles)
        return linked, terms, today

    def _schools(self, question: Question) -> tuple[Schools, str] | Refused:
        """Return the schools that are asked about, and whose they are: "" for all the children's."""
        shared = None if (question.student or "").strip() else _at_one_school(self.children.all())
        linked = shared or self.children.find(question.student)
        if isinstance(linked, Refused):
            return linked
        schools = Schools(self._session, linked.student, self.today())
        return schools, "" if shared else linked.child.label


def _at_one_school(linked: Sequence[LinkedChild]) -> LinkedChild | None:
    """Return any of several children who all go to the same schools, so that none has to be chosen."""
    schools = {frozenset([each.student.school_id, *each.student.school_ids]) for each in linked}
    alike = len(linked) > 1 and len(schools) == 1 and all(each.available for each in linked)
    return linked[0] if alike else None
