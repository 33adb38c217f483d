"""Hear the other processes on the same database, and see that only one of them does what only one may.

One connection of each process listens (LISTEN/NOTIFY) and holds its duties (advisory locks). When the process
dies the connection goes, and its duties are free in the same moment: nothing has to be cleaned up. Both need
a connection that stays the same, so a pooler between has to pool sessions and not transactions.
"""

import contextlib
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol
from uuid import uuid4

import structlog
from sqlalchemy import Engine, text
from sqlalchemy import exc as database_errors

from portal.core.calls import Calls, Names, Topic

if TYPE_CHECKING:
    import psycopg

CHANNEL = "hallpass"
# How long a duty lies idle after a kill, and how long a lost connection goes unnoticed.
LOOK_SECONDS = 1.0
# A payload of PostgreSQL holds 8,000 bytes.
MOST_NAMES = 150
Tell = Callable[[bool], None]


class Neighbours(Protocol):
    """Share what cannot be shared by rows."""

    @property
    def is_alone(self) -> bool:
        """Tell whether there is nobody to share with, so that every duty is its own from the start."""

    def open(self) -> None:
        """Begin to hear and to ask for duties."""

    def close(self) -> None:
        """Let every duty go."""

    def ask(self, duty: str, tell: Tell) -> None:
        """Ask for a duty: told True when this process has it, False when it is lost, from any thread."""

    def give_back(self, duty: str) -> None:
        """Let others have a duty."""


class Alone:
    """Be the only process: every duty is its own."""

    is_alone = True

    def open(self) -> None:
        """Do nothing: there is nobody to hear."""

    def close(self) -> None:
        """Do nothing."""

    def ask(self, duty: str, tell: Tell) -> None:
        """Give the duty at once."""
        tell(True)  # noqa: FBT003  (yes is all that there is to tell)

    def give_back(self, duty: str) -> None:
        """Do nothing."""


def neighbours_on(engine: Engine, calls: Calls) -> Neighbours:
    """Return whoever else may work on a database: on the embedded one nobody does."""
    return Connected(engine, calls) if engine.dialect.name == "postgresql" else Alone()


class Connected:
    """Hear and ask through one connection, in a thread that takes a new one whenever it is lost."""

    def __init__(self, engine: Engine, calls: Calls, *, look: float = LOOK_SECONDS) -> None:
        """Take the database and who hears; nothing is connected yet."""
        self._engine = engine
        self._calls = calls
        self._look = look
        self._me = uuid4().hex
        self._asked: dict[str, Tell] = {}
        self._held: dict[str, Tell] = {}
        self._lock = threading.Lock()
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None
        self._out: ThreadPoolExecutor | None = None
        self._unsaid: dict[Topic, set[str]] = {}
        # The driver's own errors come through the one connection that is held without SQLAlchemy; its module
        # is asked of the engine, for the embedded database has no use for it.
        self._away = (
            engine.dialect.loaded_dbapi.Error,
            database_errors.DBAPIError,
            database_errors.TimeoutError,
        )
        self._log = structlog.get_logger("portal.neighbours")

    @property
    def is_alone(self) -> bool:
        """Tell whether nobody is listened to: a command that ends soon, or a test."""
        return self._thread is None

    def open(self) -> None:
        """Begin to hear and to ask for duties."""
        self._stopped.clear()
        self._out = ThreadPoolExecutor(1, thread_name_prefix="calling")
        self._thread = threading.Thread(target=self._work, name="neighbours", daemon=True)
        self._thread.start()
        self._calls.pass_on(self._call_out)

    def close(self) -> None:
        """Let every duty go."""
        self._calls.pass_on(None)
        self._stopped.set()
        if self._out is not None:
            self._out.shutdown()
        if self._thread is not None:
            self._thread.join()
        self._thread = None

    def ask(self, duty: str, tell: Tell) -> None:
        """Ask for a duty; it is tried for with every look."""
        with self._lock:
            # Another one each time: whoever gives back and asks again between two looks is told again.
            self._asked[duty] = partial(tell)

    def give_back(self, duty: str) -> None:
        """Let others have a duty."""
        with self._lock:
            self._asked.pop(duty, None)

    def _work(self) -> None:
        while not self._stopped.is_set():
            try:
                with self._connected() as connection:
                    self._attend(connection)
            except self._away as error:
                self._log.warning("neighbours_not_heard", error=type(error).__name__)
            except Exception as error:  # noqa: BLE001  (a call that is not understood must not end all hearing for good)
                self._log.error("neighbours_failed", error=type(error).__name__)
            finally:
                self._lose_all()
            self._stopped.wait(self._look)

    @contextlib.contextmanager
    def _connected(self) -> Iterator["psycopg.Connection[Any]"]:
        borrowed = self._engine.raw_connection()
        connection: Any = borrowed.driver_connection
        # It never goes back to the others: it keeps what it listens to and what it holds.
        borrowed.detach()
        try:
            connection.autocommit = True
            yield connection
        finally:
            connection.close()

    def _attend(self, connection: "psycopg.Connection[Any]") -> None:
        connection.execute(f"listen {CHANNEL}")
        for topic in (Topic.CHATS, Topic.NEWS):
            # What was called while nobody heard is not said again: each looks for itself.
            self._calls.hear(topic)
        while not self._stopped.is_set():
            self._try_duties(connection)
            for note in connection.notifies(timeout=self._look, stop_after=1):
                self._heard(note.payload)

    def _try_duties(self, connection: "psycopg.Connection[Any]") -> None:
        with self._lock:
            asked = dict(self._asked)
        for duty in set(self._held).difference(asked):
            connection.execute("select pg_advisory_unlock(%s)", (_number(duty),))
            del self._held[duty]
        for duty, tell in asked.items():
            if self._held.get(duty) is not tell and (duty in self._held or _is_free(connection, duty)):
                self._held[duty] = tell
                self._log.info("duty_taken", duty=duty)
                tell(True)  # noqa: FBT003  (it has the duty)

    def _lose_all(self) -> None:
        lost = list(self._held.values())
        self._held.clear()
        for tell in lost:
            tell(False)  # noqa: FBT003  (it has the duty no more)

    def _heard(self, payload: str) -> None:
        told = json.loads(payload)
        if told["by"] != self._me:
            self._calls.hear(Topic(told["topic"]), frozenset(told["names"]))

    def _call_out(self, topic: Topic, names: Names) -> None:
        """Tell the others soon: what is called while one call is on its way goes with the next."""
        with self._lock:
            is_first = not self._unsaid
            self._unsaid.setdefault(topic, set()).update(names)
        if is_first and self._out is not None:
            with contextlib.suppress(RuntimeError):  # It is closing: the others look by themselves.
                self._out.submit(self._say)

    def _say(self) -> None:
        with self._lock:
            unsaid, self._unsaid = self._unsaid, {}
        told = [
            {"channel": CHANNEL, "payload": payload}
            for topic, names in unsaid.items()
            for payload in self._payloads(topic, names)
        ]
        try:
            with self._engine.begin() as connection:
                connection.execute(text("select pg_notify(:channel, :payload)"), told)
        except self._away as error:
            self._log.warning("neighbours_not_told", error=type(error).__name__)

    def _payloads(self, topic: Topic, names: set[str]) -> Iterator[str]:
        every = sorted(names)
        for begin in range(0, max(len(every), 1), MOST_NAMES):
            told = {"by": self._me, "topic": topic.value, "names": every[begin : begin + MOST_NAMES]}
            yield json.dumps(told)


def _is_free(connection: "psycopg.Connection[Any]", duty: str) -> bool:
    row = connection.execute("select pg_try_advisory_lock(%s)", (_number(duty),)).fetchone()
    return row is not None and bool(row[0])


def _number(duty: str) -> int:
    return int.from_bytes(hashlib.sha256(f"hallpass duty {duty}".encode()).digest()[:8], signed=True)
