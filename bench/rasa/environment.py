"""Make the other engine's environment: Python 3.10 and Rasa 3.6.21, outside this repository."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

VERSION = "3.10"
LOCK = Path(__file__).with_name("requirements.lock")
CHOSEN = "HALLPASS_RASA_PYTHON"
ADVICE = f"""\
Rasa Open Source 3.6.21 runs on no Python newer than {VERSION}, and none was found here. Do one of these:
  - where your distribution has it (Ubuntu 22.04): apt-get install python3.10 python3.10-venv
  - where the open internet is reached: pip install uv && uv python install 3.10, or pyenv install 3.10
  - name one that you have: {CHOSEN}=/path/to/python3.10 python -m bench.rasa
PyPI, npm and the archive of Debian 12 offer no Python {VERSION}; with nothing else this bench cannot be run.
"""


class MissingError(Exception):
    """Report what is not on this machine, with what to do about it."""


@dataclass(frozen=True, slots=True)
class Rasa:
    """Know where Rasa is and how it is run: without telemetry, with its compiled files kept."""

    home: Path

    @property
    def python(self) -> Path:
        """Return the interpreter of its environment."""
        return self.home / "environment" / "bin" / "python"

    @property
    def project(self) -> Path:
        """Return the folder of the project that it is given."""
        return self.home / "project"

    @property
    def model(self) -> Path:
        """Return where its trained model goes."""
        return self.project / "models" / "hallpass.tar.gz"

    def command(self, *arguments: str) -> list[str]:
        """Return the command that runs one of Rasa's own."""
        return [str(self.python), "-m", "rasa", *arguments]

    def environ(self) -> dict[str, str]:
        """Return the environment of its processes."""
        own = self.home / "home"
        own.mkdir(parents=True, exist_ok=True)
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(own),
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(self.project),
            # Without it every start compiles thousands of files anew, which would be held against Rasa.
            "PYTHONPYCACHEPREFIX": str(self.home / "compiled"),
            "PYTHONWARNINGS": "ignore",
            "RASA_TELEMETRY_ENABLED": "false",
            "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
            "TF_CPP_MIN_LOG_LEVEL": "2",
        }


def make(home: Path) -> Rasa:
    """Install Rasa with the hashes of its lock, unless the same lock is installed already."""
    rasa = Rasa(home)
    mark = home / "installed.lock"
    if rasa.python.exists() and mark.exists() and mark.read_bytes() == LOCK.read_bytes():
        return rasa
    home.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(home / "environment", ignore_errors=True)
    subprocess.run([_python(home), "-m", "venv", home / "environment"], check=True)
    install = ("-m", "pip", "install", "--quiet", "--require-hashes", "-r", str(LOCK))
    subprocess.run([rasa.python, *install], check=True, env=_for_pip())
    mark.write_bytes(LOCK.read_bytes())
    return rasa


def _for_pip() -> dict[str, str]:
    return {**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def _python(home: Path) -> Path:
    for path in _candidates(home):
        if _is_right(path):
            return path
    raise MissingError(ADVICE)


def _candidates(home: Path) -> Iterator[Path]:
    if os.environ.get(CHOSEN):
        yield Path(os.environ[CHOSEN])
    found = shutil.which(f"python{VERSION}")
    yield from (Path(found),) if found else ()
    kept = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    yield from sorted(kept.glob(f"{VERSION}*/bin/python"))
    yield from _from_uv(home)


def _from_uv(home: Path) -> Iterator[Path]:
    """Let uv look for one or fetch it; where it is not there, it is installed apart from everything else."""
    own = home / "uv" / "bin"
    uv = shutil.which("uv") or str(own / "uv")
    if not Path(uv).exists():
        subprocess.run([sys.executable, "-m", "venv", own.parent], check=False)
        subprocess.run([own / "python", "-m", "pip", "install", "--quiet", "uv"], check=False, env=_for_pip())
    for arguments in (
        ["python", "find", VERSION],
        ["python", "install", VERSION],
        ["python", "find", VERSION],
    ):
        if Path(uv).exists():
            told = subprocess.run([uv, *arguments], check=False, capture_output=True, text=True)
            yield from (Path(line) for line in told.stdout.splitlines() if line.startswith("/"))


def _is_right(path: Path) -> bool:
    """Tell whether this answers as the wanted version: a shim of pyenv is there and may not."""
    asked = [str(path), "-c", "import sys, venv; print('%d.%d' % sys.version_info[:2])"]
    try:
        told = subprocess.run(asked, check=False, capture_output=True, text=True)
    except OSError:
        return False
    return told.stdout.strip() == VERSION
