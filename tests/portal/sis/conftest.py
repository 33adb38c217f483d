"""Give the tests of imports a district and a short way to import a set."""

from pathlib import Path
from uuid import uuid4

import pytest

from portal.sis.outcomes import Imported
from portal.sis.report import ImportFailedError, Report
from portal.sis.rows import stage
from portal.sis.sources.oneroster_csv import OneRosterFolderOrZip
from portal.sis.stager import Stager
from portal.sis.staging import Staging
from portal.transaction import Portal
from tests.support.portals import make_district
from tests.support.rosters import Import, NothingStands, Refusal, Roster


@pytest.fixture
def run(portal: Portal, tmp_path: Path) -> Import:
    """Import a set, of a builder or at a path, into Westborough unless the test says otherwise."""
    make_district(portal)
    made = 0

    def imported(given: Roster | Path, district: str = "westborough", **options: bool) -> Imported:
        nonlocal made
        made += 1
        path = given if isinstance(given, Path) else given.folder(tmp_path / f"set-{made}")
        with portal.begin() as tx:
            return tx.imports.run(district, OneRosterFolderOrZip(path), **options)

    return imported


@pytest.fixture
def refused(tmp_path: Path) -> Refusal:
    """Check a set that must be refused and return the refusal; no database is asked for that."""

    def refusal(given: Roster | Path) -> ImportFailedError:
        path = given if isinstance(given, Path) else given.folder(tmp_path / uuid4().hex)
        report = Report()
        with Staging() as staging:
            stager = Stager("westborough", staging, report)
            stage(stager, OneRosterFolderOrZip(path).records(report), report, NothingStands())
        with pytest.raises(ImportFailedError) as caught:
            report.refuse_if_broken()
        return caught.value

    return refusal
