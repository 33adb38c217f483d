"""A temporary password is shown once, opens one sign-in, and ends every way in that there was."""

from uuid import uuid4

import pytest
from sqlalchemy import select

from portal.accounts.mailing import for_recovery, post
from portal.accounts.models import AccountRow
from portal.accounts.outcomes import (
    Asker,
    Cause,
    MustChangePassword,
    PasswordChanged,
    SetPassword,
    SignedIn,
)
from portal.core.models import AuditRow, OutboxRow, TokenRow
from portal.core.outcomes import Reason, Refused
from portal.core.secret import Secret
from portal.core.tokens import TokenPurpose
from portal.helpdesk.desk.outcomes import Order, TemporaryPassword
from portal.helpdesk.desk.temporary import TemporaryOrder
from portal.helpdesk.staff.models import StaffRow
from portal.helpdesk.staff.outcomes import StaffMember
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.desk_work import TwoFamilies, mails, order, verify
from tests.support.hashing import CountingHasher
from tests.support.portals import NEW_PASSWORD, PASSWORD, change, make_district, sign_in
from web.public.cookies import new_token

WRONG = "some quite wrong words"


def at_desk(portal: Portal, member: StaffMember) -> str:
    """Sign a member of staff in and return the token of the session."""
    token = new_token()
    with portal.begin() as tx:
        tx.staff_sessions.begin(member.staff_id, token, proven=True)
    return token


def give(portal: Portal, sid: str, given: Order) -> TemporaryPassword | Refused:
    return portal.give_temporary_password(TemporaryOrder(sid, given))


def given_to(portal: Portal, member: StaffMember, account_id: str) -> TemporaryPassword:
    verify(portal, member, account_id)
    made = give(portal, at_desk(portal, member), order(account_id))
    assert isinstance(made, TemporaryPassword), made
    return made


def refused(outcome: object) -> Reason:
    assert isinstance(outcome, Refused), outcome
    return outcome.reason


@pytest.mark.case("P13")
def test_temporary_password_lifts_the_lock_and_opens_only_the_change(
    portal: Portal, two: TwoFamilies, dana: StaffMember
) -> None:
    for _ in range(5):
        sign_in(portal, password=WRONG)

    made = given_to(portal, dana, two.lopez)
    first = sign_in(portal, password=made.password)
    second = sign_in(portal, password=made.password, conversation="another")

    with portal.begin() as tx:
        scope = tx.sessions.current("conversation")
    assert first == MustChangePassword(two.lopez, Cause.TEMPORARY)
    assert refused(scope) is Reason.MUST_CHANGE_PASSWORD
    assert refused(second) is Reason.BAD_CREDENTIALS
    assert mails(portal) == ["temporary_password"]


@pytest.mark.case("P13")
def test_temporary_password_is_over_after_three_days(
    portal: Portal, two: TwoFamilies, dana: StaffMember, clock: FakeClock
) -> None:
    made = given_to(portal, dana, two.lopez)
    clock.advance(hours=72)

    late = sign_in(portal, password=made.password)

    assert refused(late) is Reason.BAD_CREDENTIALS
    assert made.until == clock.now()


@pytest.mark.case("P11", "P13")
def test_neither_the_temporary_password_nor_the_one_before_may_be_kept(
    portal: Portal, two: TwoFamilies, dana: StaffMember
) -> None:
    made = given_to(portal, dana, two.lopez)
    sign_in(portal, password=made.password)

    same = portal.change_password(change(made.password, made.password))
    before = portal.change_password(change(made.password, PASSWORD))
    new = portal.change_password(change(made.password, NEW_PASSWORD))
    later = portal.change_password(change(NEW_PASSWORD, made.password))

    used = [
        [each.key for each in outcome.violations]
        for outcome in (same, before, later)
        if isinstance(outcome, Refused)
    ]
    assert used == [["previously_used"]] * 3
    assert isinstance(new, PasswordChanged)


@pytest.mark.case("RT6")
def test_link_that_was_mailed_before_is_void(portal: Portal, two: TwoFamilies, dana: StaffMember) -> None:
    with portal.begin() as tx:
        district = tx.districts.get_one("westborough")
        account = tx.session.get_one(AccountRow, two.lopez)
        post(tx.context, for_recovery(district, account, "conversation", "en"))
    with portal.begin() as tx:
        token_id = tx.session.scalars(select(TokenRow.token_id)).one()
        tx.tokens.sending(token_id)
        token = tx.tokens.derive(token_id)

    given_to(portal, dana, two.lopez)
    with portal.begin(read_only=True) as tx:
        found = tx.tokens.find("westborough", TokenPurpose.RECOVER_PASSWORD, token)
    asker = Asker("westborough", "conversation", "source", "web", uuid4().hex)
    used = portal.set_password(
        SetPassword(
            asker=asker,
            username="mlopez",
            token=token,
            new=Secret(NEW_PASSWORD),
            again=Secret(NEW_PASSWORD),
        )
    )

    assert [refused(each) for each in (found, used)] == [Reason.TOKEN_VOID] * 2


@pytest.mark.case("RT6")
@pytest.mark.parametrize("deed", ["email", "disable"])
def test_link_is_void_after_an_address_was_corrected_and_after_disabling(
    portal: Portal, two: TwoFamilies, dana: StaffMember, deed: str
) -> None:
    verify(portal, dana, two.lopez)
    with portal.begin() as tx:
        tx.desk.send_recovery(dana, order(two.lopez))
    with portal.begin() as tx:
        token_id = tx.session.scalars(select(TokenRow.token_id)).one()
        tx.tokens.sending(token_id)
        token = tx.tokens.derive(token_id)
        if deed == "email":
            tx.desk.correct_email(dana, order(two.lopez), "new@families.example")
        else:
            tx.desk.disable(dana, order(two.lopez))

    with portal.begin(read_only=True) as tx:
        found = tx.tokens.find("westborough", TokenPurpose.RECOVER_PASSWORD, token)
    assert refused(found) is Reason.TOKEN_VOID


def test_every_session_ends_with_the_old_password(
    portal: Portal, two: TwoFamilies, dana: StaffMember
) -> None:
    sign_in(portal)

    given_to(portal, dana, two.lopez)

    with portal.begin() as tx:
        live = tx.sessions.current("conversation")
    assert refused(live) is Reason.SESSION_ENDED
    assert refused(sign_in(portal)) is Reason.BAD_CREDENTIALS


def test_same_form_makes_one_password(portal: Portal, two: TwoFamilies, dana: StaffMember) -> None:
    verify(portal, dana, two.lopez)
    given, sid = order(two.lopez), at_desk(portal, dana)

    first, again = give(portal, sid, given), give(portal, sid, given)

    assert isinstance(first, TemporaryPassword)
    assert refused(again) is Reason.ALREADY_DONE
    assert isinstance(sign_in(portal, password=first.password), MustChangePassword)


def test_member_disabled_while_it_was_hashed_gives_out_nothing(
    portal: Portal, two: TwoFamilies, dana: StaffMember
) -> None:
    verify(portal, dana, two.lopez)
    sid = at_desk(portal, dana)
    with portal.begin() as tx:
        tx.session.get_one(StaffRow, dana.staff_id).disabled_at = tx.now

    assert refused(give(portal, sid, order(two.lopez))) is Reason.FORBIDDEN
    assert isinstance(sign_in(portal), SignedIn)


def test_where_no_password_is_shown_a_link_is_mailed_for_three_days(
    portal: Portal, two: TwoFamilies, dana: StaffMember
) -> None:
    make_district(portal, profile="recommended")
    verify(portal, dana, two.lopez)

    shown = give(portal, at_desk(portal, dana), order(two.lopez))
    with portal.begin() as tx:
        tx.desk.send_link(dana, order(two.lopez))
        life = tx.session.scalars(select(TokenRow.life_seconds)).one()

    assert refused(shown) is Reason.TURNED_OFF
    assert life == 72 * 3600
    assert mails(portal) == ["recover_password"]


@pytest.mark.case("E2")
def test_desk_never_verifies_a_password_and_hashes_one_only_to_set_it(
    portal: Portal, two: TwoFamilies, dana: StaffMember, hasher: CountingHasher
) -> None:
    sid, before = at_desk(portal, dana), hasher.hashed
    verify(portal, dana, two.lopez)

    with portal.begin() as tx:
        tx.parent_search.search(dana, "mlopez")
        tx.parent_search.search(dana, "nobody")
        tx.parents.look(dana, two.lopez)
    give(portal, sid, order(two.whitfield))
    give(portal, sid, order(two.lopez))

    assert (hasher.verified, hasher.hashed - before) == (0, 1)


@pytest.mark.case("G1")
def test_temporary_password_is_in_no_audit_row_and_in_no_mail(
    portal: Portal, two: TwoFamilies, dana: StaffMember
) -> None:
    made = given_to(portal, dana, two.lopez)

    with portal.begin(read_only=True) as tx:
        kept = [*tx.session.scalars(select(AuditRow.details)), *tx.session.scalars(select(OutboxRow.details))]
    assert made.password not in " ".join(kept)
    assert made.password not in repr(made)
