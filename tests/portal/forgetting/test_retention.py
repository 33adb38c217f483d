"""What was kept long enough goes, and what was not stays: each rule, row by row."""

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import BigInteger, Column, select
from sqlalchemy.schema import DropTable

from portal.core.database import Instant, microseconds
from portal.core.sealed import seal, unseal
from portal.dialogue.models import ChatRow, ConversationRow, StartCodeRow, TranscriptRow
from portal.dialogue.outcomes import Answer, Arrival, ChatAddress, Line, News, NewsKind
from portal.forgetting import retention
from portal.forgetting.retention import RULES, Rule
from portal.helpdesk.models import CaseEntryRow, CaseRow
from portal.migrations.tables import METADATA
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.made_rows import make_row
from tests.support.portals import make_district

SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
# What a row needs beside its age for its rule to be about it.
ALSO: dict[tuple[str, str], dict[str, Any]] = {
    ("gate", "touched"): {"kind": "name", "total": 0},
    ("sessions", "seen_at"): {"place": b"where they were"},
    ("account_requests", "created_at"): {"state": "mailed"},
    ("account_requests", "decided_at"): {"state": "rejected"},
    ("cases", "closed_at"): {"state": "closed", "conversation_id": "theirs"},
}
# A row of these stays, without what its rule is about.
LEFT = {("sessions", "seen_at"): ("place", None), ("cases", "closed_at"): ("conversation_id", "")}
DOCS = Path(__file__).resolve().parents[3] / "docs" / "retention.md"


@pytest.fixture(autouse=True)
def district(portal: Portal) -> None:
    make_district(portal)


def stored(column: Column[Any], instant: datetime) -> Any:
    return instant if isinstance(column.type, Instant) else microseconds(instant)


def added(portal: Portal, rule: Rule, instant: datetime) -> Any:
    """Add a row of that age, and return its key."""
    table = METADATA.tables[rule.table]
    column = table.columns[rule.column]
    assert isinstance(column.type, (Instant, BigInteger))
    given = {rule.column: stored(column, instant), **ALSO.get((rule.table, rule.column), {})}
    with portal.begin() as tx:
        row = make_row(tx.session, rule.table, portal.clock.now(), **given)
    return tuple(row[key.name] for key in table.primary_key)


def is_gone(portal: Portal, rule: Rule, key: Any) -> bool:
    table = METADATA.tables[rule.table]
    mine = [column == value for column, value in zip(table.primary_key, key, strict=True)]
    with portal.begin(read_only=True) as tx:
        row = tx.session.execute(select(table).where(*mine)).mappings().first()
    name, nothing = LEFT.get((rule.table, rule.column), ("", ""))
    return row is None if not name else row is not None and row[name] == nothing


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: f"{rule.table}.{rule.column}")
def test_what_is_old_enough_goes_and_what_is_a_second_younger_stays(portal: Portal, rule: Rule) -> None:
    end = portal.clock.now() - rule.kept
    old, young = added(portal, rule, end), added(portal, rule, end + SECOND)

    portal.purge()

    assert is_gone(portal, rule, old)
    assert not is_gone(portal, rule, young)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.option], ids=lambda rule: rule.what)
def test_district_says_how_long_where_it_may(portal: Portal, rule: Rule) -> None:
    longer = rule.kept + 10 * DAY
    usual = {"chat_history_days": 365, "case_text_days": 730}[rule.option]
    make_district(portal, **{rule.option: usual + 10})
    old, young = (added(portal, rule, portal.clock.now() - age) for age in (longer, longer - SECOND))

    portal.purge()

    assert is_gone(portal, rule, old)
    assert not is_gone(portal, rule, young)


def test_what_cannot_be_forgotten_keeps_nothing_else(portal: Portal) -> None:
    broken = StartCodeRow.__tablename__
    others = [rule for rule in RULES if rule.table != broken and not rule.option]
    old = [(rule, added(portal, rule, portal.clock.now() - rule.kept)) for rule in others]
    with portal.begin() as tx:
        tx.session.execute(DropTable(METADATA.tables[broken]))

    with pytest.raises(ExceptionGroup) as failed:
        portal.purge()

    assert len(failed.value.exceptions) == 1
    assert all(is_gone(portal, rule, key) for rule, key in old)


def test_more_than_goes_at_once_goes_all_the_same(
    portal: Portal, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    with portal.begin() as tx:
        for _ in range(5):
            make_row(tx.session, "dialogue_transcript", tx.now)
            make_row(tx.session, "cases", tx.now, conversation_id="theirs", state="closed", closed_at=tx.now)
    clock.advance(days=800)

    portal.purge()

    with portal.begin(read_only=True) as tx:
        assert list(tx.session.scalars(select(TranscriptRow))) == []
        assert set(tx.session.scalars(select(CaseRow.conversation_id))) == {""}


def test_chat_in_which_nothing_stands_any_more_goes_with_what_it_remembers(
    portal: Portal, clock: FakeClock
) -> None:
    with portal.begin() as tx:
        silent, app, spoken, waits = (
            make_row(tx.session, "dialogue_conversation", tx.now, state=b"all that was said")["id"]
            for _ in range(4)
        )
        for place in (silent, app, spoken, waits):
            make_row(tx.session, "dialogue_transcript", tx.now, conversation_id=place)
        make_row(tx.session, "dialogue_chat", tx.now, conversation_id=app)
        make_row(tx.session, "cases", tx.now, conversation_id=waits, state="open")
    clock.advance(days=300)
    with portal.begin() as tx:
        make_row(tx.session, "dialogue_transcript", tx.now, conversation_id=spoken)
    clock.advance(days=65)

    portal.purge()

    with portal.begin(read_only=True) as tx:
        left = {row.id: row.state for row in tx.session.scalars(select(ConversationRow))}
        lines = [row.conversation_id for row in tx.session.scalars(select(TranscriptRow))]
        chats = [row.conversation_id for row in tx.session.scalars(select(ChatRow))]
    # The chat of a messaging app can still be written to; a case that is open is still answered.
    assert left == {app: None, spoken: b"all that was said", waits: b"all that was said"}
    assert lines == [spoken]
    assert chats == [app]


def remembered(portal: Portal) -> dict[str, bytes | None]:
    with portal.begin(read_only=True) as tx:
        return {row.id: row.state for row in tx.session.scalars(select(ConversationRow))}


@pytest.mark.parametrize("channel", ["telegram", "webchat"])
def test_news_that_nobody_heard_keep_nothing_of_what_a_chat_remembers_and_are_told_all_the_same(
    portal: Portal, clock: FakeClock, channel: str
) -> None:
    chat = ChatAddress("bot", {"chat": 1}) if channel == "telegram" else None
    arrival = Arrival(channel, "parent", "first", {"text": "hello"}, {}, chat)
    with portal.begin() as tx:
        place = tx.dialogue.receive(arrival, "somebody").conversation_id
        work = tx.dialogue.take_up(place, "somebody")
        assert work is not None
        answer = Answer(work, {"form": "sign_in"}, (), (Line({"text": "hello"}),), language="es")
        assert tx.dialogue.finish(answer)
    clock.advance(days=364)
    with portal.begin() as tx:
        tx.dialogue.tell(News(place, NewsKind.PASSWORD_SET))
    portal.purge()
    before = remembered(portal)
    clock.advance(days=1)

    portal.purge()

    assert before[place] is not None
    assert remembered(portal) == {place: None}
    with portal.begin() as tx:
        assert len(tx.pushes.with_news("bot")) == (1 if chat else 0)
        tx.dialogue.receive(replace(arrival, message_id="second"), "somebody")
        told = tx.dialogue.take_up(place, "somebody")
        assert told is not None
        assert [each.payload["kind"] for each in told.news] == ["password_set"]
        assert (told.conversation.state, told.conversation.language) == (None, "es")


def test_news_that_nobody_ever_heard_go_and_the_chat_of_a_page_with_them(
    portal: Portal, clock: FakeClock
) -> None:
    with portal.begin() as tx:
        page, app = (make_row(tx.session, "dialogue_conversation", tx.now)["id"] for _ in range(2))
        make_row(tx.session, "dialogue_chat", tx.now, conversation_id=app)
    clock.advance(days=365)
    with portal.begin() as tx:
        for place in (page, app):
            tx.dialogue.tell(News(place, NewsKind.PASSWORD_SET))
    portal.purge()
    with_news = remembered(portal)
    clock.advance(days=7)

    portal.purge()

    assert set(with_news) == {page, app}
    assert set(remembered(portal)) == {app}


def test_what_a_chat_remembers_goes_when_its_case_is_closed_long_after_the_last_word(
    portal: Portal, clock: FakeClock
) -> None:
    with portal.begin() as tx:
        place = make_row(tx.session, "dialogue_conversation", tx.now, state=b"all that was said")["id"]
        make_row(tx.session, "dialogue_transcript", tx.now, conversation_id=place)
        case = make_row(tx.session, "cases", tx.now, conversation_id=place, state="open")
    clock.advance(days=365)
    portal.purge()
    before = remembered(portal)
    with portal.begin() as tx:
        tx.session.get_one(CaseRow, case["case_id"]).state = "closed"

    portal.purge()

    assert before == {place: b"all that was said"}
    assert remembered(portal) == {}


def test_young_chat_in_which_nothing_was_said_yet_stays(portal: Portal, clock: FakeClock) -> None:
    with portal.begin() as tx:
        place = make_row(tx.session, "dialogue_conversation", tx.now, state=b"all that was said")["id"]
    clock.advance(days=364)

    portal.purge()

    assert remembered(portal) == {place: b"all that was said"}


def test_closed_case_keeps_its_times_and_not_a_word(portal: Portal, clock: FakeClock) -> None:
    with portal.begin() as tx:
        keys = tx.context.keys
        case = make_row(
            tx.session,
            "cases",
            tx.now,
            state="closed",
            closed_at=tx.now,
            account_id="somebody",
            details=seal(keys, {"phone": "774 555 0163"}),
        )
        make_row(tx.session, "case_entries", tx.now, case_id=case["case_id"])
        open_ = make_row(tx.session, "cases", tx.now, state="open", account_id="somebody")
    clock.advance(days=730)

    portal.purge()

    with portal.begin(read_only=True) as tx:
        row = tx.session.get_one(CaseRow, case["case_id"])
        assert (unseal(keys, row.details), row.account_id) == ({}, None)
        assert (row.number, row.opened_at, row.closed_at) == (
            case["number"],
            case["opened_at"],
            case["closed_at"],
        )
        assert list(tx.session.scalars(select(CaseEntryRow))) == []
        assert tx.session.get_one(CaseRow, open_["case_id"]).account_id == "somebody"


def test_page_of_the_docs_says_what_is_kept_how_long() -> None:
    written = DOCS.read_text("utf-8")

    for rule in RULES:
        option = f"`{rule.option}`" if rule.option else ""
        length = f"{rule.kept.days} days" if rule.kept.days > 1 else "24 hours"
        assert f"| {rule.what} | {length} | {option} |" in written
