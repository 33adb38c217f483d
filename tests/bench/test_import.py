"""The measurement of imports measures sets of any size."""

import importlib
import sys
from typing import Any

import pytest

from bench.report import Measured

measuring = importlib.import_module("bench.import")


@pytest.mark.parametrize("students", ["1", "12"])
def test_sets_that_are_imported_in_no_time_are_measured_too(
    students: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    kept: list[Measured] = []
    monkeypatch.setattr(sys, "argv", ["bench.import", "--students", students])
    monkeypatch.setattr(measuring, "_in_a_process", measuring.measure)
    monkeypatch.setattr(measuring, "keep", lambda _, measured: kept.append(measured))

    measuring.main()

    rows: list[dict[str, Any]] = [row for table in kept[0].tables for row in table.rows]
    assert all(row["peak_mib"] > 0 for row in rows)
    assert {row["students"] for row in rows} == {1, int(students)}
    assert "delta of 1%" in capsys.readouterr().out
