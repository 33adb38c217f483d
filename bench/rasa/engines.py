"""Start both engines as an operator does, and speak to them over the same REST webhook."""

import http.client
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol

from bench.rasa.environment import Rasa
from bench.rasa.people import Parent, sign_in_for_rasa
from bench.rasa.usage import Spent, Tree
from bot.settings import DEMO_KEY, ROOT

SECONDS_TO_START = 600.0
SECONDS_TO_ANSWER = 120


class Engine(Protocol):
    """Be one of the two that are compared."""

    name: str

    def start(self) -> Spent:
        """Start it and return what it took until it answered."""

    def tree(self) -> Tree:
        """Return its processes."""

    def stop(self) -> None:
        """End its processes."""

    def sign_in(self, parents: Sequence[Parent]) -> list[str]:
        """Return one conversation for each parent, signed in."""

    def line(self) -> "Line":
        """Open a connection."""


@dataclass(slots=True)
class Line:
    """Speak to one engine over one connection that is kept."""

    port: int
    headers: Mapping[str, str]
    _connection: http.client.HTTPConnection = field(init=False)

    def __post_init__(self) -> None:
        """Connect when something is first said."""
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS_TO_ANSWER)

    def say(self, sender: str, text: str) -> list[dict[str, Any]]:
        """Send one message and return the replies."""
        replies: list[dict[str, Any]] = self.post(
            "/webhooks/rest/webhook", {"sender": sender, "message": text}
        )
        return replies

    def intent(self, text: str) -> str:
        """Return what a text is understood as."""
        return str(self.post("/model/parse", {"text": text})["intent"]["name"])

    def post(self, path: str, body: object) -> Any:
        """Post JSON and return JSON."""
        self._connection.request("POST", path, json.dumps(body).encode(), dict(self.headers))
        answer = self._connection.getresponse()
        content = answer.read()
        assert answer.status < 300, (path, answer.status, content[:300])
        return json.loads(content)

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


@dataclass(slots=True)
class Hallpass:
    """Run `python -m bot serve --demo` in a state folder of its own."""

    folder: Path
    log: IO[bytes]
    name: str = "Hallpass"
    port: int = 0
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> Spent:
        """Start it and return what it took until it answered."""
        self.port = free_port()
        command = [sys.executable, "-m", "bot", "serve", "--demo", "--port", str(self.port)]
        environment = {**os.environ, "HALLPASS_VAR": str(self.folder)}
        begun = time.perf_counter()
        self._process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=self.log, stderr=self.log)
        wait_until(self._process, self.port, "/health")
        return Spent(time.perf_counter() - begun, self.tree().cpu())

    def tree(self) -> Tree:
        """Return its processes."""
        return Tree((self._process.pid,) if self._process else ())

    def stop(self) -> None:
        """End its process."""
        end(self._process)

    def sign_in(self, parents: Sequence[Parent]) -> list[str]:
        """Sign in as a client does, through the masked field."""
        line = self.line()
        senders = [f"bench-{os.urandom(8).hex()}" for _ in parents]
        for sender, parent in zip(senders, parents, strict=True):
            line.say(sender, "sign in")
            asked = line.say(sender, parent.username)
            masked = next(reply["custom"]["secret"] for reply in asked if "secret" in reply.get("custom", {}))
            line.post(masked["url"], {"values": {"password": parent.password}})
        line.close()
        return senders

    def line(self) -> Line:
        """Open a connection."""
        return Line(self.port, {"Authorization": f"Bearer {DEMO_KEY}", "Content-Type": "application/json"})


@dataclass(slots=True)
class RasaServer:
    """Run `rasa run`, and rasa-sdk's action server on a demo of its own."""

    rasa: Rasa
    folder: Path
    actions_port: int
    log: IO[bytes]
    name: str = "Rasa"
    port: int = 0
    started_alone: Spent | None = None
    _server: subprocess.Popen[bytes] | None = None
    _actions: subprocess.Popen[bytes] | None = None

    def start(self) -> Spent:
        """Start both, the actions first, and return what both took until they answered."""
        begun = time.perf_counter()
        self._start_actions()
        actions = time.perf_counter() - begun
        self._start_rasa()
        alone = time.perf_counter() - begun - actions
        self.started_alone = Spent(alone, self.tree_alone().cpu())
        # They can start side by side: the slower one counts by the clock, both by the processor.
        return Spent(max(alone, actions), self.tree().cpu())

    def tree(self) -> Tree:
        """Return the processes of both."""
        return Tree(tuple(each.pid for each in (self._server, self._actions) if each))

    def tree_alone(self) -> Tree:
        """Return the processes of Rasa without its action server."""
        return Tree((self._server.pid,) if self._server else ())

    def stop(self) -> None:
        """End both."""
        end(self._server)
        end(self._actions)

    def start_alone(self) -> None:
        """Start Rasa without its action server: somebody else serves the actions."""
        self._start_rasa()

    def sign_in(self, parents: Sequence[Parent]) -> list[str]:
        """Sign in at the portal itself and tell Rasa where each conversation takes place."""
        senders = sign_in_for_rasa(self.folder, list(parents))
        line = self.line()
        for sender, parent in zip(senders, parents, strict=True):
            line.post(f"/conversations/{sender}/tracker/events", place_of(parent.district))
        line.close()
        return senders

    def line(self) -> Line:
        """Open a connection."""
        return Line(self.port, {"Content-Type": "application/json"})

    def _start_actions(self) -> None:
        command = [sys.executable, "-m", "bench.rasa.action_server", "--port", str(self.actions_port)]
        environment = {**os.environ, "HALLPASS_VAR": str(self.folder)}
        self._actions = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=self.log, stderr=self.log)
        wait_until(self._actions, self.actions_port, "/health")

    def _start_rasa(self) -> None:
        self.port = free_port()
        command = self.rasa.command(
            "run",
            "--enable-api",
            "--model",
            str(self.rasa.model),
            "--port",
            str(self.port),
            "-i",
            "127.0.0.1",
        )
        self._server = subprocess.Popen(
            command, cwd=self.rasa.project, env=self.rasa.environ(), stdout=self.log, stderr=self.log
        )
        wait_until(self._server, self.port, "/status")


def place_of(district: str) -> list[dict[str, str]]:
    """Return the events that tell Rasa what Hallpass's engine knows of every conversation."""
    values = {"district": district, "language": "en", "channel": "rest"}
    return [{"event": "slot", "name": name, "value": value} for name, value in values.items()]


def free_port() -> int:
    """Return a loopback port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(process: subprocess.Popen[bytes], port: int, path: str) -> None:
    """Return once a server answers there."""
    until = time.perf_counter() + SECONDS_TO_START
    while time.perf_counter() < until:
        assert process.poll() is None, f"a server ended with {process.returncode}: see the log"
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request("GET", path)
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.05)
        finally:
            connection.close()
    message = f"nothing answered on port {port}"
    raise TimeoutError(message)


def end(process: subprocess.Popen[bytes] | None) -> None:
    """End a process that was started here, and everything that it started."""
    if process is None or process.poll() is not None:
        return
    process.terminate()
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
