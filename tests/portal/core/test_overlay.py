"""What the console set lies over the file; what no longer goes with it is set aside, the rest counts."""

from typing import Any

import pytest

from portal.core.errors import SettingsError
from portal.core.overlay import Override, laid_over, merge, put, read_overlay, taken, write_overlay

FILE = {"name": "W", "portal_url": "https://p.example", "time_zone": "UTC"}


def override(path: str, value: Any) -> Override:
    return Override(tuple(path.split(".")), value, None, "staff", "2026-10-15T14:00:00+00:00")


def test_overlay_is_read_as_it_was_written() -> None:
    overrides = [override("lock.fails", 7), override("plugins", [{"name": "É", "url": "https://e.example"}])]

    assert read_overlay(write_overlay(overrides)) == overrides


def test_what_the_console_set_counts_and_the_file_is_left_as_it_is() -> None:
    file = {**FILE, "lock": {"fails": 3, "minutes": 20}}

    counts = laid_over("w", file, [override("lock.fails", 7)])

    assert (counts.options.lock.fails, counts.options.lock.minutes) == (7, 20)
    assert file["lock"] == {"fails": 3, "minutes": 20}


def test_only_what_cannot_be_used_is_set_aside() -> None:
    laid = [override("lock.fails", 7), override("mobile_server", True), override("recovery_minutes", 20)]

    counts = laid_over("w", FILE, laid)

    assert counts.aside == (("mobile_server",),)
    assert (counts.options.lock.fails, counts.options.recovery_minutes) == (7, 20)


def test_file_that_cannot_be_used_is_not_mended_by_an_overlay() -> None:
    with pytest.raises(SettingsError):
        laid_over("w", {**FILE, "lock": {"fails": 0}}, [override("name", "X")])


def test_group_that_the_file_wrote_otherwise_is_begun_anew() -> None:
    values: dict[str, Any] = {"lock": None}

    put(values, ("lock", "fails"), 3)

    assert values == {"lock": {"fails": 3}}
    assert taken(values, ("lock", "fails", "more")) is None


def test_changes_that_only_work_together_are_taken_together() -> None:
    def read(values: Any) -> None:
        if ("a" in values) is not ("b" in values):
            message = "both or none"
            raise SettingsError(message)

    assert merge({}, [(("a",), 1), (("b",), 2)], read) == ({"a": 1, "b": 2}, [])
