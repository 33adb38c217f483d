"""Read MyData as another program would, and hold it against the schema that the project keeps."""

import shutil
import subprocess
from pathlib import Path

from lxml import etree

from tests.support.conversation import ROOT

SCHEMA = ROOT / "bot" / "files" / "schemas" / "mydata.xsd"
NAMES = {"d": "http://www.sifinfo.org/infrastructure/2.x"}


def read(content: bytes) -> etree._Element:
    """Parse a file without resolving anything."""
    return etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True))


def found(tree: etree._Element, path: str) -> list[etree._Element]:
    """Return the elements at a path whose names carry no namespace."""
    return tree.findall(
        "/".join(each if each in {".", ""} else f"d:{each}" for each in path.split("/")), NAMES
    )


def texts(tree: etree._Element, path: str) -> list[str | None]:
    """Return what stands in the elements at a path."""
    return [each.text for each in found(tree, path)]


def child_names(content: bytes) -> list[str]:
    """Return the full names of the children in a file."""
    names = found(read(content), "StudentDemographicRecord/StudentPersonalData/Name")
    return [f"{texts(name, 'FirstName')[0]} {texts(name, 'LastName')[0]}" for name in names]


def problems_of(content: bytes, folder: Path) -> list[str]:
    """Return what the schema finds wrong, by lxml and, where it is installed, by xmllint."""
    schema = etree.XMLSchema(etree.parse(SCHEMA))
    schema.validate(read(content))
    problems = [str(each) for each in schema.error_log]
    if xmllint := shutil.which("xmllint"):
        file = folder / "mydata.xml"
        file.write_bytes(content)
        check = [xmllint, "--noout", "--nonet", "--schema", str(SCHEMA), str(file)]
        done = subprocess.run(check, check=False, capture_output=True, text=True)
        problems += [done.stderr] if done.returncode else []
    return problems
