"""Whatever is made of a set, it is read or refused with its problems; nothing else ever comes out.

A valid set of each format is damaged: bytes are put in, taken out and turned around, cells and texts become
anything, lines come twice, files are gone or change places, and a zip may be damaged as a zip.
"""

import io
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.core.errors import ImportRefusedError
from portal.sis.report import ImportFailedError
from portal.sis.service import checked
from portal.sis.sources.recognising import source_at
from tests.fuzzing.profiles import BRIEF, LONG
from tests.support.interchanges import small_interchanges
from tests.support.rosters import NothingStands, small_roster

Files = Mapping[str, bytes]
Damage = Callable[[bytes], bytes]
SETS: Mapping[str, Files] = {"oneroster": small_roster().files(), "edfi": small_interchanges().files()}
NASTY = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b'"', b"'", b",", b"\r", b"\n\n", b"<", b"</", b"&", b"&x;",
    b"]]>",
    b"<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>", b"<?xml version='1.0' encoding='utf-7'?>",
    b"=1+1", b"9" * 400, b"-1", b"1e999", b"NaN", b"2026-02-30", b"0000-00-00", b"99:99:99", b"\xed\xa0\x80",
    "\u202e\u0000ä".encode(), b"../../x", b"%s%n", b"{{7*7}}", b"' or 1=1--",
)  # fmt: skip


def _put(at: float, piece: bytes) -> Damage:
    return lambda raw: raw[: int(at * len(raw))] + piece + raw[int(at * len(raw)) :]


def _cut(at: float, length: int) -> Damage:
    return lambda raw: raw[: int(at * len(raw))] + raw[int(at * len(raw)) + length :]


def _doubled(at: float) -> Damage:
    def damage(raw: bytes) -> bytes:
        lines = raw.splitlines(keepends=True)
        chosen = int(at * len(lines)) if lines else 0
        return b"".join([*lines[: chosen + 1], *lines[chosen:]])

    return damage


def _cell(at: float, piece: bytes, mark: bytes) -> Damage:
    def damage(raw: bytes) -> bytes:
        cells = raw.split(mark)
        cells[min(len(cells) - 1, int(at * len(cells)))] = piece
        return mark.join(cells)

    return damage


PLACES = st.floats(0, 1)
PIECES = (
    st.sampled_from(NASTY) | st.binary(max_size=12) | st.text(max_size=12).map(lambda t: t.encode("utf-8"))
)
DAMAGES = st.one_of(
    st.builds(_put, PLACES, PIECES),
    st.builds(_cut, PLACES, st.integers(1, 60)),
    st.builds(_doubled, PLACES),
    st.builds(_cell, PLACES, PIECES, st.sampled_from((b",", b">", b"\n"))),
)


@st.composite
def damaged(draw: st.DrawFn, files: Files) -> dict[str, bytes]:
    """Return a set with a few things wrong."""
    made = dict(files)
    for _ in range(draw(st.integers(1, 3))):
        name = draw(st.sampled_from(sorted(made)))
        made[name] = draw(DAMAGES)(made[name])
    if draw(st.integers(0, 9)) == 0:
        made.pop(draw(st.sampled_from(sorted(made))))
    if draw(st.integers(0, 9)) == 0:
        one, other = (draw(st.sampled_from(sorted(made))) for _ in range(2))
        made[one], made[other] = made[other], made[one]
    return made


def zipped(files: Files, damage: Damage | None = None) -> bytes:
    """Return the files as a zip, which is damaged itself if that is asked for."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return damage(file.getvalue()) if damage else file.getvalue()


def read(raw: bytes) -> ImportRefusedError | None:
    """Read a set; return the refusal, if it is refused. Nothing else may ever be raised."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "set.zip"
        path.write_bytes(raw)
        try:
            with checked("westborough", source_at(path), NothingStands()):
                return None
        except ImportRefusedError as error:
            return error


def tells_why(refusal: ImportRefusedError) -> bool:
    """Tell whether whoever is refused learns of at least one problem."""
    return bool(str(refusal)) and (not isinstance(refusal, ImportFailedError) or bool(refusal.problems))


def damage_sets(profile: settings, name: str) -> int:
    """Damage the set of one format as often as the profile says; return how often that was."""
    tried = 0

    @profile
    @given(files=damaged(SETS[name]), damage=st.none() | st.none() | st.none() | DAMAGES)
    def once(files: Files, damage: Damage | None) -> None:
        nonlocal tried
        tried += 1

        refusal = read(zipped(files, damage))

        assert refusal is None or tells_why(refusal)

    once()
    return tried


@pytest.mark.parametrize("name", SETS)
def test_set_that_is_whole_is_taken(name: str) -> None:
    assert read(zipped(SETS[name])) is None


@pytest.mark.parametrize("name", SETS)
def test_damaged_set_is_read_or_refused(name: str) -> None:
    damage_sets(settings(BRIEF, max_examples=60), name)


@pytest.mark.nightly
@pytest.mark.parametrize("name", SETS)
def test_damaged_set_is_read_or_refused_for_long(
    name: str, record_property: Callable[[str, object], None]
) -> None:
    record_property("damaged sets", damage_sets(settings(LONG, max_examples=5000), name))
