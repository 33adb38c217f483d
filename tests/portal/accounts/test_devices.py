"""A device that a name was signed in with from keeps a counter of its own, where the profile says so."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine, event, func, select, text, update

from portal.accounts.devices import Devices
from portal.accounts.models import AccountRow, GateRow, KnownDeviceRow
from portal.accounts.outcomes import MustChangePassword, SignedIn
from portal.core.outcomes import Reason, Refused
from portal.transaction import Portal
from tests.support.clock import START, FakeClock
from tests.support.hashing import CountingHasher
from tests.support.portals import make_district, make_parent, sign_in

WAIT = {"mode": "wait", "fails": 5}
WRONG = "some quite wrong words"
BAD = Refused(Reason.BAD_CREDENTIALS)
LOCKED = Refused(Reason.LOCKED_WAIT, retry_at=START + timedelta(minutes=15))
HOME = "the browser at home"


def fail(portal: Portal, times: int, username: str = "mlopez", **request: str) -> list[object]:
    return [sign_in(portal, username, WRONG, **request) for _ in range(times)]


def known(portal: Portal) -> int:
    with portal.begin(read_only=True) as tx:
        return tx.session.scalar(select(func.count()).select_from(KnownDeviceRow)) or 0


@pytest.mark.case("A10")
def test_attacker_does_not_lock_the_parent_out_of_a_known_device(portal: Portal) -> None:
    make_district(portal, lock=WAIT)
    make_parent(portal)
    sign_in(portal, device=HOME)
    fail(portal, 5, source="attacker")

    at_home = sign_in(portal, device=HOME)
    attacker = sign_in(portal, source="attacker")

    assert isinstance(at_home, SignedIn)
    assert attacker == LOCKED


@pytest.mark.case("A10")
def test_attacker_at_the_cap_does_not_disable_the_password_on_a_known_device(
    portal: Portal, clock: FakeClock
) -> None:
    make_district(portal, lock=WAIT)
    make_parent(portal)
    sign_in(portal, device=HOME)
    for _ in range(20):
        fail(portal, 5)
        clock.advance(hours=2)

    assert isinstance(sign_in(portal, device=HOME), SignedIn)
    assert sign_in(portal) == Refused(Reason.PASSWORD_DISABLED)


@pytest.mark.case("A11")
def test_parent_on_a_device_that_is_not_known_finds_the_name_locked(portal: Portal) -> None:
    make_district(portal, lock=WAIT)
    make_parent(portal)
    sign_in(portal, device=HOME)
    fail(portal, 5, source="attacker")

    assert [sign_in(portal, device=device) for device in ("another browser", "")] == [LOCKED] * 2


def test_known_device_locks_by_itself_and_leaves_the_name_alone(
    portal: Portal, hasher: CountingHasher, clock: FakeClock
) -> None:
    make_district(portal, lock=WAIT)
    make_parent(portal)
    sign_in(portal, device=HOME)

    answers = fail(portal, 5, device=HOME)
    before = hasher.verified
    locked = sign_in(portal, device=HOME)
    unhashed = hasher.verified == before
    elsewhere = sign_in(portal, device="another browser")
    clock.advance(minutes=15)

    assert (answers, locked, unhashed) == ([BAD] * 5, LOCKED, True)
    assert isinstance(elsewhere, SignedIn)
    assert isinstance(sign_in(portal, device=HOME), SignedIn)


def test_device_is_known_for_the_names_that_signed_in_from_it_only(portal: Portal) -> None:
    make_district(portal, lock=WAIT)
    make_parent(portal)
    make_parent(portal, username="jrivera")
    sign_in(portal, device=HOME)
    fail(portal, 5, "jrivera")

    assert sign_in(portal, "jrivera", device=HOME) == LOCKED


def test_name_as_it_is_typed_otherwise_is_the_same_name_on_its_device(portal: Portal) -> None:
    make_district(portal, lock=WAIT)
    make_parent(portal)
    sign_in(portal, " MLopez ", device=HOME)
    fail(portal, 5)

    assert isinstance(sign_in(portal, "MLOPEZ", device=HOME), SignedIn)
    assert known(portal) == 1


def test_name_that_changed_hands_takes_no_device_along(portal: Portal) -> None:
    make_district(portal, lock=WAIT)
    make_parent(portal)
    sign_in(portal, device=HOME)
    with portal.begin() as tx:
        tx.session.execute(update(AccountRow).values(username="mquintero", username_key="mquintero"))
    make_parent(portal, username="mlopez")
    fail(portal, 5)

    before = sign_in(portal, device=HOME)
    with portal.begin() as tx:
        tx.accounts.unlock("westborough", "mlopez", "called us", "desk")
    now_theirs = sign_in(portal, device=HOME)
    fail(portal, 5)

    assert before == LOCKED
    assert isinstance(now_theirs, SignedIn)
    assert isinstance(sign_in(portal, device=HOME), SignedIn)


@pytest.mark.requirement("R15")
@pytest.mark.parametrize("profile", ["powerschool", "aspen"])
def test_older_portals_lock_a_name_on_every_device(portal: Portal, profile: str) -> None:
    make_district(portal, profile=profile)
    make_parent(portal)
    sign_in(portal, device=HOME)
    fail(portal, 5)

    outcome = sign_in(portal, device=HOME)

    assert outcome == Refused(Reason.LOCKED_CONTACT_SCHOOL)
    assert known(portal) == 0


def test_forgotten_devices_share_the_counter_of_the_name_again(portal: Portal) -> None:
    make_district(portal, lock=WAIT)
    account = make_parent(portal)
    sign_in(portal, device=HOME)
    sign_in(portal, device="the phone")
    with portal.begin() as tx:
        Devices(tx.context).forget(account)
    fail(portal, 5)

    assert [sign_in(portal, device=device) for device in (HOME, "the phone")] == [LOCKED] * 2
    assert known(portal) == 0


def test_device_that_nobody_uses_any_more_is_forgotten(portal: Portal, clock: FakeClock) -> None:
    make_district(portal)
    make_parent(portal)
    sign_in(portal, device=HOME)
    clock.advance(days=300)
    sign_in(portal, device=HOME)
    sign_in(portal, device="the phone")
    clock.advance(days=399)
    portal.purge()
    kept = known(portal)
    clock.advance(days=1)

    portal.purge()

    assert (kept, known(portal)) == (2, 0)


def test_sign_in_that_must_change_the_password_makes_no_device_known(portal: Portal) -> None:
    make_district(portal)
    make_parent(portal, temporary=True)

    outcome = sign_in(portal, device=HOME)

    assert isinstance(outcome, MustChangePassword)
    assert known(portal) == 0


def test_unnamed_device_is_never_known(portal: Portal) -> None:
    make_district(portal)
    make_parent(portal)
    sign_in(portal)

    with portal.begin() as tx:
        is_known = Devices(tx.context).is_known("westborough", "mlopez", "")

    assert (known(portal), is_known) == (0, False)


@pytest.mark.parametrize("device", ["NUL \0 inside", "\ud800", "x" * 1025])
def test_device_that_cannot_be_a_key_is_refused_before_anything_is_counted(
    portal: Portal, hasher: CountingHasher, device: str
) -> None:
    make_district(portal)
    make_parent(portal)

    outcome = sign_in(portal, device=device)

    assert outcome == Refused(Reason.INVALID_REQUEST)
    assert hasher.verified == 0


def test_no_table_holds_a_name_or_a_device(portal: Portal) -> None:
    make_district(portal)
    make_parent(portal)
    sign_in(portal, device="CANARY-device")

    with portal.begin(read_only=True) as tx:
        rows = tx.session.execute(text("select * from known_devices")).all()
        rows += tx.session.execute(text("select * from sessions")).all()

    assert len(rows) == 2
    assert "CANARY" not in repr(rows)


@pytest.mark.case("E2", "E5")
@pytest.mark.parametrize("device", ["", "a browser that nobody knows"])
def test_unknown_name_costs_the_same_statements_at_every_stage(
    portal: Portal, engine: Engine, clock: FakeClock, hasher: CountingHasher, device: str
) -> None:
    make_district(portal, lock=WAIT)
    make_parent(portal)
    said: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *given: said.append(given[2]))
    stages = []

    for username in ("mlopez", "nobody"):
        begun, verified, seen = clock.now(), hasher.verified, []
        for pause in (0, 0, 0, 0, 0, 0, 1):
            said.clear()
            answer = sign_in(portal, username, WRONG, device=device)
            seen.append((answer, list(said)))
            clock.advance(hours=pause)
        seen.append((sign_in(portal, username, WRONG, device=device), hasher.verified - verified))
        clock.advance(seconds=(begun - clock.now()).total_seconds())
        stages.append(seen)
        fail(portal, 1, "somebody else", device=device)

    assert stages[0] == stages[1]
    assert stages[0][-1][1] == 6
    with portal.begin(read_only=True) as tx:
        assert set(tx.session.scalars(select(GateRow.kind))) == {"name", "source", "spray"}
