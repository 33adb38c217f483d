"""Suggest usernames that nobody has, such as a parent would choose."""

import re
from collections.abc import Iterator
from itertools import islice

from sqlalchemy import select

from portal.accounts.models import AccountRow
from portal.accounts.names import ALLOWED, compared
from portal.core.context import Context
from portal.core.folding import fold

SHOWN = 3
# A hundred are looked up at once; a district where all of them are taken gets none suggested.
LOOKED_UP = 100
LONGEST = 44


def free_usernames(
    context: Context, district: str, desired: str, first_name: str, last_name: str
) -> tuple[str, ...]:
    """Return up to three usernames that are free, from the parent's names and the one that is taken.

    Only whoever has shown a student's letter is told: otherwise they would say which names exist.
    """
    candidates = list(dict.fromkeys(islice(_candidates(compared(desired), first_name, last_name), LOOKED_UP)))
    query = select(AccountRow.username_key).where(
        AccountRow.district_id == district, AccountRow.username_key.in_(candidates)
    )
    taken = set(context.session.scalars(query))
    return tuple(islice((each for each in candidates if each not in taken), SHOWN))


def _candidates(desired: str, first_name: str, last_name: str) -> Iterator[str]:
    given, family = _plain(first_name), _plain(last_name)
    named = (f"{given}.{family}", f"{given[:1]}{family}", f"{given[:1]}.{family}", f"{given}{family}")
    # A name in letters that a username cannot have leaves the desired one to build on.
    bases = [each for each in named if given and family and ALLOWED.fullmatch(each) and each != desired]
    yield from bases
    for number in range(2, LOOKED_UP):
        yield f"{desired[:LONGEST]}{number}"


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", fold(name))[: LONGEST // 2]
