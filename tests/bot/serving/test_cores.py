"""A worker that is pinned keeps to one core; what needs no interpreter keeps them all."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import psutil
import pytest

from bot.settings import ROOT
from portal.accounts.passwords import HashingPool
from portal.core.cores import allowed, can_choose, run_on, stay_on_one
from tests.support.installation import install
from tests.support.patience import PATIENCE
from tests.support.trained import lend
from voice.crew import Crew, Shift
from voice.speech import Why

Result = TypeVar("Result")
ALL = allowed()
pytestmark = pytest.mark.skipif(len(ALL) < 2, reason="There is one core to be on.")


def apart(work: Callable[[], Result]) -> Result:
    """Return what comes of the work in a thread of its own: this one stays where it is."""
    came: list[Result] = []
    thread = threading.Thread(target=lambda: came.append(work()))
    thread.start()
    thread.join(PATIENCE)
    return came[0]


@pytest.mark.parametrize("number", range(5))
def test_places_go_round_the_cores(number: int) -> None:
    def moved() -> frozenset[int]:
        stay_on_one(number)
        return apart(allowed)

    assert apart(moved) == {sorted(ALL)[number % len(ALL)]}
    assert allowed() == ALL


def test_hashing_keeps_every_core() -> None:
    pool = HashingPool(workers=1)

    def hashed() -> tuple[frozenset[int], frozenset[int]]:
        stay_on_one(0)
        return allowed(), pool.run(allowed)

    here, there = apart(hashed)
    pool.close()

    assert len(here) == 1
    assert there == ALL


async def test_hearing_and_speaking_keep_every_core() -> None:
    crew = Crew({}, Shift(workers=1, waiting=2, seconds=PATIENCE), "tests.support.voice_worker")
    stay_on_one(0)
    try:
        async with crew.working():
            answer = await crew.ask({"do": "answer"})
            assert not isinstance(answer, Why)
            there = psutil.Process(int(answer[0]["pid"])).cpu_affinity()
    finally:
        run_on(ALL)

    assert frozenset(there or ()) == ALL


@pytest.mark.parametrize("pinned", [[], ["--pinned"]])
def test_a_server_stays_on_one_core_if_it_is_told_to(
    tmp_path: Path, database_url: str, monkeypatch: pytest.MonkeyPatch, pinned: list[str]
) -> None:
    lend(install(tmp_path / "var", database_url, monkeypatch))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "bot", "serve", "--port", str(port), *pinned]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as served:
        until_it_serves(port)
        # The first thread, in which everybody is answered.
        cores = len(psutil.Process(served.pid).cpu_affinity() or ())
        served.send_signal(signal.SIGTERM)

    assert cores == (1 if pinned else len(ALL))


def until_it_serves(port: int) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=2)
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.05)
        else:
            return
    message = "The server under test did not start."
    raise RuntimeError(message)


def test_a_system_that_lets_nobody_choose_goes_on_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_setaffinity")

    stay_on_one(1)

    assert not can_choose()
    assert allowed() == frozenset()
