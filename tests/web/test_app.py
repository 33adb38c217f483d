import pytest
from structlog.testing import capture_logs

from bot.channels.base import ChatDistrict
from bot.conversation.history import HistoryEntry
from portal.core.errors import UnavailableError
from tests.support.doors import KEYED, build_app, client_of, open_chat
from tests.support.scripted_assistant import PASSWORD, ScriptedAssistant

PAGE = {"Accept": "text/html"}
WEBHOOK = "/webhooks/rest/webhook"


async def test_ready_is_healthy() -> None:
    async with client_of(build_app(ScriptedAssistant())) as client:
        answer = await client.get("/health")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_not_ready_is_unavailable_and_says_why() -> None:
    async def starting() -> tuple[str, ...]:
        return ("database_away",)

    async with client_of(build_app(ScriptedAssistant(), unready=starting)) as client:
        answer = await client.get("/health")

    assert answer.status_code == 503
    assert answer.json() == {"status": "unavailable", "reasons": ["database_away"]}
    assert answer.headers["retry-after"]


class Unreachable(ScriptedAssistant):
    """Fail as the assistant does while the database is locked or away."""

    async def history(self, channel: str, sender: str) -> list[HistoryEntry]:
        message = "The database did not answer."
        raise UnavailableError(message)

    async def find(self, slug: str | None) -> ChatDistrict | None:
        message = "The database did not answer."
        raise UnavailableError(message)

    async def slug(self, named: str | None) -> str | None:
        message = "The database did not answer."
        raise UnavailableError(message)


async def test_history_is_busy_while_the_database_does_not_answer() -> None:
    async with client_of(build_app(Unreachable())) as client:
        await open_chat(client)
        answer = await client.get("/chat/history")

    assert (answer.status_code, answer.json()["error"]) == (503, "busy")
    assert answer.headers["retry-after"]


async def test_every_door_that_needs_a_district_is_busy_while_the_database_does_not_answer() -> None:
    async with client_of(build_app(ScriptedAssistant(), districts=Unreachable())) as client:
        page = await client.get("/chat", headers=PAGE)
        message = {"sender": "a", "message": "hi", "metadata": {"district": "boston"}}
        answer = await client.post(WEBHOOK, json=message, headers=KEYED)

    assert page.status_code == answer.status_code == 503
    assert page.headers["retry-after"]
    assert answer.headers["retry-after"]


async def test_message_that_is_not_stored_is_refused_and_taken_when_it_is_sent_again() -> None:
    assistant = ScriptedAssistant()
    message = {"message": "hello", "metadata": {"message_id": "m1"}}
    async with client_of(build_app(assistant)) as client:
        page = await open_chat(client)
        assistant.is_away = True
        by_page = await client.post("/chat/messages", json=message, headers=page)
        by_program = await client.post(WEBHOOK, json={"sender": "a", **message}, headers=KEYED)
        assistant.is_away = False
        again = await client.post("/chat/messages", json=message, headers=page)

    for refused in (by_page, by_program):
        assert (refused.status_code, refused.json()["error"]) == (503, "busy")
        assert refused.headers["retry-after"]
    assert again.json()[0]["text"] == "You said hello"
    assert len(assistant.taken) == 1


async def test_root_leads_to_the_chat() -> None:
    async with client_of(build_app(ScriptedAssistant())) as client:
        answer = await client.get("/")

    assert (answer.status_code, answer.headers["location"]) == (307, "/chat")


@pytest.mark.parametrize("path", ["/nowhere", "/chat/", "/static/none.js", "/static/..%2fapp.py", "/secret/"])
async def test_unknown_address_is_a_friendly_404(path: str) -> None:
    async with client_of(build_app(ScriptedAssistant())) as client:
        page = await client.get(path, headers=PAGE)
        answer = await client.get(path)

    assert page.status_code == answer.status_code == 404
    assert "There is no page at this address" in page.text
    assert answer.json()["error"] == "not_found"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", WEBHOOK),
        ("GET", "/model/parse"),
        ("GET", "/chat/messages"),
        ("POST", "/chat"),
        ("POST", "/chat/history"),
        ("DELETE", "/secret/x"),
        ("POST", "/health"),
    ],
)
async def test_wrong_method_is_refused(method: str, path: str) -> None:
    async with client_of(build_app(ScriptedAssistant())) as client:
        answer = await client.request(method, path)

    assert (answer.status_code, answer.json()["error"]) == (405, "wrong_method")


@pytest.mark.parametrize("path", ["/chat", "/nowhere", WEBHOOK, "/health", "/secret/x", "/static/chat.js"])
async def test_every_answer_carries_the_security_headers(path: str) -> None:
    async with client_of(build_app(ScriptedAssistant())) as client:
        answer = await client.get(path)

    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == ("no-cache" if "static" in path else "no-store")


async def test_failure_is_a_plain_answer_with_a_number_and_the_headers() -> None:
    assistant = ScriptedAssistant()
    assistant.failure = RuntimeError(PASSWORD)

    with capture_logs() as lines:
        async with client_of(build_app(assistant)) as client:
            answer = await client.post(WEBHOOK, json={"sender": "a", "message": "hi"}, headers=KEYED)

    assert answer.status_code == 500
    assert answer.headers["cache-control"] == "no-store"
    [failure] = [line for line in lines if line["event"] == "request_failed"]
    assert failure["incident"] in answer.json()["message"]
    assert PASSWORD not in str(lines) + answer.text


@pytest.mark.case("G1")
async def test_access_log_has_neither_tickets_nor_queries_nor_unknown_paths() -> None:
    with capture_logs() as lines:
        async with client_of(build_app(ScriptedAssistant())) as client:
            await client.get("/secret/CANARY-ticket")
            await client.get("/chat?district=CANARY-query")
            await client.get("/CANARY-path")

    assert "CANARY" not in str(lines)
    assert [line["route"] for line in lines] == ["/secret/{ticket}", "/chat", "(unknown)"]


async def test_page_has_no_inline_code_and_loads_nothing_from_elsewhere() -> None:
    async with client_of(build_app(ScriptedAssistant())) as client:
        page = await client.get("/chat")

    assert page.text.count("<script") == page.text.count('<script src="/static/')
    assert " style=" not in page.text
    assert "<style" not in page.text
    assert "://" not in page.text


async def test_page_is_in_the_language_that_the_browser_asks_for() -> None:
    async with client_of(build_app(ScriptedAssistant())) as client:
        page = await client.get("/nowhere", headers={**PAGE, "Accept-Language": "en-GB,en;q=0.8"})

    assert '<html lang="en" dir="ltr">' in page.text
