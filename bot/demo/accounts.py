"""Open the made-up parents' accounts and put them into their situations."""

import os
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from uuid import uuid4

from bot.demo.files import DistrictFiles, PlannedParent
from bot.demo.sheet import Situation
from portal.accounts.outcomes import AccountCreated, NewAccount, SignIn
from portal.core.errors import PortalError
from portal.core.outcomes import Refused
from portal.core.secret import Secret
from portal.sis.service import ImportedPerson
from portal.transaction import Portal

WRONG = Secret("wrong on purpose, to lock the name")


def open_accounts(portal: Portal, files: DistrictFiles, *, settle_all: bool) -> None:
    """Open the accounts that are missing; `settle_all` also finishes those that are there.

    An account that somebody has used since is left as it is.
    """
    plans = [plan for plan in files.parents if plan.situation is not Situation.NO_ACCOUNT]
    if not settle_all:
        with portal.begin(read_only=True) as tx:
            plans = [plan for plan in plans if tx.accounts.find(files.slug, plan.username) is None]
    if not plans:
        return
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        list(threads.map(partial(_open, portal, files.slug), plans))


def _open(portal: Portal, slug: str, plan: PlannedParent) -> None:
    with portal.begin(read_only=True) as tx:
        found = tx.accounts.find(slug, plan.username)
        contact = tx.imports.find_contact(slug, plan.contact)
    if found is None:
        account_id = _created(portal, _new_account(slug, plan, contact), plan.password)
    else:
        account_id = found.account_id
    _link(portal, slug, plan, account_id)
    if plan.situation is Situation.LOCKED:
        _lock(portal, slug, plan.username)


def _new_account(slug: str, plan: PlannedParent, contact: ImportedPerson | None) -> NewAccount:
    return NewAccount(
        district=slug,
        username=plan.username,
        display_name=plan.name,
        email=(contact.email or None) if contact else None,
        contact_id=contact.id if contact else None,
        temporary=plan.situation is Situation.TEMPORARY_PASSWORD,
        expired=plan.situation is Situation.EXPIRED_PASSWORD,
    )


def _created(portal: Portal, new: NewAccount, password: Secret) -> str:
    outcome = portal.create_account(new, password)
    match outcome:
        case AccountCreated(account_id):
            return account_id
        case Refused(reason, violations=violations):
            broken = ", ".join(violation.key for violation in violations)
            message = (
                f"The made-up parent {new.username} of {new.district} got no account "
                f"({reason.value} {broken}): look at districts/{new.district}.yml in the state folder."
            )
            raise PortalError(message)


def _link(portal: Portal, slug: str, plan: PlannedParent, account_id: str) -> None:
    with portal.begin() as tx:
        for identifier, relation in plan.children:
            student = tx.imports.find_student(slug, identifier)
            if student is not None:
                tx.links.link(account_id, student.id, relation)


def _lock(portal: Portal, slug: str, username: str) -> None:
    """Lock the name as anybody would: by typing wrong passwords until it locks."""
    with portal.begin(read_only=True) as tx:
        fails = {district.slug: district.options.lock.fails for district in tx.districts.all()}
    for attempt in range(fails[slug]):
        # Each from a source of its own: these failures must not throttle whoever tries the demo.
        portal.sign_in(
            SignIn(
                district=slug,
                username=username,
                password=WRONG,
                source=f"demo-{uuid4().hex}",
                conversation="demo",
                channel="demo",
                request_id=f"{username}-{attempt}-{uuid4().hex}",
            )
        )
