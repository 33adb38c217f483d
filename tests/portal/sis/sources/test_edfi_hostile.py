"""Every Ed-Fi file here is hostile, damaged or foreign: it must be refused, and nothing changed."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.sis.report import ImportFailedError
from portal.sis.sources.edfi_interchange import EdFiFolderOrZip
from portal.sis.sources.edfi_xml import MOST_PARTS
from portal.sis.sources.recognising import source_at
from portal.transaction import Portal
from tests.support.interchanges import (
    NAMESPACE,
    Given,
    Read,
)
from tests.support.interchanges import small_interchanges as small
from tests.support.portals import make_district

ROOT = f'<InterchangeStudent xmlns="{NAMESPACE}">'


def called(id_: str) -> str:
    """Return the rest of a file that holds one student."""
    return f"<Student><StudentUniqueId>{id_}</StudentUniqueId></Student></InterchangeStudent>"


ONE = called("1")
BOMB = (
    '<!DOCTYPE InterchangeStudent [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    '<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;">]>'
)


def only(given: Given) -> tuple[str, int, str, str]:
    """Return where the only fault stands."""
    assert len(given.errors) == 1, given.errors
    problem = given.errors[0]
    return problem.file, problem.row, problem.column, problem.value


HOSTILE: dict[str, tuple[str | bytes, str]] = {
    "billion laughs": (BOMB + ROOT + called("&d;"), "DTD"),
    "bomb in an attribute": (f'{BOMB}{ROOT}<Student id="&d;"/></InterchangeStudent>', "DTD"),
    "external entity": (
        f'<!DOCTYPE InterchangeStudent [<!ENTITY e SYSTEM "file:///etc/passwd">]>{ROOT}{called("&e;")}',
        "DTD",
    ),
    "parameter entity": (
        f'<!DOCTYPE x [<!ENTITY % p SYSTEM "file:///etc/passwd">%p;]>{ROOT}{ONE}',
        "DTD",
    ),
    "external DTD": (f'<!DOCTYPE InterchangeStudent SYSTEM "http://example.org/x.dtd">{ROOT}{ONE}', "DTD"),
    "root with several colons": (
        f'<Interchange:9:Student xmlns="{NAMESPACE}"></Interchange:9:Student>',
        "this interchange is not read",
    ),
    "undeclared entity": (ROOT + called("&nope;"), "whole XML"),
    "cut off": (f"{ROOT}<Student>", "whole XML"),
    "empty": ("", "no element found"),
    "no XML": ("sourcedId,status\n1,\n", "whole XML"),
    "NUL": (ROOT + called("\x00"), "whole XML"),
    "Latin-1": (f'<?xml version="1.0" encoding="ISO-8859-1"?>{ROOT}\xe9{ONE}'.encode("latin-1"), "in UTF-8"),
    "UTF-16": (f'<?xml version="1.0" encoding="UTF-16"?>{ROOT}{ONE}'.encode("utf-16"), "in UTF-8"),
    "later version": (
        '<InterchangeStudent xmlns="http://ed-fi.org/6.0.0"/>',
        "this is Ed-Fi 6.0.0, and only 5.2.0 is read",
    ),
    "old version": ('<InterchangeStudent xmlns="http://ed-fi.org/0220"/>', "export with Data Standard 5.2"),
    "no namespace": ("<InterchangeStudent/>", "no Ed-Fi interchange"),
    "other XML": ('<html xmlns="http://www.w3.org/1999/xhtml"/>', "no Ed-Fi interchange"),
    "other interchange": (f'<InterchangeStudentDiscipline xmlns="{NAMESPACE}"/>', "leave the file out"),
}


@pytest.mark.parametrize(("content", "text"), HOSTILE.values(), ids=HOSTILE)
def test_hostile_or_foreign_file_is_refused_by_name(read: Read, content: str | bytes, text: str) -> None:
    given = read(small().file("Student.xml", content))

    assert given.records == ()
    assert only(given)[0] == "Student.xml"
    assert text in given.errors[0].text


def test_refused_version_names_element_and_value(read: Read) -> None:
    given = read(small().file("Student.xml", '\n<InterchangeStudent xmlns="http://ed-fi.org/5.1.0"/>'))

    assert only(given) == ("Student.xml", 2, "InterchangeStudent", "http://ed-fi.org/5.1.0")


def test_entity_without_end_is_refused_before_it_fills_the_memory(read: Read) -> None:
    parts = "<Name/>" * (MOST_PARTS + 1)
    given = read(small().file("Student.xml", ROOT + called(parts)))

    assert "more than 20,000 parts" in given.errors[0].text


def test_text_without_end_is_refused(read: Read) -> None:
    given = read(small().file("Student.xml", ROOT + called("x" * 11_000_000)))

    assert "whole XML" in given.errors[0].text


def test_deep_nesting_is_refused(read: Read) -> None:
    deep = "<Name>" * 5000 + "</Name>" * 5000
    given = read(small().file("Student.xml", ROOT + called(deep)))

    assert "whole XML" in given.errors[0].text


def test_unknown_file_is_a_warning(read: Read) -> None:
    given = read(small().file("notes.txt", "hello"))

    assert given.errors == ()
    assert [(problem.file, problem.text) for problem in given.warnings] == [
        ("notes.txt", "this file is not known and was not read")
    ]


def zipped(path: Path, write: Callable[[zipfile.ZipFile], None]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        write(archive)
    return path


@pytest.mark.parametrize(
    ("name", "text"),
    [("../Student.xml", "at the top of the ZIP"), ("/etc/Student.xml", "at the top of the ZIP")],
)
def test_path_that_leaves_the_set_is_refused(tmp_path: Path, name: str, text: str) -> None:
    path = zipped(tmp_path / "set.zip", lambda archive: archive.writestr(name, "<x/>"))

    with pytest.raises(ImportFailedError, match=text):
        source_at(path)


def test_zip_bomb_is_refused_unread(tmp_path: Path) -> None:
    path = zipped(tmp_path / "set.zip", lambda archive: archive.writestr("Student.xml", b" " * 50_000_000))

    with pytest.raises(ImportFailedError, match="ZIP bomb"):
        source_at(path)


def test_broken_zip_is_refused(tmp_path: Path) -> None:
    (tmp_path / "set.zip").write_bytes(b"PK\x03\x04 and nothing more")

    with pytest.raises(ImportFailedError, match="not a whole ZIP"):
        source_at(tmp_path / "set.zip")


def test_file_damaged_inside_the_zip_is_named(tmp_path: Path, read: Read) -> None:
    whole = small().zip(tmp_path / "set.zip").read_bytes()
    with zipfile.ZipFile(io.BytesIO(whole)) as archive:
        entry = archive.getinfo("Student.xml")
        start = entry.header_offset + 30 + len(entry.filename)
    damaged = whole[: start + 20] + b"\xff" * 40 + whole[start + 60 :]
    (tmp_path / "set.zip").write_bytes(damaged)

    given = read(tmp_path / "set.zip")

    assert "Student.xml" in {problem.file for problem in given.errors}


@pytest.mark.parametrize("names", [(), ("notes.txt",)])
def test_folder_without_a_set_is_told_what_is_accepted(tmp_path: Path, names: tuple[str, ...]) -> None:
    for name in names:
        (tmp_path / name).write_text("hello")

    with pytest.raises(ImportFailedError) as refused:
        source_at(tmp_path)

    assert "CSV files of OneRoster" in str(refused.value)
    assert "XML interchange files of Ed-Fi 5.2" in str(refused.value)


def test_folder_with_both_formats_is_refused(tmp_path: Path) -> None:
    path = small().file("users.csv", "sourcedId\n").folder(tmp_path / "set")

    with pytest.raises(ImportFailedError, match="import one of the two"):
        source_at(path)


def test_refused_set_changes_nothing(portal: Portal, tmp_path: Path) -> None:
    make_district(portal)
    good = small().folder(tmp_path / "good")
    bad = small().file("Student.xml", f"{BOMB}{ROOT}{ONE}").folder(tmp_path / "bad")
    with portal.begin() as tx:
        tx.imports.run("westborough", EdFiFolderOrZip(good))

    with pytest.raises(ImportFailedError), portal.begin() as tx:
        tx.imports.run("westborough", EdFiFolderOrZip(bad))

    with portal.begin() as tx:
        again = tx.imports.run("westborough", EdFiFolderOrZip(good))
    assert {count.touched for count in again.counts.values()} == {0}


def test_nothing_outside_the_file_is_opened(read: Read, tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("the clear text of a secret")
    content = f'<!DOCTYPE InterchangeStudent [<!ENTITY e SYSTEM "{secret.as_uri()}">]>{ROOT}' + called("&e;")

    given = read(small().file("Student.xml", content))

    assert "clear text" not in str(given.errors)
    assert given.records == ()
