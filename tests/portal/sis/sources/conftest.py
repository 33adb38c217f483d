"""Give the tests of the Ed-Fi source a short way to read a set, without a database."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from portal.sis.report import Report
from portal.sis.rows import stage
from portal.sis.source import Record
from portal.sis.sources.recognising import source_at
from portal.sis.stager import Stager
from portal.sis.staging import Staging
from tests.support.interchanges import Given, Interchanges, Read
from tests.support.rosters import NothingStands


def noting(given: Iterator[Record], records: list[Record]) -> Iterator[Record]:
    for record in given:
        records.append(record)
        yield record


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Read a set, of a builder or at a path, through the check of an import."""

    def given(what: Interchanges | Path) -> Given:
        path = what if isinstance(what, Path) else what.folder(tmp_path / uuid4().hex)
        report, records = Report(), list[Record]()
        with Staging() as staging:
            stager = Stager("westborough", staging, report)
            stage(stager, noting(source_at(path).records(report), records), report, NothingStands())
        return Given(tuple(records), tuple(report.errors), tuple(report.warnings))

    return given
