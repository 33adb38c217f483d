"""Accounts: creating, finding, linking and unlocking them."""

import json

import pytest
from sqlalchemy import select

from portal.accounts.links import Link
from portal.accounts.models import AccountRow
from portal.accounts.outcomes import AccountCreated, NewAccount, SignedIn, Unlocked
from portal.core.errors import PortalError
from portal.core.models import AuditRow, OutboxRow
from portal.core.outcomes import Reason, Refused, Violation
from portal.core.secret import Secret
from portal.sis.models import Contact
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.portals import PASSWORD, make_district, make_parent, sign_in


def create(portal: Portal, username: str = "mlopez", password: str = PASSWORD, **more: object) -> object:
    new = NewAccount(**{"district": "westborough", "username": username, "display_name": "A B", **more})  # type: ignore[arg-type]  # the test names the fields
    return portal.create_account(new, Secret(password))


def test_new_account_is_found_however_its_name_is_typed(portal: Portal) -> None:
    make_district(portal)
    created = create(portal, email="m@example.org", contact_id="c1")

    with portal.begin(read_only=True) as tx:
        found = tx.accounts.find("westborough", " MLOPEZ ")
        elsewhere = tx.accounts.find("boston", "mlopez")

    assert isinstance(created, AccountCreated)
    assert found is not None
    assert (found.account_id, found.email, found.contact_id, found.is_disabled) == (
        created.account_id,
        "m@example.org",
        "c1",
        False,
    )
    assert elsewhere is None


@pytest.mark.requirement("R56")
def test_name_in_use_is_refused(portal: Portal) -> None:
    make_district(portal)
    make_district(portal, "boston")
    create(portal)

    assert create(portal, "MLopez") == Refused(Reason.USERNAME_TAKEN)
    assert isinstance(create(portal, district="boston"), AccountCreated)


@pytest.mark.parametrize(
    "username", ["ab", "alice.", "\u0430lice", "al ice", "al\u200bice", "a" * 60, "a\0bc"]
)
def test_name_that_could_be_mistaken_is_refused(portal: Portal, username: str) -> None:
    make_district(portal)

    assert create(portal, username) == Refused(Reason.INVALID_REQUEST)


def test_account_in_an_unknown_district_is_refused(portal: Portal) -> None:
    with portal.begin() as tx:
        direct = tx.accounts.create(NewAccount("nowhere", "mlopez", "A B"), "hash")

    assert direct == create(portal) == Refused(Reason.NOT_FOUND)


def test_password_against_the_rules_opens_no_account(portal: Portal) -> None:
    make_district(portal)

    short = create(portal, password="short")
    invisible = create(portal, password="tab\tin between the words")

    assert short == Refused(Reason.PASSWORD_REFUSED, violations=(Violation("too_short", 15),))
    assert invisible == Refused(Reason.PASSWORD_REFUSED, violations=(Violation("characters"),))


def test_temporary_password_may_be_short(portal: Portal) -> None:
    make_district(portal)

    assert isinstance(create(portal, password="7kettles", temporary=True), AccountCreated)


@pytest.mark.requirement("R15")
def test_unlock_is_audited_with_before_and_after_and_told_to_the_parent(
    portal: Portal, clock: FakeClock
) -> None:
    make_district(portal, profile="powerschool")
    account = make_parent(portal, email="m@example.org")
    for _ in range(6):
        sign_in(portal, password="some quite wrong words")

    with portal.begin() as tx:
        unlocked = tx.accounts.unlock("westborough", "mlopez", "called us", "desk one")

    assert unlocked == Unlocked("mlopez", account, was_locked=True)
    assert isinstance(sign_in(portal), SignedIn)
    with portal.begin(read_only=True) as tx:
        row = tx.session.scalars(select(AuditRow).where(AuditRow.event == "account.unlocked")).one()
        mail = tx.session.scalars(select(OutboxRow)).one()
        pseudonym = tx.audit.pseudonym("westborough", f"account:{account}")
    assert row.subject == pseudonym
    assert json.loads(row.details) == {
        "by": "desk one",
        "reason": "called us",
        "was_locked": True,
        "fails_before": 5,
        "fails_after": 0,
    }
    assert (mail.kind, mail.recipient, mail.due_at) == ("account_unlocked", account, clock.now())


def test_unlocking_a_locked_name_nobody_has_works(portal: Portal) -> None:
    make_district(portal, profile="powerschool")
    for _ in range(6):
        sign_in(portal, "nobody")

    with portal.begin() as tx:
        unlocked = tx.accounts.unlock("westborough", "nobody", "called us", "desk")

    assert unlocked == Unlocked("nobody", None, was_locked=True)
    assert sign_in(portal, "nobody") == Refused(Reason.BAD_CREDENTIALS)


def test_unlocking_an_account_that_is_not_locked_says_so_and_writes_no_mail(portal: Portal) -> None:
    make_district(portal)
    account = make_parent(portal, email="m@example.org")

    with portal.begin() as tx:
        never_tried = tx.accounts.unlock("westborough", "mlopez", "called us", "desk")
    sign_in(portal, password="some quite wrong words")
    with portal.begin() as tx:
        tried_once = tx.accounts.unlock("westborough", "mlopez", "called us", "desk")
        mails = list(tx.session.scalars(select(OutboxRow)))

    assert never_tried == tried_once == Unlocked("mlopez", account, was_locked=False)
    assert mails == []


@pytest.mark.parametrize(
    ("district", "username"), [("westborough", "nobody"), ("nowhere", "mlopez"), ("westborough", "\ud800")]
)
def test_unlocking_what_is_not_there_is_refused(portal: Portal, district: str, username: str) -> None:
    make_district(portal)

    with portal.begin() as tx:
        outcome = tx.accounts.unlock(district, username, "called us", "desk")

    assert outcome == Refused(Reason.NOT_FOUND)


@pytest.mark.requirement("R50")
@pytest.mark.case("L7")
def test_students_are_linked_once_each(portal: Portal, clock: FakeClock) -> None:
    make_district(portal)
    account = make_parent(portal, children=["maya"])
    clock.advance(seconds=1)

    with portal.begin() as tx:
        new = tx.links.link(account, "diego", "Mother")
        again = tx.links.link(account, "maya", "Mother")
        linked = tx.links.students_of(account)

    assert (new, again) == (True, False)
    assert linked == [Link("maya", "Mother"), Link("diego", "Mother")]


@pytest.mark.case("L8")
def test_two_parents_link_one_child_each_for_themselves(portal: Portal) -> None:
    make_district(portal)
    mother = make_parent(portal, children=["maya", "diego"])
    father = make_parent(portal, username="jlopez", children=["maya"])

    with portal.begin(read_only=True) as tx:
        of_father = tx.links.students_of(father)
        of_mother = tx.links.students_of(mother)

    assert [link.student_id for link in of_father] == ["maya"]
    assert {link.student_id for link in of_mother} == {"maya", "diego"}


def test_linking_to_no_account_is_a_bug(portal: Portal) -> None:
    with portal.begin() as tx, pytest.raises(PortalError, match="no account"):
        tx.links.link("nobody", "maya", "Mother")


def test_people_whose_accounts_hang_on_them_are_counted(portal: Portal) -> None:
    make_district(portal)
    make_parent(portal, children=["maya", "diego"], contact_id="c1")
    make_parent(portal, username="jlopez", children=["maya"])

    with portal.begin(read_only=True) as tx:
        counted = tx.links.accounts_of(["maya", "diego", "nobody", "c1"])

    assert counted == {"maya": 2, "diego": 1, "c1": 1}


@pytest.mark.requirement("R124")
def test_family_signs_in_with_its_own_address_where_accounts_are_requested(portal: Portal) -> None:
    make_district(portal, account_opening="request")
    make_district(portal, "boston")

    own = create(portal, "Ana+School@mailbox.example", email="ana+school@mailbox.example")
    anothers = create(portal, "luis@mailbox.example", email="ana@mailbox.example")
    without = create(portal, "luis@mailbox.example")
    elsewhere = create(portal, "ana@mailbox.example", district="boston", email="ana@mailbox.example")

    assert isinstance(own, AccountCreated)
    assert [anothers, without, elsewhere] == [Refused(Reason.INVALID_REQUEST)] * 3


@pytest.mark.parametrize(
    ("email", "given", "is_confirmed"),
    [
        ("ANA@mailbox.example", {"contact_id": "c1"}, True),
        ("luis@mailbox.example", {"contact_id": "c1"}, False),
        ("ana@mailbox.example", {}, False),
        ("luis@mailbox.example", {"email_confirmed": True}, True),
        ("no address", {"contact_id": "c2"}, False),
    ],
)
def test_address_counts_as_confirmed_where_the_school_or_the_caller_knows_it(
    portal: Portal, email: str, given: dict[str, object], *, is_confirmed: bool
) -> None:
    make_district(portal)
    texts = dict.fromkeys(("source_id", "identifier", "middle_name", "role", "phone", "sms"), "")
    with portal.begin() as tx:
        for contact, address in (("c1", "Ana@Mailbox.example"), ("c2", "")):
            names = {"given_name": "Ana", "family_name": "B", "email": address, "enabled": True}
            tx.session.add(Contact(district_id="westborough", id=contact, digest=b"", **texts, **names))

    create(portal, email=email, language="es", **given)

    with portal.begin(read_only=True) as tx:
        row = tx.session.scalars(select(AccountRow)).one()
    assert (row.email, row.language) == (email, "es")
    assert (row.email_confirmed_at is not None) is is_confirmed
