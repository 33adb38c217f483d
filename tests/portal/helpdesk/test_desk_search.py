"""A parent is found by what a caller says, by those who may see them, and each look is on record."""

import json

import pytest
from sqlalchemy import select, update

from portal.accounts.models import AccountNameRow, AccountRow
from portal.core.models import AuditRow
from portal.core.outcomes import Reason, Refused
from portal.helpdesk.desk.outcomes import Searched
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Role
from portal.sis.models import Contact, Student
from portal.transaction import Portal
from tests.support.desk_work import TwoFamilies, audited, member_of
from tests.support.portals import make_district, make_parent, sign_in


def search(portal: Portal, member: StaffMember, typed: str) -> Searched | Refused:
    with portal.begin() as tx:
        return tx.parent_search.search(member, typed)


def names(outcome: Searched | Refused) -> list[str]:
    assert isinstance(outcome, Searched), outcome
    return [each.name for each in outcome.parents]


@pytest.mark.parametrize(
    ("typed", "by"),
    [
        ("mlopez", "username"),
        ("MLOP", "username"),
        ("marisol@families.example", "email"),
        ("Marisol@Fam", "email"),
        ("López", "name"),
        ("lopez", "name"),
        ("LOP mari", "name"),
        ("Marisol López", "name"),
        ("7001", "student"),
        ("700", "student"),
        ("(508) 555-0144", "phone"),
        ("+1 508 555 0144", "phone"),
        ("508555", "phone"),
    ],
)
def test_parent_is_found_by_the_beginning_of_what_a_caller_says(
    portal: Portal, two: TwoFamilies, dana: StaffMember, typed: str, by: str
) -> None:
    with portal.begin() as tx:
        hers = update(Contact).where(Contact.identifier == "9001")
        tx.session.execute(hers.values(phone_key="5085550144"))

    found = search(portal, dana, typed)

    assert isinstance(found, Searched)
    assert ("Marisol López", two.lopez, by) in [
        (each.name, each.account_id, each.by) for each in found.parents
    ]


@pytest.mark.case("X1")
@pytest.mark.parametrize(
    "typed", ["' OR 1=1--", "%%", "__", "\\\\", "%lopez", "m_opez", "lopez%", "mlopez'--"]
)
def test_signs_of_a_pattern_or_a_query_find_nobody_more(
    portal: Portal, two: TwoFamilies, dana: StaffMember, typed: str
) -> None:
    found = search(portal, dana, typed)

    # A name's own words are found without their signs, as anybody may write them.
    assert names(found) in ([], ["Marisol López"])
    assert names(found) == [] or "lopez" in typed.replace("_", "!")


@pytest.mark.parametrize("typed", ["", "m", "x" * 101, "a\x00b", "a\u202eb", "\ud800\ud800"])
def test_what_cannot_be_searched_for_is_refused(
    portal: Portal, two: TwoFamilies, dana: StaffMember, typed: str
) -> None:
    outcome = search(portal, dana, typed)

    assert isinstance(outcome, Refused)
    assert outcome.reason is Reason.FIELDS_REFUSED


def test_each_search_is_on_record_without_what_was_typed(
    portal: Portal, two: TwoFamilies, dana: StaffMember
) -> None:
    search(portal, dana, "lopez")
    search(portal, dana, "nobody at all")

    kept = [json.loads(each) for each in audited(portal, "desk.parents_searched")]
    with portal.begin(read_only=True) as tx:
        everything = " ".join(tx.session.scalars(select(AuditRow.details)))
    assert [(each["by"], each["found"]) for each in kept] == [(dana.by, 1), (dana.by, 0)]
    assert "lopez" not in everything.lower()


@pytest.mark.case("T1")
def test_school_administrator_finds_only_families_of_their_schools(portal: Portal, two: TwoFamilies) -> None:
    with portal.begin() as tx:
        school = tx.session.scalars(select(Student.school_id).where(Student.id == two.maya)).one()
        tx.session.execute(update(Student).where(Student.id == two.zoe).values(school_id="another school"))
        tx.links.link(two.lopez, two.zoe, "aunt")
    near = member_of(portal, Role.SCHOOL_ADMINISTRATOR, schools=[school])
    far = member_of(portal, Role.SCHOOL_ADMINISTRATOR, schools=["a third school"])

    found = search(portal, near, "lopez")

    assert isinstance(found, Searched)
    assert [each.children for each in found.parents] == [("Leo López", "Maya López")]
    assert names(search(portal, near, "whitfield")) == []
    # Nor does the number of a child elsewhere tell whose it is.
    assert names(search(portal, near, "7003")) == []
    assert names(search(portal, far, "lopez")) == []


@pytest.mark.case("T1")
def test_staff_of_another_district_find_nobody(portal: Portal, two: TwoFamilies) -> None:
    make_district(portal, "eastborough")
    stranger = member_of(portal, Role.DISTRICT_ADMINISTRATOR, district="eastborough")

    assert names(search(portal, stranger, "lopez")) == []


def test_contact_without_an_account_is_found_in_the_records(
    portal: Portal, two: TwoFamilies, dana: StaffMember
) -> None:
    with portal.begin() as tx:
        tx.session.execute(update(AccountRow).values(contact_id=None))
    make_parent(portal, username="other", display_name="Marisol Quint")

    found = search(portal, dana, "marisol")

    assert isinstance(found, Searched)
    assert [(each.name, each.account_id is None) for each in found.parents] == [
        ("Marisol López", False),
        ("Marisol Quint", False),
        ("Marisol López", True),
    ]


def test_locked_and_disabled_accounts_are_marked(portal: Portal, two: TwoFamilies, dana: StaffMember) -> None:
    for _ in range(5):
        sign_in(portal, "kwhitfield", "some quite wrong words")

    found = search(portal, dana, "kwhit")

    assert isinstance(found, Searched)
    assert [(each.is_locked, each.is_disabled) for each in found.parents] == [(True, False)]


def test_more_than_a_screen_is_cut_and_said_to_be(
    portal: Portal, two: TwoFamilies, dana: StaffMember
) -> None:
    for number in range(51):
        make_parent(portal, username=f"parent{number:02}", display_name=f"Ana Sousa{number:02}")

    found = search(portal, dana, "sousa")

    assert isinstance(found, Searched)
    assert (len(found.parents), found.is_cut) == (50, True)


def test_account_is_found_by_its_new_name(portal: Portal, two: TwoFamilies, dana: StaffMember) -> None:
    sign_in(portal, conversation="chat")
    with portal.begin() as tx:
        tx.preferences.change_name("chat", "Marisol", "Quintero")

    assert names(search(portal, dana, "quintero")) == ["Marisol Quintero"]


def test_what_an_older_version_kept_is_found_once_the_portal_was_cleaned_up(
    portal: Portal, two: TwoFamilies, dana: StaffMember
) -> None:
    with portal.begin() as tx:
        tx.session.query(AccountNameRow).delete()
        tx.session.execute(update(Contact).values(family_key="", given_key="", email_key=""))
    before = names(search(portal, dana, "whitf"))

    portal.purge()

    assert before == []
    assert names(search(portal, dana, "whitf")) == ["Karen Whitfield"]
    assert names(search(portal, dana, "k@families.example")) == ["Karen Whitfield"]
