"""Processes on one database hear one another, and one of them at a time has a duty."""

import threading
import time
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine, text

from portal.core.calls import Calls, Names, Topic
from portal.core.database import open_engine
from portal.core.neighbours import Alone, Connected, neighbours_on
from tests.support.patience import PATIENCE

pytestmark = pytest.mark.postgresql
Start = Callable[[], tuple[Calls, Connected]]


@pytest.fixture
def start(database_url: str) -> Iterator[Start]:
    """Return what starts a process, as far as its neighbours can tell."""
    begun: list[tuple[Engine, Connected]] = []

    def one() -> tuple[Calls, Connected]:
        calls, engine = Calls(), open_engine(database_url)
        made = Connected(engine, calls, look=0.05)
        begun.append((engine, made))
        return calls, made

    yield one
    for engine, made in begun:
        made.close()
        engine.dispose()


class Heard:
    """Note what is called."""

    def __init__(self, calls: Calls, topic: Topic) -> None:
        self.names: list[Names] = []
        self._came = threading.Condition()
        calls.listen(topic, self)

    def __call__(self, names: Names) -> None:
        with self._came:
            self.names.append(names)
            self._came.notify_all()

    def until(self, is_so: Callable[[], bool]) -> None:
        with self._came:
            assert self._came.wait_for(is_so, PATIENCE)


class Told:
    """Note whether a duty is one's own."""

    def __init__(self) -> None:
        self.said: list[bool] = []

    def __call__(self, is_ours: bool, /) -> None:  # noqa: FBT001  (as it is told)
        self.said.append(is_ours)


def until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def listening(start: Start, topic: Topic = Topic.NEWS) -> tuple[Calls, Connected, Heard]:
    calls, made = start()
    heard = Heard(calls, topic)
    made.open()
    # The first look says that something may have been missed.
    heard.until(lambda: heard.names == [frozenset()])
    return calls, made, heard


def test_news_are_heard_by_the_others_and_once_here(start: Start) -> None:
    calls, _, here = listening(start)
    _, _, there = listening(start)

    calls.call(Topic.NEWS, frozenset({"a", "b"}))

    there.until(lambda: frozenset({"a", "b"}) in there.names)
    assert here.names == [frozenset(), frozenset({"a", "b"})]


def test_more_names_than_one_message_holds_all_arrive(start: Start) -> None:
    calls, _, _ = listening(start)
    _, _, there = listening(start)
    names = frozenset(f"{number:032}" for number in range(1000))

    calls.call(Topic.NEWS, names)

    there.until(lambda: frozenset().union(*there.names) == names)


def test_chats_are_called_out_only_where_nobody_here_writes_to_them(start: Start) -> None:
    writing, _, here = listening(start, Topic.CHATS)
    other, made = start()
    made.open()

    other.call(Topic.CHATS)
    here.until(lambda: len(here.names) == 2)
    other.listen(Topic.CHATS, lambda _: None)
    other.call(Topic.CHATS)
    other.call(Topic.MAIL)
    other.call(Topic.NEWS, frozenset({"the last"}))
    last = Heard(writing, Topic.NEWS)
    last.until(lambda: frozenset({"the last"}) in last.names)

    assert len(here.names) == 2


def test_one_process_has_a_duty_and_another_takes_it_when_the_first_is_gone(start: Start) -> None:
    (_, first), (_, second) = start(), start()
    told_first, told_second = Told(), Told()
    first.open()
    first.ask("telegram:1", told_first)
    until(lambda: told_first.said == [True])
    second.open()
    second.ask("telegram:1", told_second)
    other = Told()
    second.ask("another", other)
    until(lambda: other.said == [True])

    assert told_second.said == []
    first.close()

    until(lambda: told_second.said == [True])
    assert told_first.said == [True, False]


def test_duty_that_is_given_back_goes_to_another_and_may_be_asked_for_again(start: Start) -> None:
    (_, first), (_, second) = start(), start()
    told_first, told_second, again = Told(), Told(), Told()
    first.open()
    first.ask("upkeep", told_first)
    until(lambda: told_first.said == [True])
    second.open()
    second.ask("upkeep", told_second)

    first.give_back("upkeep")
    until(lambda: told_second.said == [True])
    first.ask("upkeep", again)
    second.give_back("upkeep")

    until(lambda: again.said == [True])


def test_duty_given_back_and_asked_for_again_between_two_looks_is_told_again(start: Start) -> None:
    _, made = start()
    told = Told()
    made.open()
    made.ask("upkeep", told)
    until(lambda: told.said == [True])

    made.give_back("upkeep")
    made.ask("upkeep", told)

    until(lambda: told.said == [True, True])


def test_lost_connection_loses_the_duty_and_a_new_one_takes_it_again(start: Start, engine: Engine) -> None:
    calls, made, heard = listening(start)
    told = Told()
    made.ask("upkeep", told)
    until(lambda: told.said == [True])

    with engine.begin() as connection:
        connection.execute(
            text("select pg_terminate_backend(pid) from pg_stat_activity where query ilike :mine"),
            {"mine": "%pg_try_advisory_lock%"},
        )
        connection.execute(
            text("select pg_terminate_backend(l.pid) from pg_locks l where l.locktype = 'advisory'")
        )

    until(lambda: told.said == [True, False, True])
    heard.until(lambda: heard.names.count(frozenset()) >= 2)
    calls.call(Topic.NEWS, frozenset({"x"}))
    assert heard.names[-1] == frozenset({"x"})


def test_database_that_is_away_when_it_is_called_out_is_no_failure(start: Start, engine: Engine) -> None:
    calls, made, _ = listening(start)
    made._engine = open_engine("postgresql://postgres@127.0.0.1:1/nowhere")

    calls.call(Topic.NEWS, frozenset({"x"}))

    until(lambda: made._unsaid == {})


def test_whoever_opened_nothing_is_alone_and_has_every_duty(engine: Engine) -> None:
    made = neighbours_on(engine, Calls())

    assert made.is_alone
    told = Told()
    Alone().ask("upkeep", told)
    assert told.said == [True]
