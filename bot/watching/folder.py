"""Keep one folder where the workers of a server write their figures, so that any of them adds all up."""

import contextlib
import os
import shutil
from pathlib import Path

# Read by prometheus_client when it is imported, and by nothing else: set it for a worker before that.
VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def make_folder(var: Path) -> Path:
    """Return an empty folder of the server that this process starts; those of dead servers are removed."""
    every = var / "metrics"
    every.mkdir(mode=0o700, parents=True, exist_ok=True)
    mine = every / str(os.getpid())
    for folder in every.iterdir():
        if folder == mine or not is_alive(folder.name):
            shutil.rmtree(folder, ignore_errors=True)
    mine.mkdir(mode=0o700)
    return mine


def forget_dead_gauges(folder: Path) -> None:
    """Remove what dead workers said of their present; what they counted stays counted."""
    for path in folder.glob("gauge_live*.db"):
        if not is_alive(path.stem.rpartition("_")[2]):
            # Another worker may be at the same.
            with contextlib.suppress(FileNotFoundError):
                path.unlink()


def is_alive(pid: str) -> bool:
    """Tell whether a process of that number runs."""
    if not pid.isdigit():
        return False
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
