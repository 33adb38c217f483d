"""Rewrite the files of both demo districts: `python data/demo/make.py [FOLDER]`.

The same program always writes the same bytes. Needs Faker, a development dependency. What a
district decides for itself, `district.yml`, is written by hand and left alone.
"""

import sys
from pathlib import Path

import yaml
from maker.boston import BOSTON
from maker.files import write_district
from maker.fillers import all_families
from maker.parents import parents
from maker.people import District, enrol
from maker.staff import staff
from maker.terms import ANCHOR, CURRENT
from maker.westborough import WESTBOROUGH

NOTE = "# Made-up parents of the demo, written by data/demo/make.py; their passwords open nothing else.\n"


def make(folder: Path, district: District) -> None:
    """Write the district's files into the folder, made if absent."""
    folder.mkdir(parents=True, exist_ok=True)
    roster = enrol(district, all_families(district))
    write_district(folder, district, roster)
    dates = {"anchor": ANCHOR, "current_term_starts": CURRENT.start, "current_term_ends": CURRENT.end}
    working = staff(district.slug, district.schools[0].name)
    made_up = {"dates": dates, "parents": parents(district.slug, roster), "staff": working}
    words = yaml.safe_dump(made_up, allow_unicode=True, sort_keys=False)
    (folder / "parents.yml").write_text(NOTE + words, encoding="utf-8")


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for each in (WESTBOROUGH, BOSTON):
        make(target / each.slug, each)
