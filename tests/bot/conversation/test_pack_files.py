"""What the packs say is kept for the next start, and never believed where it is not what they say now."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from bot.conversation import pack_files
from bot.conversation.pack_files import FILE, PackFiles
from bot.conversation.project import load_project
from bot.conversation.yaml_files import ProjectFileError, read_yaml
from bot.settings import ROOT
from tests.support.conversation import hallpass_project

PACK = """
language: {name: English, direction: ltr}
nlu:
- intent: greet
  examples: "- hi"
responses:
  utter_greet:
  - text: "¡Hola! Здравствуйте 👋"
    buttons:
    - {title: Grades, payload: /grades}
  - text: Hello again.
"""
GREETING = "¡Hola! Здравствуйте 👋"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    path = tmp_path / "en" / "greeting.yml"
    path.parent.mkdir()
    path.write_text(PACK, encoding="utf-8")
    return path


@pytest.fixture
def state(tmp_path: Path) -> Path:
    folder = tmp_path / "var"
    folder.mkdir()
    return folder


def greeting(path: Path, state: Path) -> str:
    """Read one greeting as a start does, and put the packs away as a start does."""
    packs = PackFiles(state)
    text: str = packs.read(path)["responses"]["utter_greet"][0]["text"]
    packs.put_away()
    return text


@pytest.fixture
def nothing_is_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fail where a pack is parsed; a test asks for it after its first start."""

    def parse(_: bytes, path: Path) -> None:
        pytest.fail(f"{path} was parsed")

    monkeypatch.setattr(pack_files, "parse_yaml", parse)


def test_second_start_says_the_same_without_parsing_anything(
    pack: Path, state: Path, request: pytest.FixtureRequest
) -> None:
    first = PackFiles(state)
    said = first.read(pack)
    first.put_away()

    request.getfixturevalue("nothing_is_parsed")
    again = PackFiles(state).read(pack)

    assert again == said
    assert again["responses"] == read_yaml(pack)["responses"]
    assert again["language"] == {"name": "English", "direction": "ltr"}


def test_examples_stay_out_of_the_process_that_answers(pack: Path, state: Path) -> None:
    greeting(pack, state)

    assert "nlu" not in PackFiles(state).read(pack)
    assert b"examples" not in (state / FILE).read_bytes()


def test_second_start_with_all_packs_of_the_product_is_the_project_that_was_written(state: Path) -> None:
    written = hallpass_project()
    first = PackFiles(state)
    load_project(ROOT / "intents", ROOT / "data", ROOT / "config.yml", first.read)
    first.put_away()

    kept = load_project(ROOT / "intents", ROOT / "data", ROOT / "config.yml", PackFiles(state).read)

    assert kept.about == written.about
    assert kept.rules == written.rules
    assert {
        (language, name): response.variations
        for language, pack in kept.responses.items()
        for name, response in pack.items()
    } == {
        (language, name): response.variations
        for language, pack in written.responses.items()
        for name, response in pack.items()
    }


def test_edited_pack_is_said_as_it_is_now_whatever_its_time(pack: Path, state: Path) -> None:
    greeting(pack, state)
    before = pack.stat()

    pack.write_text(PACK.replace("¡Hola!", "¡Adiós"), encoding="utf-8")
    os.utime(pack, ns=(before.st_atime_ns, before.st_mtime_ns))

    assert greeting(pack, state) == GREETING.replace("¡Hola!", "¡Adiós")
    assert greeting(pack, state) == GREETING.replace("¡Hola!", "¡Adiós")


def test_pack_that_was_broken_since_stops_the_start(pack: Path, state: Path) -> None:
    greeting(pack, state)

    pack.write_text("responses: [", encoding="utf-8")

    with pytest.raises(ProjectFileError, match=r"greeting\.yml:2"):
        PackFiles(state).read(pack)


def cut(whole: bytes) -> bytes:
    return whole[: len(whole) // 2]


def changed_in_one_letter(whole: bytes) -> bytes:
    assert b"again" in whole
    return whole.replace(b"again", b"agaim")


def of_another_version(whole: bytes) -> bytes:
    return b"0" * 64 + whole[64:]


def empty(_: bytes) -> bytes:
    return b""


def something_else(_: bytes) -> bytes:
    return b"\x80\x04\x95 not ours\n\xff"


@pytest.mark.parametrize(
    "harm",
    [cut, changed_in_one_letter, of_another_version, empty, something_else],
    ids=lambda harm: harm.__name__,
)
def test_stored_file_that_is_not_whole_counts_for_nothing_and_is_made_anew(
    pack: Path, state: Path, harm: Callable[[bytes], bytes], request: pytest.FixtureRequest
) -> None:
    greeting(pack, state)
    whole = (state / FILE).read_bytes()
    (state / FILE).write_bytes(harm(whole))

    said = PackFiles(state)
    harmed = said.read(pack)["responses"]
    said.put_away()

    assert harmed == read_yaml(pack)["responses"]
    assert (state / FILE).read_bytes() == whole
    request.getfixturevalue("nothing_is_parsed")
    assert greeting(pack, state) == GREETING


def test_state_that_cannot_be_written_costs_only_time(pack: Path, tmp_path: Path) -> None:
    nowhere = tmp_path / "missing"

    assert [greeting(pack, nowhere), greeting(pack, nowhere)] == [GREETING, GREETING]
    assert not nowhere.exists()


def test_two_starts_at_once_leave_one_whole_file_and_nothing_else(
    pack: Path, state: Path, request: pytest.FixtureRequest
) -> None:
    one, other = PackFiles(state), PackFiles(state)
    one.read(pack)
    other.read(pack)

    one.put_away()
    other.put_away()

    assert [path.name for path in state.iterdir()] == [FILE]
    request.getfixturevalue("nothing_is_parsed")
    assert greeting(pack, state) == GREETING


def test_stored_file_is_its_owners_alone(pack: Path, state: Path) -> None:
    greeting(pack, state)

    assert stat.S_IMODE((state / FILE).stat().st_mode) == 0o600


def test_what_the_stored_form_cannot_hold_is_read_from_the_pack_each_time(pack: Path, state: Path) -> None:
    pack.write_text("responses: {1: [{text: One}], later: [{text: At last, since: 2026-11-22}]}\n")
    first = PackFiles(state)
    said = first.read(pack)
    first.put_away()

    assert PackFiles(state).read(pack) == said == read_yaml(pack)


def test_start_that_found_everything_writes_nothing(pack: Path, state: Path) -> None:
    greeting(pack, state)
    before = (state / FILE).stat().st_ino

    greeting(pack, state)

    assert (state / FILE).stat().st_ino == before


def test_packs_are_read_again_after_they_were_put_away(pack: Path, state: Path) -> None:
    packs = PackFiles(state)
    packs.read(pack)
    packs.put_away()

    pack.write_text(PACK.replace("¡Hola!", "¡Adiós"), encoding="utf-8")

    assert packs.read(pack)["responses"]["utter_greet"][0]["text"].startswith("¡Adiós")
