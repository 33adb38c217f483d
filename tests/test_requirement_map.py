"""The page of proved requirements is true."""

from pathlib import Path

from tests.support.requirement_map import PAGE, ROOT, build


def test_page_of_proofs_matches_the_markers() -> None:
    page = PAGE.read_text(encoding="utf-8")

    assert page == build(ROOT / "tests"), "run: python -m tests.support.requirement_map"


def test_every_marker_names_a_requirement_or_a_case_that_exists() -> None:
    shared = Path(ROOT.parent, "shared")
    known = (shared / "requirements.md").read_text() + (shared / "security.md").read_text()

    named = [line.split("|")[1].strip() for line in PAGE.read_text().splitlines() if line.startswith("| ")]

    assert [name for name in named if name != "id" and f"| {name} |" not in known] == []
