import asyncio
import logging
import os
import signal
import socket
import threading

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.support.doors import KEYED, build_app, served
from tests.support.patience import PATIENCE
from tests.support.scripted_assistant import ScriptedAssistant
from web.server import server_for

WEBHOOK = "/webhooks/rest/webhook"
HELLO = {"sender": "ana", "message": "hi"}


@pytest.mark.case("G2")
def test_failure_is_logged_by_its_places_without_its_text(caplog: pytest.LogCaptureFixture) -> None:
    assistant = ScriptedAssistant()
    assistant.failure = ValueError("CANARY-5512")

    with caplog.at_level(logging.ERROR), served(build_app(assistant)) as address:
        answer = httpx.post(address + WEBHOOK, json=HELLO, headers=KEYED, timeout=PATIENCE)

    assert answer.status_code == 500
    assert "ValueError at" in caplog.text
    assert "take_turn" in caplog.text
    assert "CANARY" not in caplog.text + answer.text


def test_body_beyond_the_limit_is_refused_before_it_is_read() -> None:
    with served(build_app(ScriptedAssistant())) as address:
        answer = httpx.post(address + WEBHOOK, content=b"a" * 5_000_000, headers=KEYED, timeout=PATIENCE)

    assert answer.status_code == 413


def test_server_does_not_name_its_software() -> None:
    with served(build_app(ScriptedAssistant())) as address:
        answer = httpx.get(f"{address}/health", timeout=PATIENCE)

    assert "server" not in answer.headers


def test_hang_up_ends_it_once_what_was_taken_is_answered() -> None:
    answers: list[int] = []

    async def hang_up(_: Request) -> Response:
        os.kill(os.getpid(), signal.SIGHUP)
        await asyncio.sleep(0.2)
        return Response()

    server = server_for(Starlette(routes=[Route("/", hang_up)]), host="127.0.0.1", port=0)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        caller = threading.Thread(
            target=lambda: answers.append(httpx.get(address, timeout=PATIENCE).status_code)
        )
        server.begun = caller.start
        before = signal.getsignal(signal.SIGHUP)

        server.run(sockets=[listener])
        caller.join(PATIENCE)

    assert answers == [200]
    assert signal.getsignal(signal.SIGHUP) is before
