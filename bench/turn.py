"""Measure what a parent waits for: a turn, a sign-in, a second start, and the memory it takes.

Run `python -m bench.turn [--turns N]`. Limits: a turn without hashing p50 <= 15 ms and p95 <= 40 ms in
process on SQLite with synchronous=FULL; a sign-in p50 <= one bare Argon2id verification + 10 ms; a second
start <= 3 s; at most 300 MB resident. The figures go to docs/benchmarks.md.
"""

import argparse
import asyncio
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.report import Cell, Goal, Measured, Row, Table, keep
from bot.bootstrap import Application, start
from bot.messages import Bearer, IncomingMessage
from bot.settings import read_settings
from portal.accounts.outcomes import SignIn
from portal.accounts.passwords import Argon2Hasher
from portal.core.secret import Secret

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = ("actions", "bot", "portal", "voice", "web")
QUESTIONS = (
    "hi",
    "what are the grades",
    "how many days absent this term",
    "what is the district code",
    "was there any tardy last week",
    "when did I last sign in",
    "what grade in math",
    "asdf qwer zxcv",
    "thank you",
)


@dataclass(frozen=True, slots=True)
class Figure:
    """Hold one measured series in its unit, with the limit on its median, if there is one."""

    name: str
    values: list[float]
    unit: str = "ms"
    limit: float | None = None

    def percentile(self, share: float) -> float:
        """Return the value below which this share of the series lies."""
        ordered = sorted(self.values)
        return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]

    def row(self) -> dict[str, Cell]:
        """Return the figure as it is printed and written."""
        shown = {f"p{round(s * 100)}": round(self.percentile(s), 2) for s in (0.5, 0.95, 0.99)}
        ratio = round(self.percentile(0.5) / self.limit, 2) if self.limit else None
        return {
            "what": self.name,
            "n": len(self.values),
            **shown,
            "unit": self.unit,
            "limit": self.limit,
            "ratio": ratio,
        }


def milliseconds(work: Callable[[], object], times: int) -> list[float]:
    """Time a call, in milliseconds, after one that does not count."""
    work()
    series = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        series.append((time.perf_counter() - begun) * 1000)
    return series


async def turns(application: Application, count: int) -> list[float]:
    """Sign a demo parent in and time turns of all kinds, one at a time, in milliseconds."""
    sender = uuid.uuid4().hex
    parent = a_parent(application)

    async def say(text: str) -> float:
        message = IncomingMessage(
            "rest", sender, text, message_id=uuid.uuid4().hex, district=parent["district"]
        )
        begun = time.perf_counter()
        replies = await application.assistant.take_turn(message)
        took = (time.perf_counter() - begun) * 1000
        for reply in replies:
            if reply.secret:
                await application.assistant.submit_secret(
                    reply.secret.ticket,
                    {"password": parent["password"]},
                    bearer=Bearer("rest", sender, sender),
                )
        return took

    for text in ("sign in", parent["username"], *QUESTIONS):
        await say(text)
    return [await say(QUESTIONS[number % len(QUESTIONS)]) for number in range(count)]


def a_parent(application: Application) -> dict[str, str]:
    """Return a demo parent who signs in."""
    demo = json.loads((application.settings.var / "demo.json").read_text())
    return next(parent for parent in demo["parents"] if parent["situation"] == "ok")


def sign_ins(application: Application, times: int) -> list[float]:
    """Time `Portal.sign_in` with a right password, in milliseconds."""
    parent = a_parent(application)

    def sign_in() -> None:
        key = uuid.uuid4().hex
        request = SignIn(
            parent["district"], parent["username"], Secret(parent["password"]), key, key, "rest", key
        )
        application.portal.sign_in(request)

    return milliseconds(sign_in, times)


def bare_verifications(times: int) -> list[float]:
    """Time one Argon2id verification with the portal's parameters and nothing around it."""
    hasher = Argon2Hasher()
    secret = Secret("correct horse battery staple")
    stored = hasher.hash(secret)
    return milliseconds(lambda: hasher.verify(stored, secret), times)


def starts(folder: Path, times: int) -> tuple[list[float], float]:
    """Start the server again and again; return the seconds to ready, and its megabytes after a request."""
    seconds, memory = [], 0.0
    # As ./run does once, when it installs.
    subprocess.run([sys.executable, "-m", "compileall", "-q", *PROGRAM], cwd=ROOT, check=True)
    for _ in range(times):
        port = free_port()
        command = [sys.executable, "-m", "bot", "serve", "--demo", "--port", str(port)]
        environment = {**os.environ, "HALLPASS_VAR": str(folder)}
        begun = time.perf_counter()
        with subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        ) as process:
            wait_until_ready(port)
            seconds.append(time.perf_counter() - begun)
            ask(port, "hello")
            memory = psutil.Process(process.pid).memory_info().rss / 1e6
            process.terminate()
    return seconds, memory


def free_port() -> int:
    """Return a loopback port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_ready(port: int) -> None:
    """Return once the server says that it is ready."""
    while True:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2)
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.02)
        else:
            return


def ask(port: int, text: str) -> None:
    """Send one message over REST."""
    body = json.dumps({"sender": uuid.uuid4().hex, "message": text}).encode()
    headers = {"Authorization": "Bearer demo", "Content-Type": "application/json"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}/webhooks/rest/webhook", body, headers)
    urllib.request.urlopen(request, timeout=10).read()


def measure(count: int) -> list[Figure]:
    """Measure everything on a fresh demo in a temporary state folder."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        application = start(read_settings({"HALLPASS_VAR": name}, demo=True))
        took = asyncio.run(turns(application, count))
        bare = bare_verifications(30)
        signed_in = sign_ins(application, 30)
        application.close()
        seconds, memory = starts(folder, 5)
    return [
        Figure("turn, no hashing", took, limit=15),
        Figure("turn, no hashing, slowest 5 %", [Figure("", took).percentile(0.95)], limit=40),
        Figure("bare Argon2id verification", bare),
        Figure("portal.sign_in", signed_in, limit=round(statistics.median(bare) + 10, 2)),
        Figure("second start to ready", seconds, unit="s", limit=3),
        Figure("resident memory", [memory], unit="MB", limit=300),
    ]


def told(rows: Sequence[Row]) -> Measured:
    """Return the rows as they are kept."""
    goals = [
        Goal(str(row["what"]), float(row["p50"] or 0), str(row["unit"]), at_most=float(row["limit"]))
        for row in rows
        if row["limit"]
    ]
    note = "Turns go through the whole assistant in process, on SQLite with synchronous=FULL."
    return Measured("What a parent waits for", "python -m bench.turn", [Table("", rows)], goals, note)


def main() -> None:
    """Print the table and write the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=450)
    rows = [figure.row() for figure in measure(parser.parse_args().turns)]
    print(f"{'':32}{'n':>5}{'p50':>9}{'p95':>9}{'p99':>9}  unit{'limit':>9}{'p50/limit':>11}")
    for row in rows:
        figures = "".join(f"{row[key]:>9}" for key in ("p50", "p95", "p99"))
        limit, ratio = (row[key] if row[key] is not None else "-" for key in ("limit", "ratio"))
        print(f"{row['what']:32}{row['n']:>5}{figures}  {row['unit']:4}{limit:>9}{ratio:>11}")
    keep("turn", told(rows))


if __name__ == "__main__":
    main()
