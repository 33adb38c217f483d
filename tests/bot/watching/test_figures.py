"""What happens is counted, and by nothing that a stranger or a parent writes."""

import contextlib
from uuid import uuid4

import pytest

from bot.conversation.turn import Assistant
from bot.watching.figures import Figures
from portal.core.audit import AuditEvent
from portal.core.outbox import MailKind, To
from portal.transaction import Portal
from tests.support.conversation import Chat
from tests.support.doors import KEYED, build_app, client_of
from tests.support.mails import delivered
from tests.support.portals import PASSWORD, make_district, sign_in
from tests.support.scripted_assistant import ScriptedAssistant
from tests.support.watched import Watched


def turns(seen: Watched, outcome: str) -> float | None:
    return seen.value("turns_total", channel="rest", kind="text", outcome=outcome)


async def test_turns_are_counted_by_what_came_of_them(desk: Assistant, seen: Watched) -> None:
    chat = Chat(desk)

    await chat.say("hours")
    await chat.say("gibberish")
    await chat.say("explode slot")

    assert turns(seen, "answered") == 1
    assert turns(seen, "not_understood") == 1
    assert turns(seen, "failed") == 1
    assert seen.value("turn_seconds_count", channel="rest") == 3


async def test_understanding_is_counted_by_language(desk: Assistant, seen: Watched) -> None:
    chat = Chat(desk)

    await chat.say("hours")
    await chat.say("gibberish?")

    assert seen.value("understanding_confidence_count", language="en") == 2
    assert seen.value("understanding_confidence_bucket", language="en", le="0.5") == 1
    assert seen.value("fallbacks_total", language="en") == 1


def test_sign_ins_are_counted_by_what_came_of_them(desk: Assistant, portal: Portal, seen: Watched) -> None:
    sign_in(portal)
    sign_in(portal, password="wrong")
    sign_in(portal, username="nobody.at.all")

    assert seen.value("sign_ins_total", who="family", outcome="succeeded") == 1
    assert seen.value("sign_ins_total", who="family", outcome="failed") == 2
    assert seen.value("audit_events_total", event="signin.succeeded") == 1


async def test_refusal_of_a_masked_field_is_counted_by_its_reason(desk: Assistant, seen: Watched) -> None:
    chat = Chat(desk)
    await chat.say("sign in, my username is mlopez")

    await chat.submit(password="wrong")
    await chat.say("sign in, my username is mlopez")
    await chat.submit(password=PASSWORD)

    assert seen.value("refusals_total", door="masked", reason="bad_credentials") == 1
    assert seen.value("turns_total", channel="rest", kind="secret", outcome="answered") == 2


async def test_mails_are_counted_with_how_old_they_were(
    desk: Assistant, portal: Portal, seen: Watched
) -> None:
    with portal.begin() as tx:
        tx.outbox.put("westborough", MailKind.PASSWORD_CHANGED, To("marisol@mailbox.example"))

    await delivered(portal)

    assert seen.value("mails_put_total", kind="password_changed") == 1
    assert seen.value("mails_total", kind="password_changed", outcome="sent") == 1
    assert seen.value("mail_age_seconds_count", kind="password_changed") == 1


def test_what_is_rolled_back_never_happened(portal: Portal, seen: Watched) -> None:
    make_district(portal)

    with contextlib.suppress(ZeroDivisionError), portal.begin() as tx:
        tx.audit.record("westborough", AuditEvent.CASE_OPENED)
        raise ZeroDivisionError

    assert seen.value("audit_events_total", event="case.opened") is None


async def test_strangers_multiply_no_series(figures: Figures) -> None:
    async with client_of(build_app(ScriptedAssistant())) as client:
        for _ in range(20):
            word = uuid4().hex
            await client.request(word.upper()[:9], f"/{word}", params={word: word})
            await client.get(f"/secret/{word}", headers={"X-Request-ID": word, "User-Agent": word})

    [family] = [family for family in figures.registry.collect() if family.name == "hallpass_http_requests"]
    counted = {tuple(s.labels.values()): s.value for s in family.samples if s.name.endswith("_total")}
    assert counted == {("other", "(unknown)", "4xx"): 20, ("GET", "/secret/{ticket}", "4xx"): 20}


async def test_failures_are_counted_by_their_name(figures: Figures, seen: Watched) -> None:
    assistant = ScriptedAssistant()
    assistant.failure = RuntimeError("a bug")

    async with client_of(build_app(assistant)) as client:
        await client.post("/webhooks/rest/webhook", json={"sender": "a", "message": "hi"}, headers=KEYED)

    assert seen.value("problems_total", event="request_failed", level="error") == 1


@pytest.mark.parametrize("level", ["error"])
async def test_what_is_too_quiet_to_be_written_is_counted(desk: Assistant, seen: Watched) -> None:
    await Chat(desk).say("hours")

    assert turns(seen, "answered") == 1
    assert seen.text == ""
