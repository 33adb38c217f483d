"""Tell by its files which format a set is of, so that staff need not say so."""

from pathlib import Path

from portal.sis.report import Problem, Report
from portal.sis.source import SisSource
from portal.sis.sources.edfi_interchange import EdFiFolderOrZip
from portal.sis.sources.file_set import LARGEST_SET, opened
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip

ACCEPTED = (
    "accepted are a folder or a ZIP with the CSV files of OneRoster (manifest.csv, users.csv and so on) "
    "or with the XML interchange files of Ed-Fi 5.2 (Student.xml, Contact.xml and so on), at its top"
)
BESIDE = "x_"


def source_at(path: Path, *, limit: int = LARGEST_SET) -> SisSource:
    """Return what reads the set at a path; raise ImportRefusedError where it is of no known format."""
    report = Report()
    with opened(path, report, limit=limit) as files:
        names = [name.lower() for name in files.openers]
    report.refuse_if_broken()
    has_xml = any(name.endswith(".xml") for name in names)
    tables = [name for name in names if name.endswith(".csv")]
    if has_xml and not all(name.startswith(BESIDE) for name in tables):
        text = "here lie files of OneRoster (CSV) and of Ed-Fi (XML); import one of the two"
        report.error(Problem(f"{text}: {ACCEPTED}", str(path)))
    elif not has_xml and not tables:
        report.error(Problem(f"here is no set that can be read; {ACCEPTED}", str(path)))
    report.refuse_if_broken()
    return (EdFiFolderOrZip if has_xml else OneRosterFolderOrZip)(path, limit=limit)
