"""Take the examples out of docs/adding.md, put them into a copy of the project, and use them."""

import importlib.util
import shutil
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import httpx
import pytest
from markdown_it import MarkdownIt
from starlette.applications import Starlette

from actions import all_actions
from bot.channels.doors import DoorSettings
from bot.conversation.check import check_project
from bot.conversation.check_language import language_gaps
from bot.conversation.project import Project, load_project
from bot.conversation.understanding import Understanding
from portal.sis.report import ImportFailedError
from portal.transaction import Portal
from tests.flows.conftest import WESTBOROUGH
from tests.support.conversation import ROOT, Chat, make_assistant
from tests.support.doors import KEY, KEYED, KnownDistricts, pages_of
from tests.support.portals import make_district
from tests.support.scripted_assistant import ScriptedAssistant

pytestmark = pytest.mark.words
Load = Callable[[str], ModuleType]
GUIDE = ROOT / "docs" / "adding.md"


def examples() -> dict[str, str]:
    """Return the files of the guide, by their path."""
    blocks = MarkdownIt().parse(GUIDE.read_text(encoding="utf-8"))
    named = (block for block in blocks if block.type == "fence" and " " in block.info)
    return {block.info.split()[1]: block.content for block in named}


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Copy what a newcomer changes, with the files of the guide in it."""
    for folder in ("intents", "data/en"):
        shutil.copytree(ROOT / folder, tmp_path / folder)
    for path, content in examples().items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(content, encoding="utf-8")
    return tmp_path


@pytest.fixture
def module(copy: Path) -> Iterator[Load]:
    """Import a file of the guide as the module that it would be."""
    imported: list[str] = []

    def load(path: str) -> ModuleType:
        name = f"adding.{Path(path).stem}"
        spec = importlib.util.spec_from_file_location(name, copy / path)
        assert spec is not None
        assert spec.loader is not None
        sys.modules[name] = loaded = importlib.util.module_from_spec(spec)
        imported.append(name)
        spec.loader.exec_module(loaded)
        return loaded

    yield load
    for name in imported:
        del sys.modules[name]


def project_of(copy: Path) -> Project:
    return load_project(copy / "intents", copy / "data", ROOT / "config.yml")


async def test_the_flow_of_the_guide_passes_the_check_and_the_test_of_the_guide(
    copy: Path, module: Load, portal: Portal
) -> None:
    shutil.rmtree(copy / "data" / "la")
    make_district(portal, **WESTBOROUGH)
    added = module("actions/time_zone.py").TellTimeZone(portal, ThreadPoolExecutor(1))
    actions = [*all_actions(portal), added]
    project = project_of(copy)
    understanding = Understanding.load(copy / "data", copy / "models")
    assistant = make_assistant(portal, actions, understanding, project)
    proof = module("tests/flows/test_time_zone.py")

    problems = check_project(project, [each.name() for each in actions], [ROOT / "actions", copy / "actions"])
    await proof.test_the_time_zone_is_that_of_the_district(Chat(assistant))
    assistant.close()

    assert problems == []


def test_the_check_of_a_language_names_what_a_new_pack_lacks(copy: Path) -> None:
    gaps = [str(gap) for gap in language_gaps(project_of(copy), "la")]

    assert any("utter_time_zone is missing in data/la: All times here" in gap for gap in gaps)
    assert [gap for gap in gaps if "utter_say_thanks" in gap] == []


async def test_the_channel_of_the_guide_answers_a_repeat_alike_and_strangers_not_at_all(module: Load) -> None:
    settings = DoorSettings(districts=KnownDistricts(), pages=pages_of(), api_key=KEY)
    assistant = ScriptedAssistant()
    app = Starlette(routes=module("bot/channels/sms.py").routes(assistant, settings))
    message = {"from": "+1 508 555 0100", "text": "grades", "id": "m1"}

    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as gateway:
        first = await gateway.post("/sms", json=message, headers=KEYED)
        again = await gateway.post("/sms", json=message, headers=KEYED)
        refused = await gateway.post("/sms", json=message)

    assert first.json() == again.json() == {"texts": ["Maya's grades:\nAlgebra 1: A-\nBiology: B+"]}
    assert refused.status_code == 401
    assert len(assistant.taken) == 1


def test_the_source_of_the_guide_is_imported_whole_or_not_at_all(
    module: Load, portal: Portal, tmp_path: Path
) -> None:
    make_district(portal, "westborough")
    listed = module("portal/sis/sources/class_list.py")
    path = tmp_path / "class.csv"
    head = ",".join(listed.COLUMNS)
    path.write_text(f"{head}\n1,Maya,Lopez,5,Ana,Lopez,ana@mail.example\n2,Leo,Lopez,2,Ana,Lopez,\n")

    with portal.begin() as tx:
        done = tx.imports.run("westborough", listed.ClassList(path, "Elm School"))
    path.write_text("number,given\n1,Maya\n")
    with (
        portal.begin() as tx,
        pytest.raises(ImportFailedError, match=r"class\.csv, row 1: the columns must be"),
    ):
        tx.imports.run("westborough", listed.ClassList(path, "Elm School"))

    assert {kind.value: count.added for kind, count in done.counts.items() if count.added} == {
        "schools": 1,
        "students": 2,
        "contacts": 2,
        "relationships": 2,
    }
