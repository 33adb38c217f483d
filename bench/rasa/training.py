"""Let both engines validate and learn the same English, and watch what it costs."""

import subprocess
import sys
import tempfile
from pathlib import Path

from bench.rasa.environment import Rasa
from bench.rasa.usage import Spent, run_to_end
from bot.settings import ROOT

FILES = ("--config", "config.yml", "--domain", "domain", "--data", "domain")
LEARN = """
import sys
from pathlib import Path
from bot.conversation.understanding import Understanding
Understanding.load(Path(sys.argv[1]), Path(sys.argv[2]))
"""


def validate(rasa: Rasa) -> None:
    """Let Rasa check the files; what it calls an error ends the comparison."""
    log = rasa.home / "validate.log"
    print(f"rasa data validate ({log})", flush=True)
    with log.open("wb") as said:
        subprocess.run(
            rasa.command("data", "validate", *FILES),
            cwd=rasa.project, env=rasa.environ(), stdout=said, stderr=said, check=True,
        )  # fmt: skip


def train_rasa(rasa: Rasa) -> tuple[Spent, float]:
    """Train Rasa's model; return what was spent and the most megabytes held."""
    log, named = rasa.home / "train.log", ("--fixed-model-name", "hallpass")
    print(f"rasa train ({log})", flush=True)
    with log.open("wb") as said:
        return run_to_end(
            # It was validated before, and has its own price.
            rasa.command("train", *FILES, "--skip-validation", "--out", "models", *named),
            cwd=rasa.project, env=rasa.environ(), stdout=said, stderr=said,
        )  # fmt: skip


def train_hallpass() -> tuple[Spent, float]:
    """Train Hallpass's English from nothing; return what was spent and the most megabytes held."""
    print("hallpass learns the same", flush=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data").mkdir()
        (folder / "data" / "en").symlink_to(ROOT / "data" / "en")
        return run_to_end([sys.executable, "-c", LEARN, str(folder / "data"), str(folder)], cwd=ROOT)
