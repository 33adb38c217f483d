"""The page of figures is what the benches kept, and a goal that was missed stands there as missed."""

import json
from pathlib import Path

from bench.report import PAGE, RESULTS, Goal, Measured, Table, build, keep

MEASURED = Measured(
    "Turns",
    "python -m bench.turn",
    [Table("Waits", [{"what": "a | turn", "p50 ms": 8.25, "n": 450}, {"what": "start", "first": True}])],
    [Goal("p50", 8.25, "ms", at_most=15), Goal("turns a second", 90, "", at_least=150)],
    "Said beside it.",
)


def test_page_of_figures_matches_what_the_benches_kept() -> None:
    assert PAGE.read_text(encoding="utf-8") == build(), "run: python -m bench.report"


def test_every_kept_result_has_the_one_shape() -> None:
    for path in RESULTS.glob("*.json"):
        run = json.loads(path.read_text(encoding="utf-8"))

        assert set(run) == {"bench", "day", "machine", "title", "how", "tables", "goals", "note"}, path.name
        assert run["bench"] == path.stem
        assert all(row for table in run["tables"] for row in table["rows"]), path.name


def test_what_is_kept_says_where_when_and_how_it_was_measured(tmp_path: Path) -> None:
    page_before = PAGE.read_text(encoding="utf-8")

    kept = json.loads(keep("turn", MEASURED, tmp_path).read_text(encoding="utf-8"))

    assert kept["how"] == "python -m bench.turn"
    assert kept["machine"]["cores"] > 0
    assert kept["day"].startswith("20")
    assert PAGE.read_text(encoding="utf-8") == page_before


def test_page_tells_goals_first_and_missed_ones_plainly(tmp_path: Path) -> None:
    keep("turn", MEASURED, tmp_path)

    page = build(tmp_path)

    assert "## Goals: 1 of 2 kept" in page
    assert "| Turns | p50 | 8.25 ms | ≤ 15 ms | yes |" in page
    assert "| Turns | turns a second | 90  | ≥ 150  | **no** |" in page
    assert "| what | p50 ms | n | first |" in page
    assert r"| a \| turn | 8.25 | 450 | - |" in page
    assert "Said beside it." in page


def test_goal_with_two_bounds_is_kept_between_them() -> None:
    goals = [Goal("x", value, "s", at_most=3, at_least=2) for value in (1.9, 2.0, 3.0, 3.1)]

    assert [goal.is_kept for goal in goals] == [False, True, True, False]
