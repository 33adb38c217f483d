"""Show what surrounds lessons: tests, remarks, the bulletin, money, the timetable, the school."""

from typing import Any

from portal.core.outcomes import Refused
from portal.records.answers import Question
from portal.records.family import Family
from web.public.desk import STUDENT, TERM
from web.public.records.record_page import Answer, RecordPage
from web.public.visits import Visit


class TestResultsPage(RecordPage):
    """Show "Test Results" of a term (R93)."""

    __test__ = False  # pytest would take the name for a test

    name = "test-results"
    template = "records/test_results.html"
    keeps = (STUDENT, TERM)
    has_terms = True

    def look_up(self, family: Family, question: Question) -> Answer | Refused:
        """Ask for the tests."""
        found = family.test_results(question)
        return found if isinstance(found, Refused) else {"results": found, "term": found.term}


class TeacherCommentsPage(RecordPage):
    """Show "Teacher Comments" of a term (R97)."""

    name = "teacher-comments"
    template = "records/teacher_comments.html"
    keeps = (STUDENT, TERM)
    has_terms = True

    def look_up(self, family: Family, question: Question) -> Answer | Refused:
        """Ask for what teachers wrote."""
        found = family.teacher_comments(question)
        return found if isinstance(found, Refused) else {"comments": found, "term": found.term}


class SchoolBulletinPage(RecordPage):
    """Show "School Bulletin", where the school turned it on (R98)."""

    name = "school-bulletin"
    template = "records/school_bulletin.html"

    def look_up(self, family: Family, question: Question) -> Answer | Refused:
        """Ask for what was announced, and for the days ahead."""
        found = family.school_bulletin(question)
        return found if isinstance(found, Refused) else {"bulletin": found}


class BalancePage(RecordPage):
    """Show "Balance": the lunch and fee accounts, where the school turned it on (R100)."""

    name = "balance"
    template = "records/balance.html"

    def look_up(self, family: Family, question: Question) -> Answer | Refused:
        """Ask for the accounts and their entries."""
        found = family.balance(question)
        return found if isinstance(found, Refused) else {"balance": found}


class SchedulePage(RecordPage):
    """Show "My Schedule" of a term (R102)."""

    name = "my-schedule"
    template = "records/my_schedule.html"
    keeps = (STUDENT, TERM)
    has_terms = True

    def look_up(self, family: Family, question: Question) -> Answer | Refused:
        """Ask for the classes of the term."""
        found = family.schedule(question)
        return found if isinstance(found, Refused) else {"schedule": found, "term": found.term}


class SchoolInformationPage(RecordPage):
    """Show "School Information": address and numbers, and the map where there is one (R103)."""

    name = "school-information"
    template = "records/school_information.html"

    def look_up(self, family: Family, question: Question) -> Answer | Refused:
        """Ask for the child's schools."""
        found = family.school_information(question)
        return found if isinstance(found, Refused) else {"schools": found.schools}

    def values(self, visit: Visit) -> dict[str, Any]:
        """Return whether the district hands out maps."""
        return {"has_maps": visit.district.options.school_map}
