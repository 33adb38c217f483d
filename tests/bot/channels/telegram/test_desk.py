import pytest
from sqlalchemy import Engine, select

from bot.conversation.turn import Assistant
from bot.mail.rounds import Rounds
from portal.dialogue.models import ChatRow, ConversationRow
from portal.dialogue.start_codes import MintedStartCode
from portal.helpdesk.outcomes import CaseKind, NewCase
from portal.transaction import Portal
from tests.support.boston import waiting_request
from tests.support.telegram.line import Line
from tests.support.telegram.network import Answer, Network
from tests.support.telegram.person import Person

GROUP = -1_001_234


@pytest.fixture
def kim(line: Line) -> Person:
    person = line.person(4200, "Kim")
    person.group = GROUP
    return person


def staff_code(portal: Portal) -> str:
    with portal.begin() as tx:
        minted = tx.staff_chats.new_code("westborough", by="Kim")
    assert isinstance(minted, MintedStartCode)
    return minted.code


def open_case(portal: Portal) -> None:
    with portal.begin() as tx:
        tx.cases.open(NewCase("westborough", CaseKind.LOST_LETTER, "c1", "rest", details={"name": "María"}))


@pytest.mark.case("C4")
@pytest.mark.parametrize("command", ["/staff", "/staff@hallpass_test_bot", "/STAFF"])
async def test_a_group_that_sends_a_code_is_told_of_new_cases_without_a_name(
    line: Line, portal: Portal, kim: Person, command: str
) -> None:
    await kim.types(f"{command} {staff_code(portal)}")
    await line.settled()
    open_case(portal)
    await line.settled()

    opened, case = [shown.text for shown in kim.hears]
    assert "cases of Westborough" in opened
    assert "Case 1" in case
    assert "lost letter" in case
    assert "María" not in case


async def test_a_private_chat_may_be_told_too_and_holds_no_conversation(
    line: Line, portal: Portal, ana: Person, engine: Engine
) -> None:
    await ana.types(f"/staff {staff_code(portal)}")
    await line.settled()

    assert "cases of Westborough" in ana.read
    with engine.connect() as connection:
        assert connection.execute(select(ConversationRow.id)).all() == []


@pytest.mark.parametrize("code", ["", "abc", "x" * 4000, "\x00"])
async def test_a_code_that_is_none_opens_nothing(line: Line, portal: Portal, kim: Person, code: str) -> None:
    await kim.types(f"/staff {code}".strip())
    await line.settled()
    open_case(portal)
    await line.settled()

    assert [shown.text for shown in kim.hears] == ["That code does not count."]


async def test_an_administrator_who_stays_anonymous_may_open_the_group(
    line: Line, portal: Portal, kim: Person
) -> None:
    anonymous = {"id": 1087968824, "is_bot": True, "first_name": "Group"}
    await kim.types(f"/staff {staff_code(portal)}", **{"from": anonymous})
    await line.settled()

    assert "cases of Westborough" in kim.read


async def test_staff_off_ends_it(line: Line, portal: Portal, kim: Person) -> None:
    await kim.types(f"/staff {staff_code(portal)}")
    await line.settled()
    await kim.types("/staff off")
    await line.settled()
    open_case(portal)
    await line.settled()

    assert [shown.text for shown in kim.hears][1:] == ["No cases any more."]


async def test_a_group_that_gets_a_new_number_is_told_there(
    line: Line, portal: Portal, kim: Person, network: Network
) -> None:
    grown = line.person(4200, "Kim")
    grown.group = GROUP - 1
    moved = {"migrate_to_chat_id": GROUP - 1}
    network.spoil("sendMessage", Answer(400, "Bad Request: group chat was upgraded", moved), chat=GROUP)

    await kim.types(f"/staff {staff_code(portal)}")
    await line.settled()
    await line.channel.pusher.drain()

    assert kim.hears == []
    assert "cases of Westborough" in grown.read


async def test_a_notice_that_is_cut_off_by_a_kill_is_sent_once_by_the_next(
    line: Line, desk: Assistant, portal: Portal, kim: Person
) -> None:
    await kim.types(f"/staff {staff_code(portal)}")
    open_case(portal)
    next_one = Line(desk, portal, line.emulator)

    await next_one.settled()
    await line.settled()

    assert len(kim.hears) == 2


async def test_who_blocks_the_bot_is_out_of_reach_until_they_write_again(
    line: Line, engine: Engine, ana: Person
) -> None:
    def out_of_reach() -> bool:
        with engine.connect() as connection:
            return connection.scalar(select(ChatRow.unreachable_at)) is not None

    await ana.types("hello")
    await line.settled()
    await ana.blocks()
    blocked = out_of_reach()
    await ana.unblocks()
    await ana.types("hello")
    await line.settled()

    assert (blocked, out_of_reach()) == (True, False)
    assert len(ana.hears) == 2


async def test_chats_of_staff_are_told_once_that_requests_for_an_account_wait(
    line: Line, portal: Portal, kim: Person
) -> None:
    await kim.types(f"/staff {staff_code(portal)}")
    await line.settled()
    with portal.begin() as tx:
        tx.session.add(waiting_request("westborough", tx.now))
    rounds = Rounds(portal)

    for _ in range(2):
        await rounds.put_due()
        await line.settled()

    _, told = [shown.text for shown in kim.hears]
    assert "Requests for an account that wait for the help desk: 1" in told
    assert "López" not in told
