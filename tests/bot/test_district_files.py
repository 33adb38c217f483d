"""A district's file is applied whole, or the start says which file, line and key to mend."""

import json
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.district_files import apply_districts
from portal.core.errors import SettingsError
from portal.core.models import DistrictRow
from portal.transaction import Portal

GOOD = """\
# What the district has decided.
name: Westborough Public Schools
portal_url: https://ps.westboroughk12.org/public
time_zone: America/New_York
lock:
  mode: wait
  fails: 5
help:
  0101:
    phone: (508) 555-0100
  on:
    phone: (508) 555-0101
plugins:
  - name: Library
    url: https://library.example.org
"""


def write(folder: Path, content: str, name: str = "westborough.yml") -> Path:
    path = folder / name
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    return path


def refusal(portal: Portal, folder: Path, content: str) -> str:
    write(folder, content)
    with pytest.raises(SettingsError) as caught:
        apply_districts(portal, folder)
    return str(caught.value)


def test_file_is_applied_with_its_names_as_they_are_written(portal: Portal, tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    apply_districts(portal, tmp_path)
    apply_districts(portal, tmp_path)

    with portal.begin(read_only=True) as tx:
        district = tx.districts.get_one("westborough")
        kept = json.loads(tx.session.scalars(select(DistrictRow.options)).one())

    assert district.options.help_at("0101").phone == "(508) 555-0100"
    assert district.options.help_at("on").phone == "(508) 555-0101"
    assert kept["lock"] == {"mode": "wait", "fails": 5}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("  fails: 5", "  fails: 500", "line 7: lock: fails must be a whole number"),
        ("  fails: 5", "  fail: 5", "line 7: lock: fail is not a setting"),
        ("lock:", "colour: red\nlock:", "line 5: colour is not a setting"),
        ("lock:\n  mode: wait\n  fails: 5\n", "lock: 5\n", "line 5: lock must be a group"),
        ("    url: https://library", "    url: library", "line 15: plugins[0]: url must be an address"),
        ("    url: https://library.example.org", "    x: y", "line 14: plugins[0]: url is missing"),
        ("  - name: Library\n    url: https://library.example.org", "  - Library", "plugins[0] must be a"),
        ("    phone: (508) 555-0101", "    fax: 1", "line 12: help: on: fax is not a setting"),
        ("https://ps.westboroughk12.org/public", "http://[", "line 3: portal_url must be an address"),
        ("America/New_York", "America", "line 4: time_zone must be a time zone"),
        ("name: Westborough Public Schools\n", "", "line 2: name is missing"),
        ("  fails: 5", "  fails: 5\n  mode: wait", "line 8: mode is there twice, first on line 6"),
        ("plugins:", "name: Again\nplugins:", "line 13: name is there twice, first on line 2"),
        ("  fails: 5", "  ? [fails]\n  : 5", "line 7: write a name before the colon"),
        ("  fails: 5", "  fails: !!python/name:os.system 5", "line 7: could not determine a constructor"),
        ("  fails: 5", "  fails: [5", "this is not YAML"),
        ("  mode: wait", "\tmode: wait", "line 6: this is not YAML"),
        ("America/New_York", "\udcff", "this is not YAML"),
    ],
)
def test_wrong_file_is_refused_by_file_line_and_key(
    portal: Portal, tmp_path: Path, old: str, new: str, told: str
) -> None:
    assert old in GOOD

    said = refusal(portal, tmp_path, GOOD.replace(old, new, 1))

    assert said.startswith("districts/westborough.yml")
    assert told in said
    assert "\n" not in said
    with portal.begin(read_only=True) as tx:
        assert tx.districts.all() == []


@pytest.mark.parametrize("content", ["", "just words", "- a\n- list\n"])
def test_file_without_options_is_refused(portal: Portal, tmp_path: Path, content: str) -> None:
    assert refusal(portal, tmp_path, content) == (
        "districts/westborough.yml: write one option a line, as `name: ...`."
    )


def test_merged_group_is_read_like_a_written_one(portal: Portal, tmp_path: Path) -> None:
    merged = (
        "help:\n  default: &desk\n    phone: '1'\n    hours: all day\n  '2':\n    <<: *desk\n    phone: '2'\n"
    )
    write(tmp_path, GOOD.split("help:", maxsplit=1)[0] + merged)

    apply_districts(portal, tmp_path)

    with portal.begin(read_only=True) as tx:
        help_at = tx.districts.get_one("westborough").options.help_at
        assert (help_at("2").phone, help_at("2").hours, help_at().phone) == ("2", "all day", "1")


def test_file_that_cannot_be_read_is_named(portal: Portal, tmp_path: Path) -> None:
    (tmp_path / "westborough.yml").mkdir()

    with pytest.raises(SettingsError, match=r"districts/westborough\.yml cannot be read"):
        apply_districts(portal, tmp_path)


def test_one_wrong_file_leaves_the_district_as_it_was(portal: Portal, tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    apply_districts(portal, tmp_path)

    refusal(portal, tmp_path, GOOD.replace("fails: 5", "fails: 0"))

    with portal.begin(read_only=True) as tx:
        assert tx.districts.get_one("westborough").options.lock.fails == 5
