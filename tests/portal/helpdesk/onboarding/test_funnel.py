"""The funnel counts each family where it is, and shows nobody whom the member may not see."""

from collections.abc import Mapping

import pytest
from sqlalchemy import select

from portal.core.models import AuditRow
from portal.core.outcomes import Reason, Refused
from portal.dialogue.start_codes import FOR_PARENTS
from portal.helpdesk.onboarding.funnel import GroupBy
from portal.helpdesk.onboarding.outcomes import FamilyStep, FunnelRow, Page
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Role
from portal.records.answers import Question
from portal.transaction import Portal
from tests.support.letters import links, member_of, printed
from tests.support.portals import make_parent, sign_in

Ids = Mapping[str, str]


def counts(portal: Portal, member: StaffMember, by: GroupBy = GroupBy.SCHOOL) -> Mapping[str, FunnelRow]:
    with portal.begin() as tx:
        found = tx.funnel.counts(member, by)
    assert not isinstance(found, Refused)
    return {row.name: row for row in found}


def reached(row: FunnelRow) -> tuple[int, ...]:
    return tuple(row.reached[step] for step in FamilyStep)


def test_a_family_is_counted_at_each_step_that_it_takes(
    portal: Portal, students: Ids, schools: Ids, member: StaffMember
) -> None:
    steps = []

    def look() -> None:
        steps.append(reached(counts(portal, member)["Mill Pond Middle"]))

    look()
    letter = printed(portal, member, school=schools["200"])[students["S9"]]
    look()
    with portal.begin() as tx:
        tx.start_codes.spend(letter.code, FOR_PARENTS, turn_id="t1")
    look()
    with portal.begin() as tx:
        contact = tx.imports.find_contact("westborough", "P9")
    assert contact is not None
    make_parent(portal, username="rhaddad", contact_id=contact.id)
    look()
    assert links(portal, letter)
    look()
    make_parent(portal, username="another", children=[students["S9"]])
    sign_in(portal, "another")
    with portal.begin() as tx:
        tx.records.students("conversation")
    look()
    with portal.begin() as tx:
        answer = tx.records.grades("conversation", Question())
    look()

    assert not isinstance(answer, Refused)
    assert steps == [
        (0, 0, 0, 0, 0),
        (1, 0, 0, 0, 0),
        (1, 1, 0, 0, 0),
        (1, 1, 1, 0, 0),
        (1, 1, 1, 1, 0),
        (1, 1, 1, 1, 0),
        (1, 1, 1, 1, 1),
    ]


def test_by_language_a_student_stands_with_the_letters_language(
    portal: Portal, students: Ids, schools: Ids, member: StaffMember
) -> None:
    printed(portal, member, school=schools["200"], language="es")

    found = counts(portal, member, GroupBy.LANGUAGE)

    assert {name: row.students for name, row in found.items()} == {"": 3, "es": 1}


def test_a_letter_that_was_replaced_counts_once_and_its_family_has_started(
    portal: Portal, students: Ids, schools: Ids, member: StaffMember
) -> None:
    old = printed(portal, member, school=schools["200"])[students["S9"]]
    with portal.begin() as tx:
        tx.start_codes.spend(old.code, FOR_PARENTS, turn_id="t1")

    printed(portal, member, student=students["S9"])

    assert reached(counts(portal, member)["Mill Pond Middle"]) == (1, 1, 0, 0, 0)


def test_who_has_no_account_is_named_and_the_look_is_audited_without_a_name(
    portal: Portal, students: Ids, schools: Ids, member: StaffMember
) -> None:
    make_parent(portal, children=[students["S1"], students["S2"]])

    with portal.begin() as tx:
        everybody = tx.funnel.without_account(member)
        school = tx.funnel.export(member, schools["200"])

    assert isinstance(everybody, Page)
    assert {each.name for each in everybody.rows} == {"Zoe Whitfield", "Noor Haddad"}
    assert not isinstance(school, Refused)
    assert [each.name for each in school] == ["Noor Haddad"]
    with portal.begin() as tx:
        query = select(AuditRow).where(AuditRow.event.startswith("funnel.")).order_by(AuditRow.number)
        rows = list(tx.session.scalars(query))
    assert [row.event for row in rows] == ["funnel.seen", "funnel.exported"]
    assert all(member.by in row.details and "Noor" not in row.details for row in rows)


def test_a_page_beyond_the_last_is_the_last(portal: Portal, students: Ids, member: StaffMember) -> None:
    with portal.begin() as tx:
        found = tx.funnel.without_account(member, number=999_999)

    assert isinstance(found, Page)
    assert (found.number, found.pages, found.total) == (1, 1, 4)


@pytest.mark.case("T1")
def test_a_school_administrator_counts_the_own_school_and_knows_of_no_other(
    portal: Portal, students: Ids, schools: Ids
) -> None:
    own = member_of(Role.SCHOOL_ADMINISTRATOR, schools["200"])

    found = counts(portal, own)

    with portal.begin() as tx:
        named = tx.funnel.without_account(own)
        refused = [
            tx.funnel.without_account(own, schools["100"]),
            tx.funnel.export(own, schools["100"]),
            tx.funnel.export(own, "' OR 1=1--"),
        ]
    assert list(found) == ["Mill Pond Middle"]
    assert isinstance(named, Page)
    assert [each.name for each in named.rows] == ["Noor Haddad"]
    assert refused == [Refused(Reason.NOT_FOUND)] * 3


@pytest.mark.case("T1")
def test_the_desk_sees_no_funnel(portal: Portal, students: Ids) -> None:
    desk = member_of(Role.DESK)

    with portal.begin() as tx:
        answers = [
            tx.funnel.counts(desk, GroupBy.SCHOOL),
            tx.funnel.without_account(desk),
            tx.funnel.export(desk),
        ]

    assert answers == [Refused(Reason.FORBIDDEN)] * 3


def test_another_district_is_not_counted(portal: Portal, students: Ids) -> None:
    assert counts(portal, member_of(Role.AUDITOR, district="boston")) == {}
