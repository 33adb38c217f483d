"""What the page for operators says is what the program does."""

import configparser
import json
import re
import shlex
import tomllib
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


@pytest.fixture
def container() -> dict[str, list[str]]:
    """Return what follows each instruction of the container file, in its order; continued lines are one."""
    written: dict[str, list[str]] = {}
    for line in (DEPLOY / "Containerfile").read_text().replace("\\\n", " ").splitlines():
        if line and not line.startswith("#"):
            instruction, _, rest = line.partition(" ")
            written.setdefault(instruction, []).append(rest.strip())
    return written


def test_container_takes_what_serves_and_nothing_else(tmp_path: Path) -> None:
    settings = read_settings({"HALLPASS_VAR": str(tmp_path)})
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    lines = (ROOT / ".dockerignore").read_text().splitlines()

    rules = [line for line in lines if not line.startswith("#")]
    let_through = {rule.removeprefix("!") for rule in rules if rule.startswith("!")}

    assert rules[0] == "*"
    assert let_through == {
        "pyproject.toml",
        "requirements.lock",
        project["project"]["readme"],
        *project["project"]["license-files"],
        *project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"],
        *(path.name for path in (settings.actions, settings.config, settings.data, settings.intents)),
    }
    assert all((ROOT / name).exists() for name in let_through)


def test_container_serves_what_it_asks_for_its_health(container: dict[str, list[str]]) -> None:
    [port], [command], [health] = container["EXPOSE"], container["CMD"], container["HEALTHCHECK"]
    words = json.loads(command)

    assert words[:4] == ["python", "-m", "bot", "serve"]
    with hallpass.commands["serve"].make_context("serve", words[4:]) as context:
        assert context.params["port"] == int(port)
    assert f"http://127.0.0.1:{port}/health" in json.loads(health.partition("CMD ")[2])[-1]
    # Without it podman leaves the health check out of the image.
    assert "podman build --format docker -f docs/deploy/Containerfile" in PAGE


def test_container_runs_as_the_one_whose_the_state_is(container: dict[str, list[str]]) -> None:
    [user], [volume], [setting] = container["USER"], container["VOLUME"], container["ENV"]

    assert int(user) > 0
    [account] = [step for step in container["RUN"] if f"useradd --uid {user} " in step]
    assert f"install -d -m 700 -o hallpass -g hallpass {volume}" in account
    assert f"HALLPASS_VAR={volume}" in setting.split()
    assert any("--require-hashes -r requirements.lock" in step for step in container["RUN"])
