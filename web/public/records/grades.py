"""Show grades, attendance, assignments and how they were: what a child's work brought."""

from portal.core.outcomes import Refused
from portal.records.answers import Question
from portal.records.family import Family
from portal.records.files import FileKind
from portal.records.school_work import Work
from web.public.desk import COURSE, STUDENT, TERM, WORK
from web.public.records.charts import Chart
from web.public.records.record_page import Answer, RecordPage


class GradesPage(RecordPage):
    """Show "Grades and Attendance" of a term (R92)."""

    name = "grades"
    template = "records/grades.html"
    keeps = (STUDENT, TERM)
    has_terms = True

    def look_up(self, family: Family, question: Question) -> Answer | Refused:
        """Ask for the grades and for the attendance of the same term."""
        grades = family.grades(question)
        if isinstance(grades, Refused):
            return grades
        attendance = family.attendance(question)
        if isinstance(attendance, Refused):
            return attendance
        return {"grades": grades, "attendance": attendance, "term": attendance.term or grades.term}


class AssignmentsPage(RecordPage):
    """Show the assignments of a class or of all of them, whole or in part; grades lead here."""

    name = "assignments"
    template = "records/assignments.html"
    keeps = (STUDENT, TERM, COURSE, WORK)
    has_terms = True

    def look_up(self, family: Family, question: Question) -> Answer | Refused:
        """Ask for the assignments."""
        found = family.assignments(question)
        if isinstance(found, Refused):
            return found
        return {"assignments": found, "term": found.term, "parts_of_work": tuple(Work)}


class GradesHistoryPage(RecordPage):
    """Show "Grades History": the previous term, another one, or a course over its terms (R94)."""

    name = "grades-history"
    template = "records/grades_history.html"
    keeps = (STUDENT, TERM, COURSE)
    has_terms = True

    def look_up(self, family: Family, question: Question) -> Answer | Refused:
        """Ask for the grades of before."""
        found = family.grades_history(question)
        if isinstance(found, Refused):
            return found
        course = Question(student=question.student, course=found.course or None)
        trend = family.grade_trend(course)
        drawn = None if isinstance(trend, Refused) or not trend.changes else trend
        only = found.terms[0].term if len(found.terms) == 1 and not found.course else found.asked
        chart = None if drawn is None else Chart(FileKind.GRADE_TREND, course)
        return {"history": found, "term": only, "trend": drawn, "chart": chart}


class AttendanceHistoryPage(RecordPage):
    """Show "Attendance History": each day of a term on which something is recorded (R95)."""

    name = "attendance-history"
    template = "records/attendance_history.html"
    keeps = (STUDENT, TERM)
    has_terms = True

    def look_up(self, family: Family, question: Question) -> Answer | Refused:
        """Ask for the attendance by month."""
        found = family.attendance_history(question)
        if isinstance(found, Refused):
            return found
        chart = Chart(FileKind.ATTENDANCE_CALENDAR, question) if found.whole.days else None
        return {"history": found, "term": found.whole.term, "chart": chart}
