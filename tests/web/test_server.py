import logging

import httpx
import pytest

from tests.support.doors import KEYED, build_app, served
from tests.support.scripted_assistant import ScriptedAssistant

WEBHOOK = "/webhooks/rest/webhook"
HELLO = {"sender": "ana", "message": "hi"}


@pytest.mark.case("G2")
def test_failure_is_logged_by_its_places_without_its_text(caplog: pytest.LogCaptureFixture) -> None:
    assistant = ScriptedAssistant()
    assistant.failure = ValueError("CANARY-5512")

    with caplog.at_level(logging.ERROR), served(build_app(assistant)) as address:
        answer = httpx.post(address + WEBHOOK, json=HELLO, headers=KEYED, timeout=60)

    assert answer.status_code == 500
    assert "ValueError at" in caplog.text
    assert "take_turn" in caplog.text
    assert "CANARY" not in caplog.text + answer.text


def test_body_beyond_the_limit_is_refused_before_it_is_read() -> None:
    with served(build_app(ScriptedAssistant())) as address:
        answer = httpx.post(address + WEBHOOK, content=b"a" * 5_000_000, headers=KEYED, timeout=60)

    assert answer.status_code == 413


def test_server_does_not_name_its_software() -> None:
    with served(build_app(ScriptedAssistant())) as address:
        answer = httpx.get(f"{address}/health", timeout=60)

    assert "server" not in answer.headers
