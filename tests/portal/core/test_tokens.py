"""A mailed token works once, for as long as was said, and is nowhere stored."""

import json
from datetime import timedelta

import pytest
from sqlalchemy import select

from portal.core.keys import fingerprint
from portal.core.models import OutboxRow, TokenRow
from portal.core.outbox import MailKind, To
from portal.core.outcomes import Reason, Refused
from portal.core.secret import Secret
from portal.core.tokens import NewToken, OpenToken, TokenPurpose
from portal.transaction import Portal
from tests.support.clock import START, FakeClock

VOID = Refused(Reason.TOKEN_VOID)
RECOVER = TokenPurpose.RECOVER_PASSWORD
HALF_AN_HOUR = timedelta(minutes=30)


def issue(portal: Portal, purpose: TokenPurpose = RECOVER, account: str | None = "account") -> str:
    new = NewToken("westborough", purpose, HALF_AN_HOUR, account, "asking", {"email": "a@x.example"})
    with portal.begin() as tx:
        return tx.tokens.issue(new)


def hand_over(portal: Portal, token_id: str) -> Secret:
    with portal.begin() as tx:
        assert tx.tokens.sending(token_id)
        tx.tokens.sent(token_id)
        return tx.tokens.derive(token_id)


def find(portal: Portal, token: Secret, purpose: TokenPurpose = RECOVER) -> OpenToken | Refused:
    with portal.begin(read_only=True) as tx:
        return tx.tokens.find("westborough", purpose, token)


def spend(portal: Portal, token: Secret) -> OpenToken | Refused:
    with portal.begin() as tx:
        return tx.tokens.spend("westborough", RECOVER, token)


@pytest.mark.case("RT1")
def test_token_is_found_any_number_of_times_and_spent_once(portal: Portal) -> None:
    token_id = issue(portal)
    token = hand_over(portal, token_id)

    found = [find(portal, token) for _ in range(3)]
    spent = [spend(portal, token) for _ in range(2)]

    expected = OpenToken(
        token_id=token_id,
        district="westborough",
        purpose=RECOVER,
        account_id="account",
        conversation="asking",
        details={"email": "a@x.example"},
        expires_at=START + HALF_AN_HOUR,
    )
    assert found == [expected] * 3
    assert spent == [expected, VOID]
    assert find(portal, token) == VOID


@pytest.mark.case("RT3")
@pytest.mark.requirement("R35")
@pytest.mark.parametrize(("age", "is_good"), [(1799.999, True), (1800, False), (1800.001, False)])
def test_token_is_good_for_half_an_hour_and_not_one_instant_longer(
    portal: Portal, clock: FakeClock, age: float, *, is_good: bool
) -> None:
    token = hand_over(portal, issue(portal))

    clock.advance(seconds=age)

    assert isinstance(spend(portal, token), OpenToken) is is_good


@pytest.mark.case("RT5")
def test_new_token_voids_the_one_before(portal: Portal) -> None:
    first = hand_over(portal, issue(portal))
    second = hand_over(portal, issue(portal))

    assert [spend(portal, first), isinstance(spend(portal, second), OpenToken)] == [VOID, True]


def test_new_token_leaves_those_of_other_purposes_and_accounts_alone(portal: Portal) -> None:
    others = [
        (hand_over(portal, issue(portal, TokenPurpose.CONFIRM_EMAIL)), TokenPurpose.CONFIRM_EMAIL),
        (hand_over(portal, issue(portal, account="another")), RECOVER),
        (hand_over(portal, issue(portal, TokenPurpose.UNDO_EMAIL)), TokenPurpose.UNDO_EMAIL),
    ]

    issue(portal)
    issue(portal, account=None)
    issue(portal, TokenPurpose.UNDO_EMAIL)

    assert [isinstance(find(portal, token, purpose), OpenToken) for token, purpose in others] == [True] * 3


@pytest.mark.case("RT8")
def test_token_is_stored_as_its_hash_only(portal: Portal) -> None:
    token_id = issue(portal)
    with portal.begin() as tx:
        to = To("a@x.example", "account", "en")
        tx.outbox.put("westborough", MailKind.RECOVER_PASSWORD, to, token_id=token_id)
    token = hand_over(portal, token_id)

    with portal.begin(read_only=True) as tx:
        row = tx.session.scalars(select(TokenRow)).one()
        mail = tx.session.scalars(select(OutboxRow)).one()
    kept = [str(value) for each in (row, mail) for value in vars(each).values()]

    assert row.digest == fingerprint(token.value)
    assert (len(row.digest), len(token.value)) == (32, 43)
    assert not any(token.value in value for value in kept)
    assert token.value != token_id


@pytest.mark.case("RT8")
def test_hundred_thousand_tokens_are_all_different(portal: Portal) -> None:
    with portal.begin(read_only=True) as tx:
        ids = [tx.context.new_token() for _ in range(100_000)]
        tokens = {tx.tokens._derived(RECOVER.value, "westborough", each) for each in ids}

    assert len(tokens) == 100_000


def test_token_derived_for_another_purpose_or_district_is_another(portal: Portal) -> None:
    with portal.begin(read_only=True) as tx:
        derived = {
            tx.tokens._derived(purpose, district, "the same id")
            for purpose in ("recover_password", "undo_email")
            for district in ("westborough", "boston")
        }

    assert len(derived) == 4


@pytest.mark.case("RT3")
def test_life_begins_when_the_mail_is_handed_over(portal: Portal, clock: FakeClock) -> None:
    token_id = issue(portal)
    with portal.begin(read_only=True) as tx:
        token = tx.tokens.derive(token_id)

    clock.advance(hours=2)
    before = find(portal, token)
    hand_over(portal, token_id)
    clock.advance(minutes=29)
    after = find(portal, token)

    assert before == VOID
    assert isinstance(after, OpenToken)


def test_life_begins_anew_until_a_mail_is_accepted_and_not_after(portal: Portal, clock: FakeClock) -> None:
    token_id = issue(portal)
    with portal.begin() as tx:
        tx.tokens.sending(token_id)
    clock.advance(minutes=40)
    token = hand_over(portal, token_id)
    clock.advance(minutes=20)

    with portal.begin() as tx:
        may_leave_again = tx.tokens.sending(token_id)
        tx.tokens.sent(token_id)
    found = find(portal, token)

    assert may_leave_again
    assert isinstance(found, OpenToken)
    assert found.expires_at == START + timedelta(minutes=70)
    with portal.begin(read_only=True) as tx:
        assert tx.session.scalar(select(TokenRow.sent_at)) == START + timedelta(minutes=40)


@pytest.mark.parametrize("end", ["spent", "void"])
def test_mail_of_a_token_that_is_over_does_not_leave(portal: Portal, end: str) -> None:
    token_id = issue(portal)
    token = hand_over(portal, token_id)

    with portal.begin() as tx:
        if end == "spent":
            tx.tokens.spend("westborough", RECOVER, token)
        else:
            tx.tokens.void("account")

    with portal.begin() as tx:
        assert not tx.tokens.sending(token_id)


@pytest.mark.parametrize("forged", ["", "x", "\ud800", "a\0b", "x" * 100_000])
def test_forged_token_matches_nothing(portal: Portal, forged: str) -> None:
    hand_over(portal, issue(portal))

    assert find(portal, Secret(forged)) == VOID


def test_token_is_void_in_another_district_and_for_another_deed(portal: Portal) -> None:
    token = hand_over(portal, issue(portal))

    with portal.begin(read_only=True) as tx:
        elsewhere = tx.tokens.find("boston", RECOVER, token)

    assert elsewhere == VOID
    assert find(portal, token, TokenPurpose.CONFIRM_EMAIL) == VOID


def test_token_copied_with_spaces_around_it_is_good(portal: Portal) -> None:
    token = hand_over(portal, issue(portal))

    assert isinstance(find(portal, Secret(f" {token.value}\n")), OpenToken)


def test_voiding_takes_the_purposes_that_are_named(portal: Portal) -> None:
    recover = hand_over(portal, issue(portal))
    confirm = hand_over(portal, issue(portal, TokenPurpose.CONFIRM_EMAIL))

    with portal.begin() as tx:
        tx.tokens.void("account", RECOVER)

    assert find(portal, recover) == VOID
    assert isinstance(find(portal, confirm, TokenPurpose.CONFIRM_EMAIL), OpenToken)


def test_waiting_token_is_the_newest_that_may_still_be_used(portal: Portal, clock: FakeClock) -> None:
    def waiting() -> OpenToken | None:
        with portal.begin(read_only=True) as tx:
            return tx.tokens.waiting("account", RECOVER)

    nothing = waiting()
    token_id = issue(portal)
    unsent = waiting()
    hand_over(portal, token_id)
    sent = waiting()
    clock.advance(minutes=30)

    assert nothing is None
    assert [unsent and unsent.token_id, sent and sent.token_id] == [token_id] * 2
    assert waiting() is None


def test_purge_forgets_old_tokens_only(portal: Portal, clock: FakeClock) -> None:
    hand_over(portal, issue(portal))
    issue(portal, account=None)
    clock.advance(days=29)
    kept = issue(portal, account="another")

    clock.advance(days=2)
    portal.purge()

    with portal.begin(read_only=True) as tx:
        rows = tx.session.scalars(select(TokenRow)).all()
    assert [row.token_id for row in rows] == [kept]
    assert json.loads(rows[0].details) == {"email": "a@x.example"}
