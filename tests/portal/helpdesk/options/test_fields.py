"""Every option can be edited in the console, or there is a reason why not."""

from dataclasses import fields

import pytest

from portal.core.options import DistrictOptions, HelpContact, LockOptions, PasswordOptions, read_options
from portal.helpdesk.options.fields import (
    FIELDS,
    ONLY_IN_THE_FILE,
    OptionField,
    Section,
    all_fields,
    fields_of,
)

GROUPS = {"lock": LockOptions, "password": PasswordOptions}
OPTIONS = read_options("w", {"name": "W", "portal_url": "https://p.example", "time_zone": "UTC"})


def test_no_option_is_forgotten() -> None:
    known = set()
    for option in fields(DistrictOptions):
        inner = [f".{each.name}" for each in fields(GROUPS[option.name])] if option.name in GROUPS else [""]
        known |= {f"{option.name}{name}" for name in inner}

    assert {field.name for field in FIELDS} == known - {"help"} - ONLY_IN_THE_FILE


def test_each_school_has_every_way_to_be_reached() -> None:
    named = [field.path[2] for field in fields_of(Section.HELP, "101")]

    assert named == [each.name for each in fields(HelpContact)]


@pytest.mark.parametrize("field", list(all_fields(["101"])), ids=lambda field: field.name)
def test_value_of_each_option_is_plain(field: OptionField) -> None:
    assert isinstance(field.of(OPTIONS), str | int | bool | list)
