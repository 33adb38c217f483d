from datetime import date

import pytest

from portal.core.outcomes import Reason, Refused
from portal.records.answers import Question
from portal.records.school_work import Remark, TeacherComments
from tests.support.rosters import Answered, Family, Refusing, Roster, small_roster


def about(**question: object) -> object:
    return lambda records: records.teacher_comments("conversation", Question(**question))


def remarked(roster: Roster, comment: str, day: str, due: str = "", section: str = "ALG") -> Roster:
    roster.add("lineItems", sourcedId="L1", title="Set", classSourcedId=section, dueDate=due)
    row = {"sourcedId": "R1", "lineItemSourcedId": "L1", "studentSourcedId": "S1", "scoreDate": day}
    return roster.add("results", scoreStatus="fully graded", comment=comment, **row)


@pytest.mark.requirement("R97")
def test_comments_of_the_current_term_come_by_course_with_their_teacher(
    family: Family, ask: Answered
) -> None:
    roster = small_roster().grade("NS1", "BIO", "A", comment="Curious.")
    roster.grade("NS1", "ALG", "B", comment="Steady.").grade("NS2", "BIO", "F", comment="Not hers.")
    roster.grade("NS1", "ALG", "C", termSourcedId="SPRING-26", comment="Before.")
    family(remarked(roster, "Neat\nwork.", "2026-10-02"), "NS1")

    answer: TeacherComments = ask(about())

    assert answer.student == "Maya"
    assert answer.term is not None
    assert answer.term.title == "Fall Semester"
    assert answer.lines == (
        Remark("Algebra I", "Steady.", "Ruth Kline", "Fall Semester"),
        Remark("Algebra I", "Neat\nwork.", "Ruth Kline", "", "Set", date(2026, 10, 2)),
        Remark("Biology", "Curious.", "Ruth Kline", "Fall Semester"),
    )
    assert answer.earlier == ()


@pytest.mark.parametrize("mark", ["Late", "missing", "Exempt", " "])
def test_mark_of_the_gradebook_is_no_comment(family: Family, ask: Answered, mark: str) -> None:
    family(remarked(small_roster(), mark, "2026-10-02"), "NS1")

    assert ask(about()).lines == ()


@pytest.mark.parametrize(("day", "due", "found"), [("", "2026-10-02", 1), ("", "", 0)])
def test_remark_without_a_day_is_of_the_day_of_its_work(
    family: Family, ask: Answered, day: str, due: str, found: int
) -> None:
    family(remarked(small_roster(), "Neat.", day, due), "NS1")

    assert len(ask(about()).lines) == found


def test_comment_on_the_school_year_is_told_with_its_term(family: Family, ask: Answered) -> None:
    family(small_roster().grade("NS1", "BIO", "A", termSourcedId="SY", comment="All year."), "NS1")

    answer: TeacherComments = ask(about())

    assert [(line.text, line.term) for line in answer.lines] == [("All year.", "2026-2027")]


@pytest.mark.parametrize(
    "question", [{"term": "previous"}, {"since": date(2026, 3, 2), "until": date(2026, 3, 6)}]
)
def test_another_time_can_be_asked_for(family: Family, ask: Answered, question: dict[str, object]) -> None:
    roster = small_roster().grade("NS1", "ALG", "C", termSourcedId="SPRING-26", comment="Before.")
    family(roster.grade("NS1", "ALG", "B", comment="Now."), "NS1")

    answer: TeacherComments = ask(about(**question))

    assert [line.text for line in answer.lines] == ["Before."]


def test_without_any_now_those_of_before_are_told_as_such(family: Family, ask: Answered) -> None:
    roster = small_roster().grade("NS1", "ALG", "C", termSourcedId="SPRING-26", comment="Before.")
    family(remarked(roster, "Longer ago.", "2026-02-02", section="BIO"), "NS1")

    answer: TeacherComments = ask(about())

    assert answer.lines == ()
    assert [line.text for line in answer.earlier] == ["Before.", "Longer ago."]


@pytest.mark.parametrize("question", [{"course": "bio"}, {"class_period": "3"}])
def test_one_course_is_answered_alone(family: Family, ask: Answered, question: dict[str, str]) -> None:
    roster = small_roster().grade("NS1", "ALG", "C", comment="Steady.")
    family(remarked(roster.grade("NS1", "BIO", "A", comment="Curious."), "Neat.", "2026-10-02"), "NS1")

    answer: TeacherComments = ask(about(**question))

    assert answer.course == "Biology"
    assert [line.text for line in answer.lines] == ["Curious."]


def test_comment_of_a_class_that_the_child_left_is_kept(family: Family, ask: Answered) -> None:
    roster = small_roster().drop("enrollments", sourcedId="E-S1-ALG")
    family(roster.grade("NS1", "ALG", "C", comment="Good luck."), "NS1")

    answer: TeacherComments = ask(about())

    assert answer.lines == (Remark("Algebra I", "Good luck.", "", "Fall Semester"),)


@pytest.mark.parametrize(
    ("question", "reason"),
    [({"course": "chemistry"}, Reason.NO_SUCH_COURSE), ({"term": "winter"}, Reason.NO_SUCH_TERM)],
)
def test_what_is_not_there_is_refused(
    family: Family, refusal: Refusing, question: dict[str, str], reason: Reason
) -> None:
    family(small_roster(), "NS1")

    refused: Refused = refusal(about(**question))

    assert refused.reason is reason
