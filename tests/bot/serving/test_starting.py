"""A start reads what it needs and nothing else, and leaves the process as tidy as it was."""

import gc
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bot.conversation.pack_files import FILE
from bot.serving.starting import undisturbed
from bot.settings import ROOT
from portal.core.errors import SettingsError
from tests.support.trained import lend

# Together a fifth of the memory of a process that answers. Each is loaded by whoever first needs it: a
# bot, PostgreSQL, a page on paper, a family's file, a calendar, a passkey, a chart, a first training.
SELDOM_NEEDED = (
    "telegram", "httpx", "psycopg", "typst", "lxml", "icalendar", "webauthn", "matplotlib", "sklearn",
    "scipy", "av", "faster_whisper",
)  # fmt: skip
STARTED = """
import json, sys
from pathlib import Path
from bot.bootstrap import start
from bot.settings import read_settings
application = start(read_settings({"HALLPASS_VAR": sys.argv[1]}))
application.web()
loaded = sorted({name.partition(".")[0] for name in sys.modules})
application.close()
print(json.dumps(loaded))
"""

MULTIPLIED = """
from bot.conversation.understanding import Understanding
from threadpoolctl import threadpool_info
print({found["num_threads"] for found in threadpool_info() if found["user_api"] == "blas"})
"""


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """Return a state folder in which everything is trained already."""
    lend(tmp_path)
    return tmp_path


def test_small_vectors_are_multiplied_by_one_thread() -> None:
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}

    ended = subprocess.run(
        [sys.executable, "-c", MULTIPLIED],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )

    assert ended.stdout == "{1}\n"


def test_start_loads_no_library_that_nobody_has_asked_for_yet(state: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HALLPASS_")}

    ended = subprocess.run(
        [sys.executable, "-c", STARTED, str(state)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )

    loaded = json.loads(ended.stdout.splitlines()[-1])
    assert {"bot", "portal", "web", "sqlalchemy"} <= set(loaded)
    assert set(SELDOM_NEEDED).intersection(loaded) == set()
    assert (state / FILE).is_file()


def test_garbage_is_looked_for_again_once_a_start_is_over() -> None:
    gc.unfreeze()
    with undisturbed():
        assert not gc.isenabled()

    frozen = gc.get_freeze_count()
    gc.unfreeze()

    assert gc.isenabled()
    assert frozen > 0


def test_garbage_is_looked_for_again_after_a_start_that_failed() -> None:
    with pytest.raises(SettingsError), undisturbed():
        _refuse()

    gc.unfreeze()
    assert gc.isenabled()


def _refuse() -> None:
    message = "No."
    raise SettingsError(message)
