"""The page of proved requirements is true."""

from tests.support.published import beside
from tests.support.requirement_map import FINISHED, FINISHED_CASES, PAGE, ROOT, build, markers


def test_page_of_proofs_matches_the_markers() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert page == build(ROOT / "tests"), "run: python -m tests.support.requirement_map"


def test_every_marker_names_a_requirement_or_a_case_that_exists() -> None:
    known = "".join(beside(name).read_text(encoding="utf-8") for name in ("requirements.md", "security.md"))

    named = [line.split("|")[1].strip() for line in PAGE.read_text().splitlines() if line.startswith("| ")]

    assert [name for name in named if name != "id" and f"| {name} |" not in known] == []


def test_every_requirement_and_case_of_a_finished_area_has_a_test() -> None:
    proved = {(kind, name) for kind, name, _ in markers(ROOT / "tests")}

    missing = {name for name in FINISHED if ("requirement", name) not in proved}
    missing |= {name for name in FINISHED_CASES if ("case", name) not in proved}

    assert not sorted(missing)
