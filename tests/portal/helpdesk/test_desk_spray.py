"""What an attack on many names locked is unlocked in one deed, and nothing else."""

import json
from uuid import uuid4

import pytest

from portal.accounts.outcomes import SignedIn
from portal.core.outcomes import Reason, Refused
from portal.helpdesk.desk.outcomes import Order
from portal.helpdesk.desk.spray import ManyUnlocked, SprayShown
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import Role
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.desk_work import TwoFamilies, audited, mails, member_of
from tests.support.portals import make_parent, sign_in

WRONG = "some quite wrong words"
SUSPICION = "suspicion"


def spray(portal: Portal) -> None:
    """Try a hundred names from many sources, and two of them until they lock."""
    for number in range(100):
        sign_in(portal, f"name{number}", WRONG, source=f"bot{number // 10}")
    for source in ("bot1", "bot2", "bot3", "bot4", "bot5"):
        sign_in(portal, "mlopez", WRONG, source=source)
        sign_in(portal, "name1", WRONG, source=source)


def lock_alone(portal: Portal, username: str) -> None:
    for _ in range(5):
        sign_in(portal, username, WRONG, source="at home")


def alarms(portal: Portal, member: StaffMember) -> list[SprayShown]:
    with portal.begin(read_only=True) as tx:
        found = tx.sprayed.alarms(member)
    assert not isinstance(found, Refused)
    return list(found)


def unlock(portal: Portal, member: StaffMember, number: int, why: str = SUSPICION) -> ManyUnlocked | Refused:
    with portal.begin() as tx:
        return tx.sprayed.unlock(member, number, Order("", uuid4().hex, why))


def reason(outcome: object) -> Reason:
    assert isinstance(outcome, Refused), outcome
    return outcome.reason


@pytest.mark.case("A19")
def test_only_what_the_attack_locked_is_unlocked_and_each_parent_is_told(
    portal: Portal, two: TwoFamilies, dana: StaffMember, clock: FakeClock
) -> None:
    make_parent(portal, username="before", display_name="Ana Sousa", email="ana@families.example")
    lock_alone(portal, "before")
    clock.advance(minutes=16)
    spray(portal)
    lock_alone(portal, "kwhitfield")
    (alarm,) = alarms(portal, dana)

    done = unlock(portal, dana, alarm.number)
    twice = unlock(portal, dana, alarm.number)

    assert alarm.locked == 2
    assert done == ManyUnlocked(names=2, told=1)
    assert reason(twice) is Reason.ALREADY_DONE
    assert isinstance(sign_in(portal), SignedIn)
    still = [sign_in(portal, username) for username in ("before", "kwhitfield")]
    assert [reason(each) for each in still] == [Reason.LOCKED_CONTACT_SCHOOL] * 2
    assert mails(portal) == ["account_unlocked"]
    kept = json.loads(audited(portal, "account.many_unlocked")[0])
    assert (kept["by"], kept["names"], kept["reason"]) == (dana.by, 2, SUSPICION)


def test_without_an_alarm_or_a_reason_nothing_is_unlocked(
    portal: Portal, two: TwoFamilies, dana: StaffMember
) -> None:
    lock_alone(portal, "mlopez")

    outcomes = [unlock(portal, dana, 1), unlock(portal, dana, 1, why=""), unlock(portal, dana, 10**6)]

    assert alarms(portal, dana) == []
    assert [reason(each) for each in outcomes] == [
        Reason.NOT_FOUND,
        Reason.FIELDS_REFUSED,
        Reason.NOT_FOUND,
    ]


@pytest.mark.case("T1")
@pytest.mark.parametrize("role", [Role.AUDITOR, Role.SCHOOL_ADMINISTRATOR])
def test_who_sees_one_school_only_or_none_may_not(portal: Portal, two: TwoFamilies, role: Role) -> None:
    member = member_of(portal, role, schools=["a school"])

    with portal.begin() as tx:
        seen = tx.sprayed.alarms(member)

    assert [reason(each) for each in (seen, unlock(portal, member, 1))] == [Reason.FORBIDDEN] * 2
