"""Open the files of a folder or a ZIP without trusting either."""

import stat
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from portal.sis.report import Problem, Report

GIBIBYTE = 2**30
MEBIBYTE = 2**20
LARGEST_SET = 8 * GIBIBYTE
# Rosters shrink to a tenth or a twentieth; only a bomb shrinks to less than a hundredth.
LARGEST_RATIO = 100
ENCRYPTED = 0x1
CLUTTER = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")
MESSAGE_BROKEN = "this is not a whole ZIP file; export it again"


@dataclass(frozen=True, slots=True)
class FileSet:
    """Hold the files at hand by name; each is opened when it is read."""

    openers: dict[str, Callable[[], IO[bytes]]] = field(default_factory=dict)

    def __contains__(self, name: object) -> bool:
        """Tell whether the set holds a file of this name."""
        return name in self.openers

    def open(self, name: str) -> IO[bytes]:
        """Open a file of the set to read its bytes."""
        return self.openers[name]()


@contextmanager
def opened(path: Path, report: Report, *, limit: int = LARGEST_SET) -> Iterator[FileSet]:
    """Open the folder or the ZIP at a path; what is wrong with it goes to the report."""
    if path.is_dir():
        yield _folder(path, report)
        return
    try:
        archive = zipfile.ZipFile(path)
    except FileNotFoundError:
        report.error(Problem("there is no such file or folder", file=str(path)))
        yield FileSet()
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError, OverflowError):
        # Damaged headers surface as any of these.
        report.error(Problem(MESSAGE_BROKEN, file=path.name))
        yield FileSet()
    else:
        with archive:
            yield _archive(archive, report, limit)


def _folder(path: Path, report: Report) -> FileSet:
    files = FileSet()
    for entry in sorted(path.iterdir()):
        if entry.name.startswith(".") or entry.name in CLUTTER:
            continue
        if entry.is_symlink() or not entry.is_file():
            report.error(Problem("only plain files may lie here, no folders and no links", file=entry.name))
            continue
        files.openers[entry.name] = _opener(entry)
    return files


def _opener(path: Path) -> Callable[[], IO[bytes]]:
    return lambda: path.open("rb")


def _archive(archive: zipfile.ZipFile, report: Report, limit: int) -> FileSet:
    files = FileSet()
    entries = [entry for entry in archive.infolist() if not entry.filename.startswith(CLUTTER)]
    if sum(entry.file_size for entry in entries) > limit:
        report.error(Problem(f"this unpacks to more than {limit // MEBIBYTE} MiB; it is refused unread"))
        return files
    for entry in entries:
        fault = "two files of one name" if entry.filename in files else _fault(entry)
        if fault:
            report.error(Problem(fault, file=entry.filename))
        else:
            files.openers[entry.filename] = _member(archive, entry)
    return files


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Callable[[], IO[bytes]]:
    return lambda: archive.open(entry)


def _fault(entry: zipfile.ZipInfo) -> str:
    name = entry.orig_filename
    if "/" in name or "\\" in name or ":" in name or name.startswith("."):
        return "files must lie at the top of the ZIP, under a plain name"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "links are not followed"
    if entry.flag_bits & ENCRYPTED:
        return "this file is encrypted; send it without a password, over a safe way"
    if entry.file_size > MEBIBYTE and entry.file_size > LARGEST_RATIO * max(entry.compress_size, 1):
        return "this file is packed so tightly that it looks like a ZIP bomb; it is refused unread"
    return ""
