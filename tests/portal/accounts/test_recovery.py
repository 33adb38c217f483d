"""Mails of recovery go to the stored address, three an hour, and nobody learns whether one left."""

from typing import Any

import pytest
from sqlalchemy import Engine, func, select, update

from portal.accounts.gate import Kind
from portal.accounts.mailing import for_confirming, for_new_address, post
from portal.accounts.models import AccountRequestRow, AccountRow, GateRow
from portal.accounts.outcomes import MailAsked, RecoverPassword, RecoverUsername, ResendConfirmation
from portal.core.models import AuditRow, OutboxRow, TokenRow
from portal.core.outcomes import Reason, Refused, Violation
from portal.sis.models import Contact
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.mailbox import EMAIL, asker, hand_over, mails, set_password
from tests.support.portals import make_district, make_parent, sign_in
from tests.support.statements import statements

Asked = MailAsked | Refused


def ask_password(portal: Portal, username: str = "mlopez", email: str = EMAIL, **given: Any) -> Asked:
    with portal.begin() as tx:
        return tx.recovery.ask_password(RecoverPassword(asker(**given), username, email))


def ask_username(portal: Portal, email: str = EMAIL, **given: Any) -> Asked:
    with portal.begin() as tx:
        return tx.recovery.ask_username(RecoverUsername(asker(**given), email))


def ask_confirmation(portal: Portal, email: str = EMAIL, **given: Any) -> Asked:
    with portal.begin() as tx:
        return tx.recovery.ask_confirmation(ResendConfirmation(asker(**given), email))


def make_marisol(portal: Portal, **account: Any) -> str:
    return make_parent(portal, **{"email": EMAIL, "email_confirmed": True, **account})


def sent_to(portal: Portal, kind: str = "") -> list[str | None]:
    with portal.begin(read_only=True) as tx:
        return [row.address for row in mails(tx, kind)]


def rows(portal: Portal) -> list[int]:
    """Count what every request writes, whoever asked for whatever."""
    with portal.begin(read_only=True) as tx:
        tables = (OutboxRow, TokenRow, AuditRow, GateRow)
        return [tx.session.scalar(select(func.count()).select_from(table)) or 0 for table in tables]


@pytest.mark.requirement("R33")
def test_name_and_address_that_belong_together_bring_one_mail_to_the_stored_address(portal: Portal) -> None:
    make_district(portal)
    account = make_marisol(portal)

    outcome = ask_password(portal, " MLopez ", EMAIL.upper(), language="es")

    with portal.begin(read_only=True) as tx:
        [mail] = mails(tx)
        [token] = tx.session.scalars(select(TokenRow))
    assert outcome == MailAsked()
    assert (mail.kind, mail.address, mail.recipient) == ("recover_password", EMAIL, account)
    assert (mail.language, mail.token_id, mail.details) == ("es", token.token_id, "{}")
    assert (token.account_id, token.conversation, token.life_seconds) == (account, "asking", 1800)


def test_mail_is_in_the_language_that_the_parent_chose(portal: Portal) -> None:
    make_district(portal)
    make_marisol(portal, language="pt")

    ask_password(portal, language="en")

    with portal.begin(read_only=True) as tx:
        assert [mail.language for mail in mails(tx)] == ["pt"]


def test_token_lives_as_long_as_the_district_says(portal: Portal) -> None:
    make_district(portal, recovery_minutes=45)
    make_marisol(portal)

    ask_password(portal)

    with portal.begin(read_only=True) as tx:
        assert tx.session.scalar(select(TokenRow.life_seconds)) == 2700


@pytest.mark.case("E6")
@pytest.mark.requirement("R41")
def test_recovery_answers_and_works_the_same_for_everybody(portal: Portal, engine: Engine) -> None:
    make_district(portal)
    for name in ("first", "mlopez", "gone", "unsure"):
        make_marisol(portal, username=name, email_confirmed=name != "unsure")
    with portal.begin() as tx:
        tx.session.execute(update(AccountRow).where(AccountRow.username == "gone").values(disabled_at=tx.now))
    ask_password(portal, "first")
    cases = [
        ("mlopez", EMAIL),
        ("mlopez", "wrong@mailbox.example"),
        ("nobody", EMAIL),
        ("gone", EMAIL),
        ("unsure", EMAIL),
        ("no name at all \U0001f600", EMAIL),
    ]
    seen = []

    for name, address in cases:
        before = rows(portal)
        with statements(engine) as said:
            outcome = ask_password(portal, name, address)
        grown = [after - earlier for earlier, after in zip(before, rows(portal), strict=True)]
        seen.append((outcome, grown, said))

    assert seen == [seen[0]] * 6
    assert seen[0][:2] == (MailAsked(), [1, 1, 1, 2])
    assert len(sent_to(portal)) == 2


@pytest.mark.case("E6")
def test_fourth_request_in_the_hour_is_answered_and_sends_nothing(portal: Portal, clock: FakeClock) -> None:
    make_district(portal)
    make_marisol(portal)

    known = [ask_password(portal) for _ in range(4)]
    unknown = [ask_password(portal, "nobody") for _ in range(4)]
    within_the_hour = len(sent_to(portal))
    clock.advance(hours=1)
    ask_password(portal)

    assert known == unknown == [MailAsked()] * 4
    assert within_the_hour == 3
    assert len(sent_to(portal)) == 4


def test_request_too_many_leaves_the_last_token_good(portal: Portal) -> None:
    make_district(portal)
    make_marisol(portal)
    for _ in range(3):
        ask_password(portal)
    token = hand_over(portal, "recover_password")

    ask_password(portal)

    assert not isinstance(set_password(portal, token), Refused)


@pytest.mark.case("E6")
def test_stranger_who_knows_the_name_cannot_use_up_the_mails_of_the_parent(portal: Portal) -> None:
    make_district(portal)
    make_marisol(portal)

    for _ in range(10):
        ask_password(portal, "mlopez", "stranger@mailbox.example")
    ask_password(portal)

    assert sent_to(portal) == [EMAIL]


@pytest.mark.case("E6")
def test_source_of_too_many_requests_is_throttled_alike_for_every_name(
    portal: Portal, clock: FakeClock
) -> None:
    make_district(portal)
    make_marisol(portal)

    for number in range(20):
        ask_password(portal, f"name{number}", source="desk")
    refused = [ask_password(portal, name, source="desk") for name in ("mlopez", "nobody")]
    elsewhere = ask_password(portal)
    clock.advance(minutes=15)

    assert [isinstance(each, Refused) and each.reason for each in refused] == [Reason.THROTTLED] * 2
    assert refused[0] == refused[1]
    assert elsewhere == MailAsked()
    assert ask_password(portal, source="desk") == MailAsked()


@pytest.mark.requirement("R45", "R48")
@pytest.mark.case("E8")
def test_address_of_two_accounts_brings_one_mail_to_it_as_it_is_stored(
    portal: Portal, clock: FakeClock
) -> None:
    make_district(portal)
    first = make_marisol(portal)
    clock.advance(seconds=1)
    make_marisol(portal, username="marisol", email=EMAIL.lower())

    outcome = ask_username(portal, EMAIL.upper())

    with portal.begin(read_only=True) as tx:
        [mail] = mails(tx)
    assert outcome == MailAsked()
    assert (mail.kind, mail.recipient, mail.token_id) == ("recover_username", first, None)
    assert mail.address in {EMAIL, EMAIL.lower()}


@pytest.mark.case("E8")
def test_username_recovery_answers_and_works_the_same_for_everybody(portal: Portal, engine: Engine) -> None:
    make_district(portal)
    make_marisol(portal)
    make_parent(portal, username="unsure", email="unsure@mailbox.example")
    make_parent(portal, username="gone", email="gone@mailbox.example", email_confirmed=True)
    with portal.begin() as tx:
        tx.session.execute(update(AccountRow).where(AccountRow.username == "gone").values(disabled_at=tx.now))
    ask_username(portal, "warm@mailbox.example")
    seen = []

    for address in (EMAIL, "nobody@mailbox.example", "unsure@mailbox.example", "gone@mailbox.example"):
        with statements(engine) as said:
            outcome = ask_username(portal, address)
        seen.append((outcome, said))

    assert seen == [seen[0]] * 4
    assert seen[0][0] == MailAsked()
    assert sent_to(portal) == [EMAIL]


@pytest.mark.requirement("R36", "R46")
def test_recovery_is_off_where_parents_have_no_accounts_of_their_own(portal: Portal) -> None:
    make_district(portal, parent_single_sign_on=False)
    make_marisol(portal)

    outcomes = [ask_password(portal), ask_username(portal), ask_confirmation(portal)]

    assert outcomes == [Refused(Reason.TURNED_OFF)] * 3
    assert sent_to(portal) == []


@pytest.mark.parametrize(
    ("email", "key", "number"),
    [
        (" ", "empty", None),
        ("x" * 300 + "@x.example", "too_long", 254),
        ("nobody", "email_invalid", None),
        ("a@x.example\nBcc: b@x.example", "email_invalid", None),
        ("\u0430lice@x.example", "email_invalid", None),
        ("a\0@x.example", "email_invalid", None),
        ("\ud800@x.example", "email_invalid", None),
    ],
)
def test_what_is_no_address_is_told_beside_the_field(
    portal: Portal, email: str, key: str, number: int | None
) -> None:
    make_district(portal)

    outcomes = [ask_password(portal, "mlopez", email), ask_username(portal, email)]
    confirmation = ask_confirmation(portal, email)

    refused = Refused(Reason.FIELDS_REFUSED, violations=(Violation(key, number, "email"),))
    assert [*outcomes, confirmation] == [refused] * 3


def test_empty_name_is_told_beside_the_field(portal: Portal) -> None:
    make_district(portal)

    outcome = ask_password(portal, "  ", "")

    broken = (Violation("empty", field="username"), Violation("empty", field="email"))
    assert outcome == Refused(Reason.FIELDS_REFUSED, violations=broken)


@pytest.mark.case("P7")
@pytest.mark.parametrize("broken", ["\0", "\ud800", "x" * 1025])
def test_text_that_cannot_be_kept_is_refused(portal: Portal, broken: str) -> None:
    make_district(portal)

    outcomes = [ask_password(portal, f"mlopez{broken}")]
    for field in ("district", "conversation", "source", "request_id", "language"):
        outcomes.append(ask_password(portal, **{field: broken}))
        outcomes.append(ask_username(portal, **{field: broken}))

    assert outcomes == [Refused(Reason.INVALID_REQUEST)] * 11


def test_unknown_district_is_refused(portal: Portal) -> None:
    assert ask_password(portal, district="nowhere") == Refused(Reason.INVALID_REQUEST)


def test_repeated_request_sends_one_mail(portal: Portal) -> None:
    make_district(portal)
    make_marisol(portal)

    outcomes = [ask_password(portal, request_id="one") for _ in range(3)]
    throttled = [ask_username(portal, source="desk") for _ in range(21)][-1]
    repeats = [ask_username(portal, source="desk", request_id="two") for _ in range(2)]

    assert outcomes == [MailAsked()] * 3
    assert sent_to(portal, "recover_password") == [EMAIL]
    assert isinstance(throttled, Refused)
    assert repeats == [throttled] * 2


def test_accounts_of_another_district_are_not_written_to(portal: Portal) -> None:
    make_district(portal)
    make_district(portal, "boston")
    make_marisol(portal)

    ask_password(portal, district="boston")
    ask_username(portal, district="boston")

    assert sent_to(portal) == []


def test_purge_forgets_whom_the_audit_of_a_request_names(portal: Portal, clock: FakeClock) -> None:
    make_district(portal)
    ask_password(portal, "nobody")
    with portal.begin(read_only=True) as tx:
        typed = ("recover_password", "nobody", EMAIL.lower())
        key = tx.gate.key(Kind.RECOVERY, "westborough", *typed)
        known = tx.audit.pseudonym("westborough", f"name:{key.hex()}")

    clock.advance(days=1)
    portal.purge()

    with portal.begin(read_only=True) as tx:
        forgotten = tx.audit.pseudonym("westborough", f"name:{key.hex()}")
    assert known is not None
    assert forgotten is None


def test_confirmation_of_a_new_account_is_sent_again(portal: Portal) -> None:
    make_district(portal)
    account = make_parent(portal, email=EMAIL)

    outcome = ask_confirmation(portal, EMAIL.lower())

    with portal.begin(read_only=True) as tx:
        [mail] = mails(tx)
        token = tx.session.get_one(TokenRow, mail.token_id)
    assert outcome == MailAsked()
    assert (mail.kind, mail.address, token.account_id) == ("confirm_email", EMAIL, account)
    # Whoever merely knows the address is not told of the account when it is confirmed.
    assert token.conversation == ""


def test_conversation_that_opened_the_account_is_still_told_after_a_second_mail(portal: Portal) -> None:
    make_district(portal)
    account = make_parent(portal, email=EMAIL)
    with portal.begin() as tx:
        row = tx.session.get_one(AccountRow, account)
        post(tx.context, for_confirming(row, "opening", "en"))

    ask_confirmation(portal)

    with portal.begin(read_only=True) as tx:
        told = tx.session.scalars(select(TokenRow.conversation)).all()
    assert told == ["opening", "opening"]


def make_request(portal: Portal, request_id: str, conversation: str, **values: Any) -> None:
    row = {
        "district_id": "westborough",
        "first_name": "Marisol",
        "last_name": "Quintero",
        "email": EMAIL.lower(),
        "email_key": EMAIL.lower(),
        "language": "es",
        "contact_id": "c1",
        "password_hash": "1:x",
        "state": "mailed",
        "reason": "",
        **values,
    }
    with portal.begin() as tx:
        tx.session.add(
            AccountRequestRow(request_id=request_id, conversation=conversation, created_at=tx.now, **row)
        )


def make_contact(portal: Portal) -> None:
    texts = dict.fromkeys(("source_id", "identifier", "middle_name", "role", "phone", "sms"), "")
    with portal.begin() as tx:
        tx.session.add(
            Contact(
                district_id="westborough",
                id="c1",
                digest=b"",
                given_name="Marisol",
                family_name="Quintero",
                email=EMAIL,
                enabled=True,
                **texts,
            )
        )


def test_confirmation_of_a_request_is_sent_again_to_the_address_the_school_has(
    portal: Portal, clock: FakeClock
) -> None:
    make_district(portal)
    make_contact(portal)
    make_request(portal, "own", "asking")
    clock.advance(minutes=1)
    make_request(portal, "another's", "elsewhere")

    ask_confirmation(portal)

    with portal.begin(read_only=True) as tx:
        [mail] = mails(tx)
        token = tx.session.get_one(TokenRow, mail.token_id)
    assert (mail.kind, mail.address, mail.language) == ("confirm_request", EMAIL, "es")
    assert (token.details, token.conversation) == ('{"request_id": "own"}', "asking")


@pytest.mark.case("E8")
def test_confirmation_answers_and_costs_the_same_for_everybody(portal: Portal, engine: Engine) -> None:
    make_district(portal)
    make_contact(portal)
    make_request(portal, "with staff", "asking", email_key="staff@mailbox.example", state="staff")
    make_parent(portal, username="newer", email="new@mailbox.example")
    make_parent(portal, username="older", email="old@mailbox.example", email_confirmed=True)
    ask_confirmation(portal, "warm@mailbox.example")
    seen = []

    for address in ("nobody", "new", "old", "staff"):
        before = rows(portal)
        with statements(engine) as said:
            outcome = ask_confirmation(portal, f"{address}@mailbox.example")
        grown = [after - earlier for earlier, after in zip(before, rows(portal), strict=True)]
        seen.append((outcome, grown, len(said)))

    assert seen == [seen[0]] * 4
    assert sent_to(portal) == ["new@mailbox.example"]


def test_signed_in_parent_has_the_mail_to_a_new_address_sent_again(portal: Portal) -> None:
    make_district(portal)
    account = make_marisol(portal)
    sign_in(portal, conversation="asking")
    with portal.begin() as tx:
        row = tx.session.get_one(AccountRow, account)
        post(tx.context, for_new_address(row, "New@mailbox.example", "new@mailbox.example", "asking"))

    for address in ("another@mailbox.example", "new@mailbox.example"):
        ask_confirmation(portal, address)
    ask_confirmation(portal, "new@mailbox.example", conversation="a stranger's")

    assert sent_to(portal, "confirm_email") == ["New@mailbox.example"] * 2


def test_signed_in_parent_without_a_new_address_is_sent_nothing(portal: Portal) -> None:
    make_district(portal)
    make_marisol(portal)
    sign_in(portal, conversation="asking")

    ask_confirmation(portal)

    assert sent_to(portal) == []
