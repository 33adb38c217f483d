"""Give a backup or a restore a folder of its own, and remove what a killed one left in the clear."""

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PREFIX = "backup-at-work-"


@contextmanager
def own_folder(var: Path) -> Iterator[Path]:
    """Yield an empty folder that only its owner reads; it goes afterwards, or before the next one.

    Whoever works holds a lock on theirs, which a kill lets go in the same moment.
    """
    for left in var.glob(f"{PREFIX}*"):
        with _locked(left) as is_left:
            if is_left:
                shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=var, prefix=PREFIX) as folder, _locked(Path(folder)):
        yield Path(folder)


@contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """Hold the lock of a folder, and tell whether it was free; one that is gone is not."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except OSError:
        yield False
        return
    try:
        yield _is_free(descriptor)
    finally:
        os.close(descriptor)


def _is_free(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
