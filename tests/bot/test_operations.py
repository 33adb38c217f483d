"""What the page for operators says is what the program does."""

import configparser
import re
import shlex
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from prometheus_client import CollectorRegistry

from bot.commands import hallpass
from bot.settings import LOG_FORMATS, LOG_LEVELS, ROOT, read_settings
from bot.watching.figures import Figures
from bot.watching.health import Trouble
from bot.watching.standing import Standing
from bot.watching.watch import Watching
from portal.transaction import Portal

DEPLOY = ROOT / "docs" / "deploy"
PAGE = (ROOT / "docs" / "operations.md").read_text()
UNITS = sorted(path for path in DEPLOY.iterdir() if path.suffix == ".service")
SERIES = re.compile(r"hallpass_[a-z_]+")


def first_cells(heading: str) -> set[str]:
    """Return what stands in code in the first column of a section's tables."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]
    return {name for row in rows for name in re.findall(r"`([^`]+)`", row)}


class Recording(dict[str, str]):
    """Remember which settings are asked for."""

    def __init__(self, **given: str) -> None:
        super().__init__(**given)
        self.asked: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.asked.add(key)
        return super().get(key, default)


def test_every_setting_has_its_row(tmp_path: Path) -> None:
    environment = Recording(HALLPASS_VAR=str(tmp_path))

    read_settings(environment)

    assert first_cells("Settings") == environment.asked


def test_levels_and_formats_of_the_log_are_those_named() -> None:
    row = next(line for line in PAGE.splitlines() if line.startswith("| `HALLPASS_LOG_LEVEL`"))
    formats = next(line for line in PAGE.splitlines() if line.startswith("| `HALLPASS_LOG_FORMAT`"))

    assert all(f"`{level}`" in row for level in LOG_LEVELS)
    assert all(f"`{form}`" in formats for form in LOG_FORMATS)


def test_every_reason_of_health_has_its_row() -> None:
    assert first_cells("Health") == {trouble.value for trouble in Trouble}


@pytest.fixture
def shown(portal: Portal, tmp_path: Path) -> set[str]:
    """Return the names of all series, those of histograms with their endings."""
    figures = Figures(CollectorRegistry())
    watching = Watching(figures, portal, backups=tmp_path)
    families = [*figures.registry.collect(), *watching._asked.collect()]
    names = {f"{each.name}_total" if each.type == "counter" else each.name for each in families}
    return names | {f"{each.name}_{end}" for each in families for end in ("bucket", "count", "sum")}


def test_series_of_the_page_and_of_the_alerts_exist(shown: set[str]) -> None:
    alerts = (DEPLOY / "alerts.yml").read_text()

    assert first_cells("Figures") <= shown
    assert set(SERIES.findall(alerts)) <= shown
    assert {name for name in shown if not name.endswith(("_bucket", "_count", "_sum"))} <= first_cells(
        "Figures"
    )


def test_every_alert_says_how_urgent_it_is_and_what_to_do() -> None:
    [group] = yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"]

    for rule in group["rules"]:
        assert rule["labels"]["severity"] in {"page", "ticket"}, rule["alert"]
        assert len(rule["annotations"]["summary"]) > 30, rule["alert"]
    assert len({rule["alert"] for rule in group["rules"]}) == len(group["rules"])


def test_queues_of_the_alerts_are_the_queues(portal: Portal) -> None:
    named = set(re.findall(r'queue="(\w+)"', (DEPLOY / "alerts.yml").read_text()))

    assert named == set(Standing(portal).queues() or {})


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_units_start_commands_that_there_are(path: Path) -> None:
    unit = configparser.RawConfigParser(strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]  (systemd's names have capitals)
    unit.read_string(path.read_text())
    started = unit["Service"]["ExecStart"].replace("%%", "%")
    words = shlex.split(started.partition("-m bot ")[2].removesuffix("'"))

    command = hallpass.commands[words[0]]
    with command.make_context(words[0], words[1:]) as context:
        assert isinstance(context, click.Context)
    assert unit["Service"]["UMask"] == "0077"


def test_container_copies_no_state_and_asks_for_its_health() -> None:
    container = (DEPLOY / "Containerfile").read_text()
    ignored = (ROOT / ".dockerignore").read_text().splitlines()

    assert {"var", ".git", ".venv"} <= set(ignored)
    assert "--require-hashes -r requirements.lock" in container
    assert "http://127.0.0.1:8080/health" in container
    assert container.index("USER hallpass") < container.index("CMD")
