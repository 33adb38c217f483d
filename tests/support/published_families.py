"""Change the published families in a copy, in the format of each source, by nobody's code but this.

Both formats hold the same 100 students and 200 contacts; a test that is true of one is true of the other.
"""

import csv
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from xml.etree import ElementTree

from portal.sis.source import SisSource
from portal.sis.sources.edfi_interchange import EdFiFolderOrZip
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from tests.support.published import published

ED_FI = "http://ed-fi.org/5.2.0"
IN_ED_FI = f"{{{ED_FI}}}"


if TYPE_CHECKING:
    Tree = ElementTree.ElementTree[ElementTree.Element]


def parsed(path: Path) -> "Tree":
    """Read a published XML file, with a parser that the product does not use."""
    return ElementTree.parse(path)  # noqa: S314  (files that are published and part of the tests' ground)


@dataclass(frozen=True, slots=True)
class Place:
    """Say where a report must find a fault."""

    file: str
    column: str
    value: str


class Families(Protocol):
    """Offer the published families as one format's set, and a few changes to them."""

    format: str
    path: Path

    def source(self) -> SisSource:
        """Return what reads the set."""

    def rename(self, student: str, family_name: str) -> None:
        """Give a student another family name."""

    def remove(self, student: str) -> None:
        """Leave a student without classes out, with everything that is said of them."""

    def absent(self, student: str) -> Place:
        """Let the first absence be one of a student; return where it is said."""

    def repeat(self, student: str) -> Place:
        """Say a student a second time; return where."""


class OneRosterFamilies:
    """Change the OneRoster set of the families."""

    format = "OneRoster 1.1"

    def __init__(self, folder: Path) -> None:
        self.path = Path(shutil.copytree(published("oneroster-1.1-grand-bend-families"), folder))

    def source(self) -> SisSource:
        return OneRosterFolderOrZip(self.path)

    def rename(self, student: str, family_name: str) -> None:
        rows = self._rows("users.csv")
        next(row for row in rows if row["identifier"] == student)["familyName"] = family_name
        self._write("users.csv", rows)

    def remove(self, student: str) -> None:
        users = [row for row in self._rows("users.csv") if row["identifier"] != student]
        for row in users:
            agents = row["agentSourcedIds"].split(",")
            row["agentSourcedIds"] = ",".join(agent for agent in agents if agent != f"STU{student}")
        self._write("users.csv", users)
        for file in ("x_attendance.csv", "x_relationships.csv"):
            self._write(file, [row for row in self._rows(file) if row["studentIdentifier"] != student])

    def absent(self, student: str) -> Place:
        rows = self._rows("x_attendance.csv")
        rows[0]["studentIdentifier"] = student
        self._write("x_attendance.csv", rows)
        return Place("x_attendance.csv", "studentIdentifier", student)

    def repeat(self, student: str) -> Place:
        rows = self._rows("users.csv")
        again = next(row for row in rows if row["identifier"] == student)
        self._write("users.csv", [*rows, again])
        return Place("users.csv", "sourcedId", again["sourcedId"])

    def _rows(self, file: str) -> list[dict[str, str]]:
        with (self.path / file).open(newline="", encoding="utf-8") as stream:
            return list(csv.DictReader(stream))

    def _write(self, file: str, rows: list[dict[str, str]]) -> None:
        with (self.path / file).open("w", newline="", encoding="utf-8") as stream:
            writer = csv.DictWriter(stream, rows[0].keys())
            writer.writeheader()
            writer.writerows(rows)


class EdFiFamilies:
    """Change the Ed-Fi set of the families."""

    format = "Ed-Fi 5.2"

    def __init__(self, folder: Path) -> None:
        ElementTree.register_namespace("", ED_FI)
        self.path = Path(shutil.copytree(published("edfi-5.2-grand-bend-families"), folder))

    def source(self) -> SisSource:
        return EdFiFolderOrZip(self.path)

    def rename(self, student: str, family_name: str) -> None:
        tree = parsed(self.path / "Student.xml")
        name = self._student(tree, student).find(f"{IN_ED_FI}Name/{IN_ED_FI}LastSurname")
        assert name is not None
        name.text = family_name
        tree.write(self.path / "Student.xml", encoding="utf-8", xml_declaration=True)

    def remove(self, student: str) -> None:
        for file in ("Student.xml", "Contact.xml", "StudentSchoolAttendance.xml"):
            tree = parsed(self.path / file)
            root = tree.getroot()
            for each in list(root):
                if each.findtext(f".//{IN_ED_FI}StudentUniqueId") == student:
                    root.remove(each)
            tree.write(self.path / file, encoding="utf-8", xml_declaration=True)

    def absent(self, student: str) -> Place:
        file = "StudentSchoolAttendance.xml"
        tree = parsed(self.path / file)
        who = tree.getroot()[0].find(f".//{IN_ED_FI}StudentUniqueId")
        assert who is not None
        who.text = student
        tree.write(self.path / file, encoding="utf-8", xml_declaration=True)
        return Place(file, "StudentReference", student)

    def repeat(self, student: str) -> Place:
        tree = parsed(self.path / "Student.xml")
        tree.getroot().append(self._student(tree, student))
        tree.write(self.path / "Student.xml", encoding="utf-8", xml_declaration=True)
        return Place("Student.xml", "StudentUniqueId", student)

    def _student(self, tree: "Tree", student: str) -> ElementTree.Element:
        key = f"{IN_ED_FI}StudentUniqueId"
        return next(each for each in tree.getroot() if each.findtext(key) == student)
