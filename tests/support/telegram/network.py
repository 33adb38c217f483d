"""Stand between the bot and Telegram: pass requests on, hold them back, or answer as a bad day would."""

import asyncio
import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from lo_bot_api_emulator import ApiRefusal, updates
from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

from tests.support.telegram.emulator import Emulator
from tests.support.telegram.heard import Heard


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold an answer of Telegram's that is not the one hoped for."""

    status: int
    description: str
    parameters: dict[str, Any] = field(default_factory=dict)

    def body(self) -> bytes:
        """Return it as it travels."""
        told = {"ok": False, "error_code": self.status, "description": self.description}
        return json.dumps({**told, "parameters": self.parameters} if self.parameters else told).encode()


@dataclass(frozen=True, slots=True)
class Lost:
    """Let no answer come in time; `after` says that Telegram did what was asked all the same."""

    after: bool = False


@dataclass(frozen=True, slots=True)
class Cut:
    """Let the connection break before anything is asked."""


Fault = Answer | Lost | Cut

NOT_MODIFIED = Answer(400, "Bad Request: message is not modified: specified new message content is the same")
TOO_OLD = Answer(400, "Bad Request: query is too old and response timeout expired or query ID is invalid")
NOT_DELETED = Answer(400, "Bad Request: message can't be deleted")
BLOCKED = Answer(403, "Forbidden: bot was blocked by the user")
BROKEN = Answer(502, "Bad Gateway")


def too_many(seconds: int) -> Answer:
    """Answer that the bot must wait."""
    return Answer(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})


@dataclass(slots=True)
class _Told:
    method: str
    chat: int | None
    fault: Fault
    times: int


class Network(BaseRequest):
    """Pass requests on to the real one, except those that it was told to spoil or to hold back.

    `tried` lists every method that was asked for, spoiled or not.
    """

    def __init__(self, real: BaseRequest) -> None:
        self._real = real
        self._told: list[_Told] = []
        self._gates: dict[tuple[str, int | None], asyncio.Event] = {}
        self.tried: list[tuple[str, dict[str, str]]] = []
        self.held: list[str] = []
        self._tried = Heard()

    @property
    def read_timeout(self) -> float | None:
        """Return the time-out of the real one."""
        return self._real.read_timeout

    async def initialize(self) -> None:
        """Open the real one."""
        await self._real.initialize()

    async def shutdown(self) -> None:
        """Close the real one."""
        await self._real.shutdown()

    def spoil(self, method: str, fault: Fault, *, times: int = 1, chat: int | None = None) -> None:
        """Let the next requests of this method fail, in one chat or in any."""
        self._told.append(_Told(method, chat, fault, times))

    def heal(self) -> None:
        """Let every request pass from now on."""
        self._told.clear()

    def hold(self, method: str, chat: int | None = None) -> asyncio.Event:
        """Hold requests of this method back until the event that is returned is set."""
        self._gates[method, chat] = asyncio.Event()
        return self._gates[method, chat]

    async def until(self, holds: Callable[[], object]) -> None:
        """Wait until something holds, looking again at every try."""
        await self._tried.until(holds)

    async def until_held(self, method: str) -> None:
        """Wait until a request of this method is held back."""
        await self.until(lambda: method in self.held)

    def tries_of(self, method: str) -> list[dict[str, str]]:
        """Return what was asked for by this method, answered or not."""
        return [fields for name, fields in self.tried if name == method]

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *args: Any, **kwargs: Any
    ) -> tuple[int, bytes]:
        """Pass one request on, or spoil it."""
        name = url.rsplit("/", 1)[-1]
        fields = request_data.json_parameters if request_data else {}
        chat = int(fields["chat_id"]) if fields.get("chat_id", "").lstrip("-").isdigit() else None
        self.tried.append((name, fields))
        self._tried.tell()
        for gate in {self._gates.get((name, chat)), self._gates.get((name, None))} - {None}:
            self.held.append(name)
            self._tried.tell()
            await gate.wait()
        match self._fault(name, chat):
            case Answer() as answer:
                return answer.status, answer.body()
            case Lost(after):
                if after:
                    await self._real.do_request(url, method, request_data, *args, **kwargs)
                raise TimedOut
            case Cut():
                message = "httpx.ConnectError: all connection attempts failed"
                raise NetworkError(message)
            case None:
                return await self._real.do_request(url, method, request_data, *args, **kwargs)

    def _fault(self, method: str, chat: int | None) -> Fault | None:
        for told in self._told:
            if told.times and told.method == method and told.chat in {None, chat}:
                told.times -= 1
                return told.fault
        return None


class InProcess(BaseRequest):
    """Ask the emulator without a socket: what a form would carry is handed over as it is."""

    def __init__(self, emulator: Emulator) -> None:
        self._emulator = emulator

    @property
    def read_timeout(self) -> float | None:
        """Return a time-out that is never met."""
        return 5.0

    async def initialize(self) -> None:
        """Open nothing."""

    async def shutdown(self) -> None:
        """Close nothing."""

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *args: Any, **kwargs: Any
    ) -> tuple[int, bytes]:
        """Answer one request."""
        token, name = url.split("/bot", 1)[1].split("/", 1)
        if method == "GET":
            return 200, bytes(self._emulator.assets[name]["data"])
        fields = dict(request_data.json_parameters) if request_data else {}
        try:
            result = await self._emulator.answer(name, fields, await _uploads(request_data), token)
        except updates.UpdateError as error:
            return error.status, Answer(error.status, str(error)).body()
        except ApiRefusal as refusal:
            return refusal.status, Answer(
                refusal.status, refusal.description, refusal.parameters or {}
            ).body()
        return 200, json.dumps({"ok": True, "result": result}).encode()


async def _uploads(request_data: RequestData | None) -> dict[str, dict[str, Any]]:
    uploads = {}
    for name, (filename, content, _) in (request_data.multipart_data if request_data else {}).items():
        data = content if isinstance(content, bytes) else content.read()
        data = await data if inspect.isawaitable(data) else data
        uploads[name] = {"filename": filename, "data": data, "size": len(data)}
    return uploads
