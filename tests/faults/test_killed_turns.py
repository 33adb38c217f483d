"""A process killed with SIGKILL before any step of a turn: the message is answered, and changes once.

Still true, whatever step it was: a client that sends its message again is answered; the transcript holds
one answer; what the turn changes changed exactly once; its mail stands in the outbox once; the next message
is answered too.
"""

import re
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from bot.conversation.turn import Assistant
from portal.accounts.models import AccountRow, SessionRow
from portal.core.models import OutboxRow
from portal.dialogue.models import InboxRow
from portal.transaction import Portal
from tests.faults.conftest import Dying
from tests.support.conversation import Chat
from tests.support.dying import NEVER, Task
from tests.support.portals import PASSWORD, make_parent

# Every turn has more steps than these, however quick it is.
LAST_FOR_SURE = 10


@dataclass(frozen=True)
class Walk:
    """Lead a conversation up to the turn in which the process dies, and count what that turn changes."""

    before: Sequence[str]
    last: str
    made: Callable[[Portal, str], int]


def mails_to(portal: Portal, sender: str) -> int:
    with portal.begin(read_only=True) as tx:
        rows = tx.session.scalars(select(OutboxRow).where(OutboxRow.kind == "recover_password"))
        return sum(row.address == f"{sender}@mailbox.example" for row in rows)


def messages_of(portal: Portal, sender: str) -> int:
    with portal.begin(read_only=True) as tx:
        return sum(str(case.details).count(f"<{sender}>") for case in tx.cases.waiting("westborough"))


WALKS = {
    "a mail is asked for": Walk(("I forgot my password", "{0}"), "{0}@mailbox.example", mails_to),
    "a message is left for the school": Walk(
        ("leave a message", "508 555 0147"), "I cannot sign in since Monday. This is <{0}>.", messages_of
    ),
}


@dataclass
class Stage:
    """Hold the process before the kill, the one that dies, and the one after."""

    portal: Portal
    before: Assistant
    after: Assistant
    dying: Dying
    url: str

    async def lead(self, walk: Walk, sender: str, step: int) -> dict[str, Any]:
        """Lead a new conversation to its last message, and let a process die with it."""
        if walk.made is mails_to:
            address = f"{sender}@mailbox.example"
            make_parent(self.portal, username=sender, email=address, email_confirmed=True)
        chat = Chat(self.before, channel="rest", sender=sender)
        for text in walk.before:
            await chat.say(text.format(sender))
        return self.dying.do(Task(self.url, sender, step, walk.last.format(sender), "the last"))

    async def submit(self, sender: str, step: int) -> dict[str, Any]:
        """Let a process die with a password in its hands."""
        make_parent(self.portal, username=sender)
        chat = Chat(self.before, channel="rest", sender=sender)
        await chat.say("sign in")
        await chat.say(sender)
        typed = {"password": PASSWORD}
        return self.dying.do(Task(self.url, sender, step, ticket=chat.secret.ticket, values=typed))


@pytest.fixture
def stage(
    portal: Portal, assistant: Assistant, survivor: Assistant, dying: Dying, database_url: str
) -> Stage:
    return Stage(portal, assistant, survivor, dying, database_url)


def around_commits(steps: Sequence[str]) -> list[int]:
    return [1, *(number for number, what in enumerate(steps, 1) if what != "statement")]


def all_of_them(steps: Sequence[str]) -> list[int]:
    return list(range(1, len(steps) + 1))


def came_to(number: int, told: dict[str, Any]) -> bool:
    """Tell whether the process came to a step and was killed there.

    The first turn may have had a step or two more than this one: a turn that takes long renews its lease.
    """
    if "steps" in told:
        assert len(told["steps"]) < number
        assert number > LAST_FOR_SURE
        return False
    assert told == {"status": -signal.SIGKILL}
    return True


# A case that was made by the process that died is there already when the turn is taken again.
PASSED_ON = "I passed it on to your school: it is case there."
IS_OPEN = "I added it to case, which is open at your school."


def alike(said: Sequence[str]) -> list[str]:
    """Return what was said without the numbers of cases, and without telling a new one from an open one."""
    return [re.sub(r"case \d+", "case", text).replace(IS_OPEN, PASSED_ON) for text in said]


async def sweep(stage: Stage, walk: Walk, choose: Callable[[Sequence[str]], list[int]]) -> None:
    whole = await stage.lead(walk, "parent0", NEVER)
    for number in choose(whole["steps"]):
        where = (number, whole["steps"][number - 1])
        sender = f"parent{number}"
        told = await stage.lead(walk, sender, number)
        if not came_to(number, told):
            continue
        await stage.after.recover()
        chat = Chat(stage.after, channel="rest", sender=sender)
        again = await chat.say(walk.last.format(sender), "the last")

        said = [reply.text.replace(sender, "parent0") for reply in again]
        assert walk.made(stage.portal, sender) == 1, where
        assert alike(said) == alike(whole["said"]), where
        entries = await stage.after.history("rest", sender)
        assert len([entry for entry in entries if entry.author == "parent"]) == len(walk.before) + 1, where
        await chat.say("thank you")
        assert chat.replies, where
    with stage.portal.begin(read_only=True) as tx:
        assert not list(tx.session.scalars(select(InboxRow).where(InboxRow.answered_at.is_(None))))


@pytest.mark.parametrize("walk", WALKS.values(), ids=list(WALKS))
async def test_kill_around_any_commit_of_a_turn_answers_once_and_changes_once(
    stage: Stage, walk: Walk
) -> None:
    await sweep(stage, walk, around_commits)


@pytest.mark.nightly
@pytest.mark.parametrize("walk", WALKS.values(), ids=list(WALKS))
async def test_kill_before_any_step_of_a_turn_answers_once_and_changes_once(stage: Stage, walk: Walk) -> None:
    await sweep(stage, walk, all_of_them)


@pytest.mark.case("A6")
async def test_kill_around_any_commit_of_a_sign_in_leaves_a_parent_who_can_sign_in(stage: Stage) -> None:
    """A ticket that was spent stays spent: the password is asked for once more where nothing was settled."""
    whole = await stage.submit("parent0", NEVER)
    for number in around_commits(whole["steps"]):
        where = (number, whole["steps"][number - 1])
        sender = f"parent{number}"
        told = await stage.submit(sender, number)
        if not came_to(number, told):
            continue
        await stage.after.recover()
        chat = Chat(stage.after, channel="rest", sender=sender)
        await chat.say("sign in")
        if "username" in chat.text:
            await chat.say(sender)
            await chat.submit(password=PASSWORD)

        with stage.portal.begin(read_only=True) as tx:
            live = select(SessionRow).join(AccountRow, AccountRow.account_id == SessionRow.account_id)
            rows = list(tx.session.scalars(live.where(AccountRow.username == sender)))
        assert len([row for row in rows if row.ended_at is None]) == 1, (where, chat.text)
