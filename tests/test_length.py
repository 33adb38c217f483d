"""A file is read at one sitting: it has at most 300 lines, or a reason that is written down here."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = ("actions", "bench", "bot", "portal", "voice", "web")
MOST_LINES = 300
REASONS = {
    "portal/accounts/outcomes.py": "what goes into each operation on an account, and what comes out of it",
    "portal/migrations/versions/0001_make_the_first_tables.py": "a step that was released is not taken apart",
    "portal/migrations/versions/0005_let_staff_work.py": "a step that was released is not taken apart",
    "portal/sis/models.py": "the tables of the school's records, one after the other",
    "portal/sis/source.py": "what a source says of each kind of record, one after the other",
    "portal/transaction.py": "the one door to the portal, with a method for each operation that hashes",
}


def test_longer_files_are_those_with_a_reason() -> None:
    files = (path for folder in PROGRAM for path in (ROOT / folder).rglob("*.py"))
    longer = {
        path.relative_to(ROOT).as_posix()
        for path in files
        if len(path.read_text("utf-8").splitlines()) > MOST_LINES
    }

    assert longer == set(REASONS)
