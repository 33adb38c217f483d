from collections.abc import Callable

import pytest

from portal.core.outcomes import Reason, Refused
from portal.records.answers import Child, Names, Question
from portal.records.service import Records
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.portals import make_district, make_parent, sign_in
from tests.support.rosters import Answered, Family, Refusing, Roster, small_roster

Asked = Callable[[Records], object]


def _ask(method: str, conversation: str, typed: str | None) -> Asked:
    def asked(records: Records) -> object:
        if method == "students":
            return records.students(conversation)
        if method == "child":
            return records.child(conversation, typed)
        return getattr(records, method)(conversation, Question(student=typed))

    return asked


METHODS = (
    "students",
    "child",
    "grades",
    "attendance",
    "schedule",
    "balance",
    "school_information",
    "school_bulletin",
    "assignments",
    "test_results",
    "teacher_comments",
    "grades_history",
    "attendance_history",
)
ABOUT_ONE = [name for name in METHODS if name != "students"]
# What is the same for all the children of a school is answered without asking which one.
OF_ITS_OWN = [name for name in ABOUT_ONE if not name.startswith("school_")]


def three_mayas() -> Roster:
    """Return three students of the same name in three families, one in each of two other schools."""
    roster = small_roster().student("S3", "Maya", "López", grades="09")
    return roster.student("S4", "Máya", "Okafor", orgSourcedIds="MS", grades="07")


@pytest.mark.requirement("R79")
def test_tabs_are_first_names_in_alphabetical_order(family: Family, ask: Answered) -> None:
    roster = small_roster().student("S3", "álvaro", "Ruiz")
    family(roster, "NS1", "NS2", "NS3")

    tabs = ask(lambda records: records.students("conversation"))

    assert tabs.names == ("álvaro", "Diego", "Maya")
    assert tabs.children[2] == Child(
        tabs.children[2].student_id, "Maya", "Maya López", "Maya", "", "Assabet High", "09"
    )


@pytest.mark.requirement("R79")
def test_same_first_names_get_their_school_beside_them(family: Family, ask: Answered) -> None:
    family(three_mayas(), "NS4", "NS1", "NS2")

    tabs = ask(lambda records: records.students("conversation"))

    assert tabs.names == ("Diego", "Maya (Assabet High)", "Máya (Mill Pond Middle)")


@pytest.mark.parametrize(
    ("cells", "labels"),
    [
        ({"grades": "11"}, ("Maya (09)", "Maya (11)")),
        ({"grades": "09"}, ("Maya (López)", "Maya (Ruiz)")),
        (
            {"grades": "09", "familyName": "López", "middleName": "Rose"},
            ("Maya (López)", "Maya (Rose López)"),
        ),
        ({"grades": "09", "familyName": "López"}, ("Maya (NS1)", "Maya (NS3)")),
    ],
)
def test_same_first_names_at_one_school_get_what_differs(
    family: Family, ask: Answered, cells: dict[str, str], labels: tuple[str, ...]
) -> None:
    family(small_roster().student("S3", "Maya", "Ruiz", **cells), "NS1", "NS3")

    assert ask(lambda records: records.students("conversation")).names == labels


def test_label_of_a_tab_finds_its_child(family: Family, ask: Answered) -> None:
    family(small_roster().student("S3", "Maya", "López", grades="09"), "NS1", "NS3")
    tabs = ask(lambda records: records.students("conversation"))

    for child in tabs.children:
        assert ask(lambda records, child=child: records.child("conversation", child.label)) == child


def test_child_is_found_by_what_parents_type(family: Family, ask: Answered) -> None:
    family(small_roster(), "NS1", "NS2")

    for typed in ("maya", "MAYA LOPEZ", "López Maya", "Maya\u2019s", " Máya "):
        assert ask(_ask("child", "conversation", typed)).name == "Maya López"


@pytest.mark.parametrize("typed", [None, "", "  "])
def test_only_child_needs_no_name(family: Family, ask: Answered, typed: str | None) -> None:
    family(small_roster(), "NS1")

    for method in ABOUT_ONE:
        assert ask(_ask(method, "conversation", typed))


@pytest.mark.parametrize("typed", [None, "López"])
def test_one_of_several_must_be_named(family: Family, refusal: Refusing, typed: str | None) -> None:
    family(small_roster(), "NS1", "NS2")

    for method in OF_ITS_OWN:
        assert refusal(_ask(method, "conversation", typed)) == Refused(
            Reason.WHICH_STUDENT, choices=("Diego", "Maya")
        )


def test_only_the_children_that_are_meant_are_offered(family: Family, refusal: Refusing) -> None:
    family(three_mayas(), "NS4", "NS1", "NS2")

    refused = refusal(lambda records: records.child("conversation", "maya"))

    assert refused.choices == ("Maya (Assabet High)", "Máya (Mill Pond Middle)")


@pytest.mark.case("X1")
@pytest.mark.parametrize("method", ABOUT_ONE)
def test_child_of_others_is_refused_like_one_that_does_not_exist(
    family: Family, refusal: Refusing, method: str
) -> None:
    family(small_roster().student("S3", "Iris", "Okafor"), "NS1", "NS2")

    for typed in ("Iris", "Iris Okafor", "Nobody", "Maya Okafor", "NS3", "%", "'; drop table--"):
        assert refusal(_ask(method, "conversation", typed)) == Refused(
            Reason.NOT_YOUR_STUDENT, choices=("Diego", "Maya")
        )


def test_account_without_children_is_told_so(family: Family, refusal: Refusing) -> None:
    family(small_roster())

    for method in ABOUT_ONE:
        assert refusal(_ask(method, "conversation", "Maya")).reason is Reason.NO_STUDENT


@pytest.mark.parametrize("method", METHODS)
def test_nobody_signed_in_gets_nothing(
    portal: Portal, family: Family, refusal: Refusing, method: str
) -> None:
    family(small_roster(), "NS1", conversation="another")

    refused = refusal(_ask(method, "conversation", "Maya"))

    assert refused == Refused(Reason.NOT_SIGNED_IN)
    with portal.begin() as tx:
        assert tx.records.names("conversation") == Names()


@pytest.mark.case("S5")
@pytest.mark.parametrize("method", METHODS)
def test_ended_session_gets_nothing(
    portal: Portal, clock: FakeClock, family: Family, refusal: Refusing, method: str
) -> None:
    family(small_roster(), "NS1")
    clock.advance(seconds=24 * 3600)

    refused = refusal(_ask(method, "conversation", "Maya"))

    assert refused == Refused(Reason.SESSION_ENDED)
    with portal.begin() as tx:
        assert tx.records.names("conversation") == Names()


@pytest.mark.requirement("R80")
@pytest.mark.parametrize("method", ABOUT_ONE)
@pytest.mark.parametrize(
    "change",
    [
        lambda roster: roster.change("users", 2, enabledUser="false"),
        lambda roster: roster.change("users", 4, enabledUser="false"),
        lambda roster: roster.add(
            "x_portal_access",
            parentIdentifier="NP1",
            studentIdentifier="NS1",
            portalAccess="false",
            receivesEmail="true",
        ),
    ],
    ids=["student blocked", "contact blocked", "contact barred"],
)
def test_record_that_the_parent_may_not_see_is_unavailable(
    family: Family, ask: Answered, refusal: Refusing, change: object, method: str
) -> None:
    roster = change(small_roster())  # type: ignore[operator]
    family(roster, "NS1", "NS2", contact="NP1")

    refused = refusal(_ask(method, "conversation", "Maya"))

    assert refused == Refused(Reason.STUDENT_UNAVAILABLE)
    assert ask(lambda records: records.students("conversation")).names == ("Diego", "Maya")


def test_bar_that_was_lifted_bars_no_more(portal: Portal, family: Family, ask: Answered) -> None:
    access = {"parentIdentifier": "NP1", "studentIdentifier": "NS1", "receivesEmail": "true"}
    family(small_roster().add("x_portal_access", **access, portalAccess="false"), "NS1", contact="NP1")
    family(small_roster(), conversation="another")

    assert ask(lambda records: records.child("conversation", None)).first_name == "Maya"


@pytest.mark.requirement("R80")
def test_student_or_guardian_gone_from_the_set_is_unavailable(family: Family, refusal: Refusing) -> None:
    family(small_roster(), "NS1", "NS2", contact="NP1")
    after = small_roster().drop("users", sourcedId="S2").drop("enrollments", userSourcedId="S2")
    after.rows["users"][1]["agentSourcedIds"] = ""
    family(after, conversation="another")

    for typed in ("Maya", "Diego"):
        refused = refusal(lambda records, typed=typed: records.child("conversation", typed))
        assert refused == Refused(Reason.STUDENT_UNAVAILABLE)


def test_bar_of_one_parent_is_not_the_other_parents(family: Family, ask: Answered, refusal: Refusing) -> None:
    roster = (
        small_roster()
        .parent("P2", "Luis", "López", "S1")
        .add(
            "x_portal_access",
            parentIdentifier="NP2",
            studentIdentifier="NS1",
            portalAccess="false",
            receivesEmail="false",
        )
    )
    family(roster, "NS1", contact="NP1")
    family(roster, "NS1", contact="NP2", conversation="of the father")

    assert ask(lambda records: records.child("conversation", None)).name == "Maya López"
    refused = refusal(lambda records: records.child("of the father", None))
    assert refused == Refused(Reason.STUDENT_UNAVAILABLE)


def test_names_are_those_of_the_own_children(portal: Portal, family: Family) -> None:
    roster = small_roster().student("S3", "Iris", "Okafor")
    roster.add("courses", sourcedId="C-ART", title="Art", orgSourcedId="D").school_class("ART", "C-ART")
    family(roster.enroll("S3", "ART"), "NS1", "NS2")

    with portal.begin() as tx:
        names = tx.records.names("conversation")

    assert names == Names(
        students=("Diego", "Diego López", "Maya", "Maya López"),
        courses=("Algebra I", "Biology"),
        terms=("Spring 2026", "Fall Semester", "2026-2027", "Spring Semester"),
    )


def test_names_of_a_child_that_may_not_be_seen_hold_no_course(portal: Portal, family: Family) -> None:
    family(small_roster().change("users", 2, enabledUser="false"), "NS1", "NS2")

    with portal.begin() as tx:
        names = tx.records.names("conversation")

    assert names.courses == ("Biology",)
    assert "Maya" in names.students


def worked(roster: Roster, section: str, number: int, letter: str, said: str) -> Roster:
    """Let the first student of a number have work, a test and grades of before, each with its word."""
    student = {"studentIdentifier": f"NS{number}"}
    roster.add("lineItems", sourcedId=f"L{number}", title=said, classSourcedId=section, dueDate="2026-10-12")
    task = {"lineItemSourcedId": f"L{number}", "studentSourcedId": f"S{number}", "scoreDate": "2026-10-13"}
    roster.add("results", sourcedId=f"R{number}", scoreStatus="fully graded", score="3", comment=said, **task)
    roster.add("x_test_results", date="2026-10-01", test=said, **student)
    return roster.grade(f"NS{number}", section, letter, termSourcedId="SPRING-26", comment=said)


def other_family() -> Roster:
    """Return the same names as `small_roster`, with other facts."""
    roster = small_roster().grade("NS1", "ALG", "F", percent="12.00").absence("NS1", "2026-09-30", "Tardy")
    worked(roster, "ALG", 1, "D", "Theirs")
    roster.add("x_transactions", studentIdentifier="NS1", date="2026-10-01", account="fees", amount="-9.00")
    roster.add("x_bulletins", schoolId="100", date="2026-10-14", title="Flood", text="Stay home.")
    roster.add("x_schools", schoolId="100", address="1 Harbor Way", city="Boston")
    return roster.change("courses", 2, title="Alchemy")


@pytest.mark.parametrize("method", METHODS)
def test_family_of_another_district_with_the_same_names_sees_only_its_own(
    family: Family, ask: Answered, method: str
) -> None:
    ours = small_roster().grade("NS1", "ALG", "A").absence("NS1", "2026-09-09")
    family(worked(ours, "ALG", 1, "B", "Ours"), "NS1")
    family(other_family(), "NS1", district="boston", conversation="in Boston")

    mine = ask(_ask(method, "conversation", "Maya"))
    theirs = ask(_ask(method, "in Boston", "Maya"))

    assert mine != theirs
    assert not ({"Alchemy", "F", "D", "tardy", "fees", "Flood", "1 Harbor Way", "Theirs"} & set(_words(mine)))
    assert not ({"Algebra I", "A", "B", "excused", "Ours"} & set(_words(theirs)))


def _words(answer: object) -> list[str]:
    return repr(answer).replace("'", '"').split('"')


@pytest.mark.parametrize("method", OF_ITS_OWN)
def test_family_of_the_same_district_with_the_same_names_sees_only_its_own(
    family: Family, ask: Answered, method: str
) -> None:
    roster = small_roster().student("S3", "Maya", "López").parent("P3", "Ana", "López", "S3")
    roster.enroll("S3", "BIO").grade("NS1", "BIO", "A").grade("NS3", "BIO", "F")
    roster.absence("NS1", "2026-09-09", reason="Illness").absence("NS3", "2026-09-10", reason="Trip")
    money = {"date": "2026-10-01", "account": "fees"}
    roster.add("x_transactions", studentIdentifier="NS1", description="Illness", amount="-9.00", **money)
    roster.add("x_transactions", studentIdentifier="NS3", description="Trip", amount="-9.00", **money)
    worked(worked(roster, "BIO", 1, "B", "Ours"), "BIO", 3, "D", "Theirs")
    # What a class was given to do is the same for all of it; what came of it is not.
    roster.drop("lineItems", sourcedId="L3").change("results", 3, lineItemSourcedId="L1", score="2")
    family(roster, "NS1")
    family(roster, "NS3", conversation="in Boston")

    mine = ask(_ask(method, "conversation", "Maya"))
    theirs = ask(_ask(method, "in Boston", "Maya"))

    assert not ({"F", "D", "Trip", "Theirs"} & set(_words(mine)))
    assert not ({"A", "B", "Illness"} & set(_words(theirs)))
    assert mine != theirs


def test_link_to_a_student_of_another_district_shows_nothing(
    portal: Portal, family: Family, ask: Answered
) -> None:
    family(small_roster(), "NS1")
    family(small_roster(), district="boston", conversation="in Boston")
    with portal.begin() as tx:
        child = tx.imports.find_student("westborough", "NS1")
        account = tx.accounts.find("boston", "parent2")
        assert child is not None
        assert account is not None
        tx.links.link(account.account_id, child.id, "Mother")

    assert ask(lambda records: records.students("in Boston")).children == ()


def test_temporary_password_opens_no_record(portal: Portal, refusal: Refusing) -> None:
    make_parent(portal, make_district(portal), temporary=True)
    sign_in(portal)

    refused = refusal(lambda records: records.students("conversation"))

    assert refused == Refused(Reason.MUST_CHANGE_PASSWORD)
