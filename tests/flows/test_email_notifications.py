"""Choose regular mails in a chat: everything said at once is taken, and nobody else's child is told of."""

from collections.abc import Callable

import pytest

from portal.accounts.models import AccountRow
from portal.core.districts import District
from portal.core.models import OutboxRow
from portal.records.models import NotificationRow
from portal.records.notifications import Frequency
from portal.transaction import Portal
from tests.flows.chat import everything, sign_in
from tests.flows.conftest import WESTBOROUGH
from tests.support.clock import FakeClock
from tests.support.conversation import Chat
from tests.support.portals import PASSWORD, make_district

pytestmark = pytest.mark.usefixtures("families", "address")


@pytest.fixture
def address(portal: Portal, families: None) -> None:
    """Give both parents an address that they have confirmed."""
    with portal.begin() as tx:
        for name in ("mlopez", "kwhitfield"):
            found = tx.accounts.find("westborough", name)
            assert found is not None
            row = tx.session.get_one(AccountRow, found.account_id)
            row.email = row.email_key = f"{name}@mailbox.example"
            row.email_confirmed_at = tx.now


def rows(portal: Portal) -> dict[str, tuple[str, str]]:
    """Return what is set, by the child's number."""
    with portal.begin(read_only=True) as tx:
        found = {}
        for number in ("7001", "7002", "7003"):
            student = tx.imports.find_student("westborough", number)
            assert student is not None
            for row in tx.session.query(NotificationRow).filter_by(student_id=student.id):
                found[number] = (row.frequency, row.subjects)
        return found


@pytest.mark.requirement("R96", "R112")
async def test_everything_said_at_once_only_needs_a_yes(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    await chat.say("send me Maya's grades every week")
    asked = chat.text
    before = rows(portal)
    await chat.say("yes")

    assert asked == "So I write to you about Maya, every week: grades and attendance in short. Is that right?"
    assert before == {}
    assert rows(portal) == {"7001": ("weekly", "grades")}
    assert chat.text.splitlines() == [
        "Done.",
        "- Maya: grades and attendance in short, every week."
        " The next e-mail leaves on Oct 16, 2026, 6:00 AM.",
        "They go to m•••@mailbox.example, and each of them has a link that stops it.",
    ]


@pytest.mark.requirement("R96")
async def test_what_was_not_said_is_asked_for_step_by_step(portal: Portal, chat: Chat) -> None:
    await sign_in(chat)
    steps = []
    await chat.say("email notifications")
    steps.append((chat.text, chat.titles))
    await chat.press("Leo")
    steps.append((chat.text, chat.titles))
    await chat.say("grades and attendance")
    steps.append((chat.text, chat.titles))
    await chat.press("Every month")
    await chat.press("Yes, that is right")

    assert steps == [
        ("About which child shall I write to you?", ["Leo", "Maya", "All of them"]),
        (
            "What shall the e-mails tell? You can name several.",
            ["Grades and attendance", "Assignments", "Each absence", "Everything"],
        ),
        ("How often shall I write?", ["Every day", "Every week", "Every two weeks", "Every month", "Never"]),
    ]
    assert rows(portal) == {"7002": ("monthly", "grades")}
