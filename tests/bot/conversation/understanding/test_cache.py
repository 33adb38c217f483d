"""Train when the training data changes, and only then; survive whatever lies in the cache."""

import shutil
import subprocess
import sys
import time
import zipfile
from datetime import date
from pathlib import Path

import psutil
import pytest

from bot.conversation.understanding import FALLBACK, Understanding
from bot.conversation.understanding.__main__ import main
from bot.conversation.understanding.language_pack import train_pack
from bot.conversation.understanding.training_files import read
from bot.conversation.understanding.weights_file import read as read_weights
from tests.support.patience import PATIENCE
from tests.support.trained import CACHE, ROOT, trained

TODAY = date(2026, 10, 15)
SMALL = """version: "3.1"
nlu:
- intent: greet
  examples: |
    - hello [Maya](student)
    - hi there
- intent: ask_grades
  examples: |
    - show me grades
    - the math grade
- intent: nlu_fallback
  examples: |
    - is it raining
    - order a pizza
responses:
  utter_greet:
  - text: hi
"""


@pytest.fixture(scope="session")
def loaded_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Train a small pack and store its weights; starting what trains takes seconds."""
    place = tmp_path_factory.mktemp("loaded")
    folder = place / "data" / "en"
    folder.mkdir(parents=True)
    (folder / "small.yml").write_text(SMALL)
    (place / "data" / "demo").mkdir()
    (place / "data" / "notes.txt").write_text("not a language")
    Understanding.load(place / "data", place / "cache")
    return place


@pytest.fixture
def data(loaded_once: Path, tmp_path: Path) -> Path:
    """Lay the pack into a folder without a cache."""
    return Path(shutil.copytree(loaded_once / "data", tmp_path / "data"))


@pytest.fixture
def loaded(loaded_once: Path, data: Path) -> Path:
    """Lay the cache beside it that a first start leaves."""
    return Path(shutil.copytree(loaded_once / "cache", data.parent / "cache"))


def test_second_load_reads_what_the_first_stored(data: Path, loaded: Path) -> None:
    first = Understanding.load(data, loaded)
    (stored,) = loaded.iterdir()
    written = stored.stat().st_mtime_ns

    second = Understanding.load(data, loaded)

    assert stored.stat().st_mtime_ns == written
    assert list(second.packs) == ["en"]
    assert second.parse("hi there", today=TODAY) == first.parse("hi there", today=TODAY)
    assert second.parse("hi there", today=TODAY).intent == "greet"


def test_changed_examples_are_trained_and_the_old_weights_leave(data: Path, loaded: Path) -> None:
    (data / "en" / "small.yml").write_text(SMALL.replace("hi there", "good morning"))

    changed = Understanding.load(data, loaded)

    assert changed.parse("good morning", today=TODAY).intent == "greet"
    assert len(list(loaded.iterdir())) == 1


def test_changed_responses_do_not_train_again(data: Path, loaded: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in loaded.iterdir()}
    (data / "en" / "small.yml").write_text(SMALL.replace("text: hi", "text: good day"))

    Understanding.load(data, loaded)

    assert {path: path.stat().st_mtime_ns for path in loaded.iterdir()} == before


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04", b"not a file of weights"])
def test_damaged_weights_are_trained_again(data: Path, loaded: Path, damage: bytes) -> None:
    (stored,) = loaded.iterdir()
    stored.write_bytes(damage)

    mended = Understanding.load(data, loaded)

    assert mended.parse("hi there", today=TODAY).intent == "greet"
    assert stored.stat().st_size > len(damage)


def test_weights_cut_short_are_trained_again(data: Path, loaded: Path) -> None:
    (stored,) = loaded.iterdir()
    whole = stored.read_bytes()
    stored.write_bytes(whole[: len(whole) // 2])

    Understanding.load(data, loaded)

    assert len(stored.read_bytes()) == len(whole)


def test_weights_changed_in_one_byte_are_trained_again_at_the_start(data: Path, loaded: Path) -> None:
    (stored,) = loaded.iterdir()
    whole = stored.read_bytes()
    with zipfile.ZipFile(stored) as parts:
        weights = parts.getinfo("weights.npy")
    # The last of its numbers stands right before the part that comes next.
    at = parts.getinfo("bias.npy").header_offset - 1
    assert weights.header_offset < at
    stored.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])

    Understanding.load(data, loaded)

    with zipfile.ZipFile(stored) as parts:
        assert parts.testzip() is None


def test_cache_that_cannot_be_written_only_costs_time(data: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("a file where a folder should be")

    loaded = Understanding.load(data, tmp_path / "cache")

    assert loaded.parse("hi there", today=TODAY).intent == "greet"


def test_without_training_data_everything_falls_back(tmp_path: Path) -> None:
    loaded = Understanding.load(tmp_path, tmp_path / "cache")

    assert loaded.parse("hi there", today=TODAY).intent == FALLBACK


def test_annotated_words_are_examples_without_their_marks(data: Path) -> None:
    found = read(data / "en")

    assert ("greet", "hello Maya") in found.examples
    assert found.annotated == {"Maya"}


def test_file_that_is_not_training_data_is_refused_by_name(data: Path) -> None:
    (data / "en" / "other.yml").write_text("nlu:\n- story: a story\n")

    with pytest.raises(ValueError, match="story"):
        read(data / "en")


def test_loading_and_parsing_need_no_heavy_library() -> None:
    trained()
    program = (
        "import sys, datetime, pathlib\n"
        "from bot.conversation.understanding import Understanding\n"
        f"loaded = Understanding.load(pathlib.Path({str(ROOT / 'data')!r}), pathlib.Path({str(CACHE)!r}))\n"
        "parse = loaded.parse('mayas math grade', today=datetime.date(2026, 10, 15))\n"
        "heavy = {'sklearn', 'scipy', 'pandas', 'dateparser'} & set(sys.modules)\n"
        "print(parse.intent, sorted(heavy))\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )

    assert done.stdout.split("\n")[0] == "ask_grades []"


def test_training_apart_leaves_nothing_of_it_in_the_process(data: Path, tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from bot.conversation.understanding import Understanding\n"
        "Understanding.load(Path(sys.argv[1]), Path(sys.argv[2]))\n"
        "assert not [name for name in sys.modules if name.startswith('sklearn')]\n"
    )
    (tmp_path / "script.py").write_text(script)

    ended = subprocess.run(
        [sys.executable, str(tmp_path / "script.py"), str(data), str(tmp_path / "cache")],
        env={"PYTHONPATH": str(ROOT)},
        check=False,
        capture_output=True,
        text=True,
    )

    assert (ended.returncode, ended.stderr) == (0, "")
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_training_ends_with_the_process_that_waits_for_it(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "data" / "en", tmp_path / "data" / "en")
    load = "Understanding.load(Path('data'), Path('cache'))"
    program = f"from pathlib import Path; from bot.conversation.understanding import Understanding; {load}"
    environment = {"PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    waiting = psutil.Popen([sys.executable, "-c", program], cwd=tmp_path, env=environment)
    while not (trainings := waiting.children()):
        assert waiting.poll() is None
        time.sleep(0.01)

    waiting.kill()
    waiting.wait()

    assert len(trainings) == 1
    assert psutil.wait_procs(trainings, timeout=PATIENCE)[1] == []
    assert list(tmp_path.rglob("*.npz")) == []


def test_weights_are_trained_and_stored_from_the_command_line(data: Path, tmp_path: Path) -> None:
    main(str(data / "en"), str(tmp_path / "weights.npz"))

    model, _ = read_weights(tmp_path / "weights.npz")
    assert model.scores(["hello"]).tolist() == train_pack(data / "en")[0].scores(["hello"]).tolist()


def test_trained_pack_is_the_one_that_is_loaded(data: Path, tmp_path: Path) -> None:
    model, _ = train_pack(data / "en")

    loaded = Understanding.load(data, tmp_path / "cache").packs["en"].model

    assert loaded.scores(["hello"]).tolist() == model.scores(["hello"]).tolist()
