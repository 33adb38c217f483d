"""An address is confirmed by whoever reads its mail and knows the password, and by nobody else."""

from typing import Any

import pytest
from sqlalchemy import select, update

from portal.accounts.mailing import for_confirming, post
from portal.accounts.models import AccountRequestRow, AccountRow
from portal.accounts.outcomes import (
    Confirmation,
    ConfirmEmail,
    EmailConfirmed,
    NewAccount,
    PasswordSet,
    SignedIn,
)
from portal.core.models import AuditRow, TokenRow
from portal.core.outcomes import Reason, Refused, Violation
from portal.core.secret import Secret
from portal.core.tokens import NewToken, TokenPurpose
from portal.sis.models import Contact
from portal.transaction import Portal
from tests.support.clock import START, FakeClock
from tests.support.hashing import CountingHasher
from tests.support.mailbox import EMAIL, asker, hand_over, mails, recovery_token, set_password
from tests.support.portals import PASSWORD, make_district, make_parent, sign_in

VOID = Refused(Reason.TOKEN_VOID)
BAD = Refused(Reason.BAD_CREDENTIALS)
WRONG = "a wrong password here"


def confirm(portal: Portal, token: str, password: str = PASSWORD, **given: Any) -> EmailConfirmed | Refused:
    page = asker(**{"conversation": "page", "channel": "web", **given})
    return portal.confirm_email(ConfirmEmail(page, Secret(token), Secret(password)))


def confirmation(portal: Portal, account: str) -> str:
    with portal.begin() as tx:
        row = tx.session.get_one(AccountRow, account)
        post(tx.context, for_confirming(row, "opening", "en"))
    return hand_over(portal, "confirm_email")


def account_of(portal: Portal, username: str = "mlopez") -> AccountRow:
    with portal.begin(read_only=True) as tx:
        return tx.session.scalars(select(AccountRow).where(AccountRow.username == username)).one()


def events(portal: Portal) -> list[str]:
    with portal.begin(read_only=True) as tx:
        return list(tx.session.scalars(select(AuditRow.event).order_by(AuditRow.number)))


def test_token_and_password_confirm_the_address_of_a_new_account(portal: Portal, clock: FakeClock) -> None:
    make_district(portal)
    token = confirmation(portal, make_parent(portal, email=EMAIL))
    clock.advance(hours=1)

    outcome = confirm(portal, token)

    assert outcome == EmailConfirmed(Confirmation.ACCOUNT, "mlopez", "opening")
    assert account_of(portal).email_confirmed_at == clock.now()
    assert events(portal)[-1] == "email.confirmed"
    assert confirm(portal, token) == VOID
    assert isinstance(set_password(portal, recovery_token(portal)), PasswordSet)


def test_account_opened_by_access_id_carries_no_address_in_its_token(portal: Portal) -> None:
    make_district(portal)
    account = make_parent(portal, email=EMAIL)
    token = confirmation(portal, account)
    with portal.begin() as tx:
        tx.session.execute(update(TokenRow).values(details="{}"))

    assert confirm(portal, token) == EmailConfirmed(Confirmation.ACCOUNT, "mlopez", "opening")


def test_whoever_reads_the_mail_without_the_password_confirms_nothing(portal: Portal) -> None:
    make_district(portal)
    token = confirmation(portal, make_parent(portal, email=EMAIL))

    outcome = confirm(portal, token, WRONG)

    assert outcome == BAD
    assert account_of(portal).email_confirmed_at is None
    assert events(portal)[-1] == "proof.failed"
    assert isinstance(confirm(portal, token), EmailConfirmed)


@pytest.mark.case("A6", "E2")
def test_wrong_passwords_count_like_those_of_a_sign_in(portal: Portal, hasher: CountingHasher) -> None:
    make_district(portal, lock={"mode": "wait", "fails": 5})
    token = confirmation(portal, make_parent(portal, email=EMAIL))
    for _ in range(3):
        sign_in(portal, password=WRONG)

    outcomes = [confirm(portal, token, WRONG) for _ in range(2)]
    before = hasher.verified
    locked = [confirm(portal, token), sign_in(portal)]

    assert outcomes == [BAD] * 2
    assert [isinstance(each, Refused) and each.reason for each in locked] == [Reason.LOCKED_WAIT] * 2
    assert hasher.verified == before
    assert events(portal)[-2:] == ["proof.failed", "signin.locked"]


def test_right_password_clears_the_failures(portal: Portal) -> None:
    make_district(portal, lock={"mode": "wait", "fails": 5})
    token = confirmation(portal, make_parent(portal, email=EMAIL))
    for _ in range(4):
        confirm(portal, token, WRONG)

    confirm(portal, token)
    for _ in range(4):
        sign_in(portal, password=WRONG)

    assert isinstance(sign_in(portal), SignedIn)


@pytest.mark.parametrize("age", [3 * 86400 - 0.001, 3 * 86400])
def test_token_is_good_for_three_days(portal: Portal, clock: FakeClock, age: float) -> None:
    make_district(portal)
    token = confirmation(portal, make_parent(portal, email=EMAIL))

    clock.advance(seconds=age)

    assert (confirm(portal, token) == VOID) is (age == 3 * 86400)


@pytest.mark.parametrize("column", ["disabled_at", "password_hash"])
def test_account_that_changes_while_the_password_is_verified_is_not_confirmed(
    portal: Portal, hasher: CountingHasher, column: str
) -> None:
    make_district(portal)
    token = confirmation(portal, make_parent(portal, email=EMAIL))

    def meanwhile() -> None:
        with portal.begin() as tx:
            value = tx.now if column == "disabled_at" else "1:other"
            tx.session.execute(update(AccountRow).values({column: value}))

    hasher.meanwhile = meanwhile

    assert confirm(portal, token) == BAD
    assert account_of(portal).email_confirmed_at is None


def test_token_spent_while_the_password_is_verified_is_void(portal: Portal, hasher: CountingHasher) -> None:
    make_district(portal)
    token = confirmation(portal, make_parent(portal, email=EMAIL))

    def meanwhile() -> None:
        confirm(portal, token)

    hasher.meanwhile = meanwhile

    assert confirm(portal, token) == VOID


def test_account_that_is_disabled_is_not_confirmed(portal: Portal) -> None:
    make_district(portal)
    token = confirmation(portal, make_parent(portal, email=EMAIL))
    with portal.begin() as tx:
        tx.session.execute(update(AccountRow).values(disabled_at=tx.now))

    assert confirm(portal, token) == VOID


def test_token_of_nobody_confirms_nothing(portal: Portal) -> None:
    make_district(portal)
    with portal.begin() as tx:
        purpose = TokenPurpose.CONFIRM_EMAIL
        token_id = tx.tokens.issue(NewToken("westborough", purpose, START - START.replace(day=14)))
        tx.tokens.sending(token_id)
        token = tx.tokens.derive(token_id).value

    assert confirm(portal, token) == VOID


def test_repeated_request_confirms_once(portal: Portal) -> None:
    make_district(portal)
    token = confirmation(portal, make_parent(portal, email=EMAIL))

    wrong = [confirm(portal, token, WRONG, request_id="one") for _ in range(2)]
    right = [confirm(portal, token, request_id="two") for _ in range(2)]
    void = [confirm(portal, token, request_id="three") for _ in range(2)]

    assert wrong == [BAD] * 2
    assert right == [EmailConfirmed(Confirmation.ACCOUNT, "mlopez", "opening")] * 2
    assert void == [VOID] * 2
    assert events(portal).count("proof.failed") == 1


def test_empty_password_is_told_beside_the_field(portal: Portal) -> None:
    make_district(portal)

    empty = confirm(portal, "token", "")

    assert empty == Refused(Reason.FIELDS_REFUSED, violations=(Violation("empty", field="password"),))


@pytest.mark.case("P7")
def test_password_that_cannot_be_normalised_is_a_wrong_one(portal: Portal) -> None:
    make_district(portal)
    token = confirmation(portal, make_parent(portal, email=EMAIL))

    assert confirm(portal, token, "a\0b") == BAD


@pytest.mark.case("P5", "P7")
@pytest.mark.parametrize(
    "given",
    [
        {"password": "x" * 1025},
        {"password": "\ud800"},
        {"conversation": "\0"},
        {"source": "\0"},
        {"district": "\ud800"},
        {"district": "nowhere"},
    ],
)
def test_what_cannot_be_kept_is_refused(portal: Portal, given: dict[str, str]) -> None:
    make_district(portal)
    token = confirmation(portal, make_parent(portal, email=EMAIL))

    assert confirm(portal, token, **given) == Refused(Reason.INVALID_REQUEST)


def make_request(portal: Portal, hasher: CountingHasher, **values: Any) -> str:
    """Keep a request that matches the records, and return the token of its mail."""
    make_district(portal, profile="aspen", account_opening="request", name="Boston Public Schools")
    texts = dict.fromkeys(("source_id", "identifier", "middle_name", "role", "phone", "sms"), "")
    row = {
        "first_name": "Marisol",
        "last_name": "Quintero",
        "email": EMAIL.lower(),
        "email_key": EMAIL.lower(),
        "language": "es",
        "contact_id": "c1",
        "password_hash": hasher.hash(Secret(PASSWORD)),
        "security_question": "First pet?",
        "security_answer_hash": "1:answer",
        "state": "mailed",
        "reason": "",
        "conversation": "requesting",
        **values,
    }
    with portal.begin() as tx:
        given = {"given_name": "Marisol", "family_name": "Quintero", "email": EMAIL, "enabled": True}
        tx.session.add(Contact(district_id="westborough", id="c1", digest=b"", **texts, **given))
        tx.session.add(
            AccountRequestRow(district_id="westborough", request_id="r1", created_at=tx.now, **row)
        )
        token_id = tx.tokens.issue(
            NewToken(
                "westborough",
                TokenPurpose.CONFIRM_REQUEST,
                START - START.replace(day=14),
                conversation="requesting",
                details={"request_id": "r1"},
            )
        )
        tx.tokens.sending(token_id)
        return tx.tokens.derive(token_id).value


@pytest.mark.requirement("R129", "R130")
def test_confirmed_request_is_an_active_account(portal: Portal, hasher: CountingHasher) -> None:
    token = make_request(portal, hasher)

    outcome = confirm(portal, token)
    signed_in = sign_in(portal, username=EMAIL.upper())

    account = account_of(portal, EMAIL.lower())
    assert outcome == EmailConfirmed(Confirmation.REQUEST, EMAIL.lower(), "requesting")
    assert isinstance(signed_in, SignedIn)
    assert (account.display_name, account.contact_id, account.language) == ("Marisol Quintero", "c1", "es")
    # Mail goes to the spelling that the school has.
    assert (account.email, account.email_confirmed_at) == (EMAIL, START)
    assert (account.security_question, account.security_answer_hash) == ("First pet?", "1:answer")
    with portal.begin(read_only=True) as tx:
        [mail] = mails(tx)
        request = tx.session.scalars(select(AccountRequestRow)).one()
        assert (request.state, request.account_id) == ("active", account.account_id)
        assert tx.links.students_of(account.account_id) == []
    assert (mail.kind, mail.address, mail.language) == ("account_active", EMAIL, "es")


def test_request_whose_contact_has_left_keeps_the_address_it_was_made_with(
    portal: Portal, hasher: CountingHasher
) -> None:
    token = make_request(portal, hasher, contact_id=None)

    confirm(portal, token)

    assert account_of(portal, EMAIL.lower()).email == EMAIL.lower()


def test_family_that_did_not_ask_cannot_be_made_to_confirm(portal: Portal, hasher: CountingHasher) -> None:
    token = make_request(portal, hasher)

    outcome = confirm(portal, token, WRONG)

    assert outcome == BAD
    assert sign_in(portal, username=EMAIL) == BAD


def test_guesses_at_the_password_of_a_request_are_limited(portal: Portal, hasher: CountingHasher) -> None:
    token = make_request(portal, hasher)

    outcomes = [confirm(portal, token, WRONG) for _ in range(5)]
    full = confirm(portal, token)

    assert outcomes == [BAD] * 5
    assert full == Refused(Reason.LOCKED_CONTACT_SCHOOL)


def test_attempts_before_the_account_was_there_do_not_lock_it(portal: Portal, hasher: CountingHasher) -> None:
    token = make_request(portal, hasher)
    for _ in range(5):
        sign_in(portal, username=EMAIL, password=WRONG)

    confirm(portal, token)

    assert isinstance(sign_in(portal, username=EMAIL), SignedIn)


@pytest.mark.case("Q4")
def test_second_request_for_the_same_address_finds_the_account_there(
    portal: Portal, hasher: CountingHasher
) -> None:
    token = make_request(portal, hasher)
    portal.create_account(
        NewAccount("westborough", EMAIL, "Marisol Quintero", email=EMAIL), Secret("another password entirely")
    )

    assert confirm(portal, token) == Refused(Reason.ALREADY_DONE)


@pytest.mark.case("Q4")
@pytest.mark.parametrize("state", ["staff", "active"])
def test_request_that_staff_hold_or_that_is_done_is_not_confirmed(
    portal: Portal, hasher: CountingHasher, state: str
) -> None:
    token = make_request(portal, hasher, state=state)

    assert confirm(portal, token) == VOID
