"""What is wrong in the files about registration is named by file, row, column and value."""

import pytest

from tests.support.next_year import offer, offered
from tests.support.rosters import Refusal, Roster

WINDOWS, OFFERINGS = "x_registration_windows.csv", "x_course_offerings.csv"


def window(**cells: str) -> Roster:
    roster = offered()
    roster.rows["x_registration_windows"][0].update(cells)
    return roster


@pytest.mark.parametrize(
    ("broken", "place", "text"),
    [
        (
            window(schoolIdentifier="7"),
            (WINDOWS, 2, "schoolIdentifier", "7"),
            "no school has this identifier",
        ),
        (window(schoolIdentifier=""), (WINDOWS, 2, "schoolIdentifier", ""), "must not be empty"),
        (window(schoolYear="2027-2028"), (WINDOWS, 2, "schoolYear", "2027-2028"), "school year ends"),
        (window(schoolYear=""), (WINDOWS, 2, "schoolYear", ""), "must not be empty"),
        (window(opens="1 October"), (WINDOWS, 2, "opens", "1 October"), "not a date"),
        (window(closes=""), (WINDOWS, 2, "closes", ""), "must hold a date"),
        (
            window(closes="2026-09-30"),
            (WINDOWS, 2, "closes", "2026-09-30"),
            "before the day on which it opens",
        ),
        (window(leastCourses="-1"), (WINDOWS, 2, "leastCourses", "-1"), "not a whole number"),
        (window(mostCourses="many"), (WINDOWS, 2, "mostCourses", "many"), "not a whole number"),
        (
            window(leastCourses="4", mostCourses="3"),
            (WINDOWS, 2, "mostCourses", "3"),
            "less than leastCourses, 4",
        ),
        (
            offer(offered(), "C-GEO", courseSourcedId="C-X"),
            (OFFERINGS, 5, "courseSourcedId", "C-X"),
            "no course",
        ),
        (offer(offered(), "C-GEO", schoolYear="28"), (OFFERINGS, 5, "schoolYear", "28"), "school year ends"),
        (offer(offered(), "C-GEO", seats="2.5"), (OFFERINGS, 5, "seats", "2.5"), "not a whole number"),
        (
            offer(offered(), "C-GEO", prerequisites="C-ALG,C-X"),
            (OFFERINGS, 5, "prerequisites", "C-X"),
            "no course",
        ),
        (
            offer(offered(), "C-GEO", prerequisites="C-GEO"),
            (OFFERINGS, 5, "prerequisites", "C-GEO"),
            "its own prerequisite",
        ),
    ],
)
def test_a_wrong_cell_is_named(
    refused: Refusal, broken: Roster, place: tuple[str, int, str, str], text: str
) -> None:
    refusal = refused(broken)

    found = [(each.file, each.row, each.column, each.value) for each in refusal.problems if text in each.text]
    assert found[:1] == [place], refusal


@pytest.mark.parametrize(
    ("file", "row"),
    [("x_registration_windows", 3), ("x_course_offerings", 7)],
)
def test_the_same_row_twice_is_named(refused: Refusal, file: str, row: int) -> None:
    roster = offered()
    roster.add(file, **roster.rows[file][0])

    refusal = refused(roster)

    assert [each.row for each in refusal.problems] == [row]
    assert "row 2 is the same one already" in refusal.problems[0].text
