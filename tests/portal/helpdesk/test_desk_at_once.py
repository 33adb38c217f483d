"""Two who do the same at once do it once, on every database."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from portal.core.outcomes import Reason, Refused
from portal.helpdesk.desk.outcomes import Done, TemporaryPassword
from portal.helpdesk.desk.temporary import TemporaryOrder
from portal.helpdesk.staff.outcomes import StaffMember
from portal.transaction import Portal
from tests.support.desk_work import TwoFamilies, audited, mails, order, verify
from web.public.cookies import new_token


def at_once(work: Callable[[], object], times: int = 4) -> list[object]:
    """Do it in so many threads that start together."""
    together = Barrier(times)

    def one(_: int) -> object:
        together.wait()
        return work()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


def test_same_form_from_several_tabs_disables_once(
    portal: Portal, two: TwoFamilies, dana: StaffMember
) -> None:
    verify(portal, dana, two.lopez)
    given = order(two.lopez)

    def disable() -> object:
        with portal.begin() as tx:
            return tx.desk.disable(dana, given)

    outcomes = at_once(disable)

    refused = [each.reason for each in outcomes if isinstance(each, Refused)]
    assert refused == [Reason.ALREADY_DONE] * 3
    assert len([each for each in outcomes if isinstance(each, Done)]) == 1
    assert mails(portal) == ["account_disabled"]


def test_same_form_from_several_tabs_gives_out_one_password(
    portal: Portal, two: TwoFamilies, dana: StaffMember
) -> None:
    verify(portal, dana, two.lopez)
    given, sid = order(two.lopez), new_token()
    with portal.begin() as tx:
        tx.staff_sessions.begin(dana.staff_id, sid, proven=True)

    outcomes = at_once(lambda: portal.give_temporary_password(TemporaryOrder(sid, given)))

    made = [each for each in outcomes if isinstance(each, TemporaryPassword)]
    assert len(made) == 1
    assert len(audited(portal, "desk.temporary_password")) == 1
