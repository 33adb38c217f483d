"""A passkey signs in once for each challenge, on this site alone, and only whoever unlocked it."""

import json
from dataclasses import replace

import pytest

from portal.core.outcomes import Reason, Refused
from portal.core.secret import Secret
from portal.helpdesk.staff.outcomes import SignInChanged, StaffMember
from portal.helpdesk.staff.own import AddedPasskey, ChangingOwnSignIn, RemovedPasskey, Shown
from portal.helpdesk.staff.passkey_forms import NewPasskey, Party, ShownPasskey
from portal.helpdesk.staff.passkeys import FRESH, REFUSED
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.passkeys import USER_PRESENT, Authenticator
from tests.support.portals import make_district
from tests.support.staff import PASSWORD, joined
from web.public.cookies import new_token

HERE = Party("help.example", "https://help.example")
EVIL = Party("help.example", "https://evil.example")
OTHER = Party("evil.example", "https://help.example")


@pytest.fixture
def dana(portal: Portal) -> StaffMember:
    make_district(portal)
    return joined(portal)[0]


def session_of(portal: Portal, member: StaffMember) -> str:
    token = new_token()
    with portal.begin() as tx:
        tx.staff_sessions.begin(member.staff_id, token, proven=True)
    return token


def add(
    portal: Portal, member: StaffMember, device: Authenticator, password: str = PASSWORD
) -> SignInChanged | Refused:
    token = session_of(portal, member)
    with portal.begin() as tx:
        challenge = json.loads(tx.passkeys.to_add(member, HERE, token))["challenge"]
    new = NewPasskey(device.made(challenge), challenge, "work laptop", HERE, token)
    shown = Shown(Secret(password), "source", token, new_token())
    return portal.run(ChangingOwnSignIn(shown, AddedPasskey(new)))


def ask(portal: Portal, device: Authenticator) -> ShownPasskey:
    token = new_token()
    with portal.begin() as tx:
        challenge = json.loads(tx.passkeys.to_sign_in(HERE, token))["challenge"]
    return ShownPasskey(device.shown(challenge), challenge, HERE, "source", token, new_token())


def enter(portal: Portal, shown: ShownPasskey) -> StaffMember | Refused:
    with portal.begin() as tx:
        return tx.passkeys.enter(shown)


def test_passkey_signs_in_alone(portal: Portal, dana: StaffMember, clock: FakeClock) -> None:
    device = Authenticator(HERE)
    added = add(portal, dana, device)
    clock.advance(seconds=1)

    shown = ask(portal, device)
    entered = enter(portal, shown)

    assert isinstance(added, SignInChanged)
    assert entered == dana
    with portal.begin() as tx:
        assert tx.staff_sessions.current(shown.successor) == dana
        assert [key.name for key in tx.passkeys.all(dana)] == ["work laptop"]


def test_answer_counts_once_and_for_minutes(portal: Portal, dana: StaffMember, clock: FakeClock) -> None:
    device = Authenticator(HERE)
    add(portal, dana, device)
    clock.advance(seconds=1)
    first, slow = ask(portal, device), ask(portal, device)

    entered, again = enter(portal, first), enter(portal, first)
    clock.advance(seconds=FRESH.total_seconds())

    assert isinstance(entered, StaffMember)
    assert again == REFUSED
    assert enter(portal, slow) == REFUSED
    assert isinstance(enter(portal, ask(portal, device)), StaffMember)


def test_answer_is_bound_to_the_browser_that_was_asked(portal: Portal, dana: StaffMember) -> None:
    device = Authenticator(HERE)
    add(portal, dana, device)

    stolen = replace(ask(portal, device), token=new_token())

    assert enter(portal, stolen) == REFUSED


@pytest.mark.parametrize("party", [EVIL, OTHER])
def test_answer_that_another_site_got_is_refused(portal: Portal, dana: StaffMember, party: Party) -> None:
    device = Authenticator(HERE)
    add(portal, dana, device)
    device.party = party

    assert enter(portal, ask(portal, device)) == REFUSED


def test_device_that_nobody_unlocked_is_refused(portal: Portal, dana: StaffMember) -> None:
    device = Authenticator(HERE, flags=USER_PRESENT)

    assert add(portal, dana, device) == REFUSED


def test_key_of_somebody_else_under_a_known_id_is_refused(portal: Portal, dana: StaffMember) -> None:
    device, forged = Authenticator(HERE), Authenticator(HERE)
    add(portal, dana, device)
    forged.id = device.id

    assert enter(portal, ask(portal, forged)) == REFUSED
    assert add(portal, dana, forged) == REFUSED


@pytest.mark.parametrize(
    "written",
    [
        "",
        "[]",
        "{}",
        "null",
        "\x00",
        '{"id": "a", "rawId": "a", "type": "public-key", "response": {}}',
        '{"id": "YQ", "rawId": "YQ", "type": "public-key", "response":'
        ' {"clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA", "attestationObject": "o"}}',
        '{"id": 1, "rawId": 1, "type": "public-key", "response": {"clientDataJSON": 1}}',
        '{"id": "é", "rawId": "é", "type": "public-key", "response":'
        ' {"clientDataJSON": "é", "authenticatorData": "é", "signature": "é"}}',
        "9" * 15000,
        "[" * 15000,
    ],
)
def test_nonsense_is_refused(portal: Portal, dana: StaffMember, written: str) -> None:
    asked = ask(portal, Authenticator(HERE))
    token = session_of(portal, dana)
    with portal.begin() as tx:
        challenge = json.loads(tx.passkeys.to_add(dana, HERE, token))["challenge"]
        added = tx.passkeys.add(dana, NewPasskey(written, challenge, "x", HERE, token))

    assert enter(portal, replace(asked, credential=written)) == REFUSED
    assert enter(portal, replace(asked, challenge=written)) == REFUSED
    assert added == REFUSED


def test_known_passkey_with_a_broken_answer_is_refused(portal: Portal, dana: StaffMember) -> None:
    device = Authenticator(HERE)
    add(portal, dana, device)
    shown = ask(portal, device)

    outcomes = []
    for part in ("clientDataJSON", "authenticatorData", "signature"):
        for broken in ("", "AA", "é", "e30", "AAAA" * 500):
            credential = json.loads(shown.credential)
            credential["response"][part] = broken
            outcomes.append(enter(portal, replace(shown, credential=json.dumps(credential))))

    assert set(outcomes) == {REFUSED}


def test_whoever_was_let_go_or_reset_has_no_passkey(
    portal: Portal, dana: StaffMember, clock: FakeClock
) -> None:
    device = Authenticator(HERE)
    add(portal, dana, device)
    clock.advance(seconds=1)
    with portal.begin() as tx:
        tx.staff.disable("westborough", dana.staff_id, by="test")
    let_go = enter(portal, ask(portal, device))
    with portal.begin() as tx:
        tx.staff.enable("westborough", dana.staff_id, by="test")
        tx.staff.reset("westborough", dana.staff_id, by="test")

    reset = enter(portal, ask(portal, device))

    assert (let_go, reset) == (REFUSED, REFUSED)


def test_wrong_answers_use_up_the_source_and_right_ones_do_not(
    portal: Portal, dana: StaffMember, clock: FakeClock
) -> None:
    device = Authenticator(HERE)
    add(portal, dana, device)
    for _ in range(25):
        clock.advance(seconds=1)
        assert isinstance(enter(portal, ask(portal, device)), StaffMember)
    for _ in range(20):
        enter(portal, replace(ask(portal, device), credential="{}"))

    refused = enter(portal, ask(portal, device))

    assert isinstance(refused, Refused)
    assert refused.reason is Reason.THROTTLED


def test_passkey_is_added_and_removed_with_the_password_alone(portal: Portal, dana: StaffMember) -> None:
    device = Authenticator(HERE)
    without = add(portal, dana, device, "three wrong paper kites")
    add(portal, dana, device)
    token = session_of(portal, dana)
    removed = RemovedPasskey(device.id.hex())

    unproven = portal.run(
        ChangingOwnSignIn(Shown(Secret("three wrong paper kites"), "s", token, new_token()), removed)
    )
    done = portal.run(ChangingOwnSignIn(Shown(Secret(PASSWORD), "s", token, new_token()), removed))

    assert isinstance(without, Refused)
    assert isinstance(unproven, Refused)
    assert isinstance(done, SignInChanged)
    assert enter(portal, ask(portal, device)) == REFUSED
