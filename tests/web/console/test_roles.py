"""Every page and every deed is for the roles that the table of rights says, and for nobody else."""

import inspect
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import cached_property

import pytest
from starlette.types import ASGIApp

from portal.core.outcomes import Reason, Refused
from portal.helpdesk.staff.outcomes import StaffMember
from portal.helpdesk.staff.roles import MAY, Deed, Role
from portal.sis.models import Student
from portal.transaction import Portal, Transaction
from tests.support.console import DESK, at_work, make_staff
from tests.support.public_site import hidden
from web.console.page import ConsolePage
from web.console.site import PAGES

CLOSED = [page for page in PAGES if not page.is_open]
_PART = re.compile(r"\{\w+(?::\w+)?\}")
FORBIDDEN = Refused(Reason.FORBIDDEN)


# What each deed of the console's own staff asks for; every other deed asks for something too.
RIGHTS = {
    "staff_office.all": Deed.MANAGE_STAFF,
    "staff_office.find": Deed.MANAGE_STAFF,
    "staff_office.invite": Deed.MANAGE_STAFF,
    "staff_office.place": Deed.MANAGE_STAFF,
    "staff_office.disable": Deed.MANAGE_STAFF,
    "staff_office.enable": Deed.MANAGE_STAFF,
    "staff_office.reset": Deed.MANAGE_STAFF,
    "forgetting_desk.plan": Deed.FORGET_FAMILY,
    "forgetting_desk.forget": Deed.FORGET_FAMILY,
    "audit_trail.page": Deed.SEE_AUDIT,
    "audit_trail.check": Deed.SEE_AUDIT,
}
ABOUT_ONESELF = {
    "passkeys.all",
    "passkeys.to_add",
    "passkeys.add",
    "callers.permits",
    "callers.verified_until",
}
# It looks first whether there is one, and there is none.
ABOUT_ONESELF |= {"saved_replies.find"}
BROKEN = "raised an error"
ASKED: list[Deed] = []


class Powerless(StaffMember):
    """May do nothing, and notes what was asked."""

    def may(self, deed: Deed) -> bool:
        ASKED.append(deed)
        return False


class Nothing(str):
    """Stand for whatever a deed is about; all that it says is empty."""

    __slots__ = ()

    def __getattr__(self, name: str) -> "Nothing":
        return Nothing()


class _UndoneError(Exception):
    """Undo what a deed did."""


def address_of(page: type[ConsolePage]) -> str:
    """Return where a page is, about something that nobody has."""
    return DESK + _PART.sub("0" * 32, page.name)


def deeds_in(tx: Transaction) -> Iterator[tuple[str, Callable[..., object]]]:
    """Yield everything that services do for a member of staff, by name."""
    services = (name for name, made in vars(Transaction).items() if isinstance(made, cached_property))
    for service in services:
        for name, method in inspect.getmembers(getattr(tx, service), inspect.ismethod):
            first = next(iter(inspect.signature(method).parameters.values()), None)
            if not name.startswith("_") and first is not None and first.annotation is StaffMember:
                yield f"{service}.{name}", method


def answer(portal: Portal, deed: str, member: StaffMember) -> object:
    """Do a deed about nothing that there is, undo it, and return what came of it."""
    outcome: object = BROKEN
    # What is permitted looks at its arguments, and these are none.
    with suppress(Exception), portal.begin() as tx:
        method = dict(deeds_in(tx))[deed]
        _, *others = inspect.signature(method).parameters.values()
        needed: dict[str, str] = {
            each.name: Nothing() for each in others if each.default is inspect.Parameter.empty
        }
        # A form that is wrong in itself may be sent back before anybody is looked at.
        needed |= {name: "x@schools.example" for name in needed if name == "email"}
        outcome = method(member, **needed)
        raise _UndoneError
    return outcome


def says_nothing(outcome: object) -> bool:
    """Tell whether an answer holds nothing, or counts nothing."""
    return not (any(outcome.values()) if isinstance(outcome, dict) else outcome)


def all_deeds(portal: Portal) -> list[str]:
    with portal.begin(read_only=True) as tx:
        return [name for name, _ in deeds_in(tx)]


@pytest.mark.case("T1")
@pytest.mark.parametrize("role", Role)
async def test_pages_are_for_the_roles_that_the_table_says(
    portal: Portal, families: dict[str, str], site: ASGIApp, role: Role
) -> None:
    school = families["Maya"]
    async with at_work(site, portal, make_staff(portal, role, schools=[school])) as browser:
        form = hidden(await browser.get(DESK))
        for page in CLOSED:
            may = page.deed in MAY[role]
            if "GET" in page.methods:
                shown = await browser.get(address_of(page))
                assert (shown.status_code == 403) != may, (page.name, shown.status_code)
                assert shown.status_code < 500, page.name
            if "POST" in page.methods and not may:
                done = await browser.post(address_of(page), data=form)
                assert done.status_code == 403, (page.name, done.status_code)


@pytest.mark.case("T1")
async def test_parents_of_another_school_do_not_exist_on_any_page(
    portal: Portal, families: dict[str, str], site: ASGIApp
) -> None:
    with portal.begin(read_only=True) as tx:
        theirs = {
            tx.session.get_one(Student, ("westborough", families[name])).school_id for name in ("Maya", "Leo")
        }
        others = set(tx.staff.schools("westborough")) - theirs
    role = Role.SCHOOL_ADMINISTRATOR
    pages = [DESK + page.name for page in CLOSED if "{account}" in page.name]
    addresses = [page.replace("{account}", families["mlopez"]) for page in pages]

    async with (
        at_work(site, portal, make_staff(portal, role, schools=sorted(theirs))) as near,
        at_work(site, portal, make_staff(portal, role, schools=sorted(others))) as far,
    ):
        form = hidden(await far.get(DESK))
        seen = [(await near.get(address)).status_code for address in addresses]
        unseen = [(await far.get(address)).status_code for address in addresses]
        done = [
            (await far.post(address, data={**form, "reason": "why"})).status_code for address in addresses
        ]

    assert len(addresses) > 5
    assert 404 not in seen
    assert set(unseen) == {404}
    # The first page shows, and takes no form.
    assert set(done) <= {404, 405}


@pytest.mark.case("T1")
def test_every_deed_asks_for_its_right_before_anything_else(portal: Portal, families: dict[str, str]) -> None:
    guarded, open_to_all = {}, {}
    for deed in all_deeds(portal):
        member = Powerless("0" * 32, "westborough", "Nobody", "nobody@schools.example", Role.DESK)
        outcome = answer(portal, deed, member)
        # A list of nothing is as good as a refusal, where the right was asked for.
        if ASKED and (outcome == FORBIDDEN or says_nothing(outcome)):
            guarded[deed] = ASKED.pop()
        elif deed not in ABOUT_ONESELF:
            open_to_all[deed] = outcome
        ASKED.clear()

    assert open_to_all == {}
    assert {deed: guarded.get(deed) for deed in RIGHTS} == RIGHTS


@pytest.mark.case("T1")
def test_only_district_administrators_forget_a_family() -> None:
    assert {role for role in Role if Deed.FORGET_FAMILY in MAY[role]} == {Role.DISTRICT_ADMINISTRATOR}


async def test_whoever_is_not_signed_in_sees_no_page(
    portal: Portal, families: dict[str, str], site: ASGIApp
) -> None:
    async with at_work(site, portal, make_staff(portal)) as browser:
        form = hidden(await browser.get(DESK))
        browser.cookies.clear()
        for page in CLOSED:
            method = page.methods[0]
            shown = await browser.request(method, address_of(page), data=form if method == "POST" else None)
            assert shown.status_code == 303, page.name
            assert shown.headers["location"].startswith("/helpdesk/sign-in"), page.name
