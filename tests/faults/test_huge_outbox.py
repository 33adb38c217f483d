"""The outbox holds far more than leaves soon: what a parent waits for leaves first, and every mail once.

Still true, however much waits and however many processes carry it: a mail that somebody asked for is not
behind the regular ones; no mail leaves twice; none is left.
"""

import asyncio
from collections import Counter

import pytest

from portal.core.outbox import RANKS, MailKind, To
from portal.delivery.outcomes import Sent
from portal.transaction import Portal
from tests.support.portals import make_district


def fill(portal: Portal, count: int) -> str:
    """Let regular mails wait, and one after them that somebody asked for; return that one."""
    make_district(portal)
    with portal.begin() as tx:
        for number in range(count):
            tx.outbox.put("westborough", MailKind.PASSWORD_CHANGED, To(f"p{number}@mailbox.example"))
        for row in tx.session.new:
            row.rank = max(RANKS.values())
    with portal.begin() as tx:
        return tx.outbox.put("westborough", MailKind.PASSWORD_CHANGED, To("asked@mailbox.example"))


def carry(portal: Portal, owner: str) -> list[str]:
    """Carry mails until none is due, as a process does."""
    left: list[str] = []
    while True:
        with portal.begin() as tx:
            mail = tx.deliveries.lease(owner)
        if mail is None:
            return left
        left.append(mail.message_id)
        with portal.begin() as tx:
            tx.deliveries.settle(mail.message_id, owner, Sent())


async def drain(portal: Portal, count: int) -> None:
    asked = fill(portal, count)
    with portal.begin() as tx:
        first = tx.deliveries.lease("first")
        assert first is not None
        tx.deliveries.settle(first.message_id, "first", Sent())

    carried = await asyncio.gather(*(asyncio.to_thread(carry, portal, f"postman{n}") for n in range(3)))

    assert first.message_id == asked
    counted = Counter(mail for each in carried for mail in each)
    assert len(counted) == count
    assert set(counted.values()) == {1}


async def test_mail_that_is_asked_for_leaves_first_and_each_leaves_once(portal: Portal) -> None:
    await drain(portal, 60)


@pytest.mark.nightly
async def test_ten_thousand_mails_leave_once_each_from_three_processes(portal: Portal) -> None:
    await drain(portal, 10_000)
