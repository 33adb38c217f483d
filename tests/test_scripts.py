"""The two commands of a fresh clone say in one sentence what is missing."""

import os
import shutil
import subprocess
from pathlib import Path

from bot.settings import ROOT

NEEDED = ("bash", "dirname", "cksum", "cat", "id", "rm")


def start(folder: Path, script: str, **pythons: str) -> subprocess.CompletedProcess[str]:
    """Start a script of the project in a folder of its own, on a machine with only these Pythons."""
    programs = folder / "programs"
    programs.mkdir()
    for name in NEEDED:
        (programs / name).symlink_to(str(shutil.which(name)))
    for name, body in pythons.items():
        (programs / name).write_text(f"#!/bin/sh\n{body}\n")
        (programs / name).chmod(0o755)
    for name in (
        "run",
        "test",
        "environment.sh",
        "requirements.lock",
        "requirements-dev.lock",
        "requirements-install.lock",
    ):
        shutil.copy(ROOT / name, folder / name)
    return subprocess.run(
        [folder / script], env={"PATH": str(programs)}, capture_output=True, text=True, check=False
    )


def test_machine_with_an_old_python_is_told_which_one_is_needed(tmp_path: Path) -> None:
    for script in ("run", "test"):
        folder = tmp_path / script
        folder.mkdir()

        ended = start(folder, script, python3="exit 1")

        assert ended.returncode == 1
        assert ended.stderr.startswith("Hallpass needs Python 3.11 or newer, and found none: install it")
        assert ended.stderr.count("\n") == 1
        assert not (folder / ".venv").exists()


def test_python_without_venv_is_told_what_to_install(tmp_path: Path) -> None:
    ended = start(tmp_path, "run", python3='[ "$1" = -c ]')

    assert ended.returncode == 1
    assert "apt-get install python3-venv" in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_packages_that_cannot_be_installed_are_one_sentence(tmp_path: Path) -> None:
    broken = r'printf "#!/bin/sh\nexit 1\n" >"$3/bin/python"; chmod +x "$3/bin/python"'
    tools = {name: f'exec {shutil.which(name)} "$@"' for name in ("mkdir", "chmod")}

    ended = start(
        tmp_path, "run", python3=f'if [ "$2" = venv ]; then mkdir -p "$3/bin"; {broken}; fi', **tools
    )

    assert ended.returncode == 1
    assert "check the connection" in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert not (tmp_path / ".venv" / ".installed-requirements.lock").exists()


def test_where_the_faster_installer_cannot_be_had_pip_installs(tmp_path: Path) -> None:
    lacks = r'case "$*" in *requirements-install.lock) exit 1 ;; esac; echo "$*" >>asked'
    working = f"printf '%s\\n' '#!/bin/sh' '{lacks}' >\"$3/bin/python\"; chmod +x \"$3/bin/python\""
    tools = {name: f'exec {shutil.which(name)} "$@"' for name in ("mkdir", "chmod", "tr")}

    ended = start(
        tmp_path, "run", python3=f'if [ "$2" = venv ]; then mkdir -p "$3/bin"; {working}; fi', **tools
    )

    asked = (tmp_path / "asked").read_text().splitlines()
    assert ended.returncode == 0, ended.stderr
    assert [line for line in asked if line.endswith("--require-hashes -r requirements.lock")]
    assert asked[-1].startswith("-m bot serve")
    assert (tmp_path / ".venv" / ".installed-requirements.lock").exists()


def test_registry_that_pip_is_told_of_is_asked_by_the_faster_installer_too(tmp_path: Path) -> None:
    mirror = "https://mirror.example/simple"
    told = f"""[ "$3 $4" = "config list" ] && echo "global.index-url='{mirror}'\""""
    (tmp_path / "python").write_text(f"#!/bin/sh\n{told}\nexit 0\n")
    (tmp_path / "uv").write_text('#!/bin/sh\necho "$*" >>asked\n')
    for name in ("python", "uv"):
        (tmp_path / name).chmod(0o755)
    tools = {name: f'exec {shutil.which(name)} "$@"' for name in ("mkdir", "cp", "tr")}

    ended = start(
        tmp_path,
        "run",
        python3='if [ "$2" = venv ]; then mkdir -p "$3/bin"; cp python uv "$3/bin"; fi',
        **tools,
    )

    assert ended.returncode == 0, ended.stderr
    asked = (tmp_path / "asked").read_text().splitlines()
    assert [f"--default-index {mirror}" in line for line in asked] == [True, True]


def test_scripts_can_be_started() -> None:
    assert all(os.access(ROOT / name, os.X_OK) for name in ("run", "test", ".ci/run"))
