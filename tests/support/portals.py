"""Build districts, parents and sign-ins in one line each."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from portal.accounts.outcomes import ChangePassword, MustChangePassword, NewAccount, SignedIn, SignIn
from portal.core.districts import District
from portal.core.errors import UnavailableError
from portal.core.outcomes import Refused
from portal.core.secret import Secret
from portal.transaction import Portal, Transaction

PASSWORD = "three green kettles hum"
NEW_PASSWORD = "nine quiet lanterns sway"


class AwayPortal(Portal):
    """Stand for a database that does not answer."""

    @contextmanager
    def begin(self, *, read_only: bool = False) -> Iterator[Transaction]:
        message = "away"
        raise UnavailableError(message)
        yield


def without_database(portal: Portal) -> Portal:
    """Return the same portal as it is while its database is away."""
    return AwayPortal(portal.engine, clock=portal.clock, keys=portal.keys, hasher=portal._hasher)


def make_district(portal: Portal, slug: str = "westborough", **options: Any) -> District:
    """Apply a district with usable options; give only those the test is about."""
    given = {
        "name": "Westborough Public Schools",
        "portal_url": "https://ps.westboroughk12.org/public",
        "time_zone": "America/New_York",
        **options,
    }
    with portal.begin() as tx:
        tx.districts.apply(slug, given, uuid4().hex)
        district = tx.districts.get(slug)
    assert district is not None
    return district


def make_parent(
    portal: Portal,
    district: District | str = "westborough",
    *,
    username: str = "mlopez",
    password: str = PASSWORD,
    children: Sequence[str] = (),
    **account: Any,
) -> str:
    """Create an account linked to students by their ids and return its id."""
    slug = district if isinstance(district, str) else district.slug
    new = NewAccount(slug, username, account.pop("display_name", "Marisol Quintero"), **account)
    created = portal.create_account(new, Secret(password))
    assert not isinstance(created, Refused), created
    with portal.begin() as tx:
        for student in children:
            tx.links.link(created.account_id, student, "Mother")
    return created.account_id


def sign_in(
    portal: Portal, username: str = "mlopez", password: str = PASSWORD, **request: str
) -> SignedIn | MustChangePassword | Refused:
    """Sign in from a source of its own, as a new request, unless the test says otherwise."""
    given = {
        "district": "westborough",
        "source": uuid4().hex,
        "conversation": "conversation",
        "channel": "console",
        "request_id": uuid4().hex,
        **request,
    }
    return portal.sign_in(SignIn(username=username, password=Secret(password), **given))


def change(current: str = PASSWORD, new: str = NEW_PASSWORD, **request: str) -> ChangePassword:
    """Build a change of password on the conversation that `sign_in` uses."""
    given = {
        "again": new,
        "conversation": "conversation",
        "source": uuid4().hex,
        "request_id": uuid4().hex,
        **request,
    }
    again = Secret(given.pop("again"))
    return ChangePassword(current=Secret(current), new=Secret(new), again=again, **given)
