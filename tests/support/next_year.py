"""Offer next year's courses to the children of the small roster."""

from tests.support.rosters import Roster, small_roster

COURSES = {
    "C-ALG2": ("Algebra II", "ALG-2", "C-ALG"),
    "C-ART": ("Studio Art", "ART", ""),
    "C-CHEM": ("Chemistry", "CHEM", "C-BIO"),
    "C-GEO": ("Geometry", "GEO", ""),
    "C-PHYS": ("Physics", "PHYS", "C-CHEM"),
}


def offered(**window: str) -> Roster:
    """Let both children of the small roster choose among five courses until the end of November."""
    roster = small_roster()
    given = {"schoolYear": "2028", "opens": "2026-10-01", "closes": "2026-11-30", **window}
    roster.add("x_registration_windows", **{"schoolIdentifier": "100", **given})
    for key, (title, code, after) in COURSES.items():
        roster.add("courses", sourcedId=key, title=title, courseCode=code, orgSourcedId="HS")
        roster.add("x_course_offerings", courseSourcedId=key, schoolYear="2028", prerequisites=after)
    return roster


def requested(roster: Roster, student: str, course: str, status: str = "requested") -> Roster:
    """Let the school have a request."""
    row = {"studentIdentifier": student, "courseSourcedId": course, "schoolYear": "2028"}
    return roster.add("x_course_requests", status=status, **row)


def offer(roster: Roster, course: str, **cells: str) -> Roster:
    """Change on which conditions a course is offered."""
    next(row for row in roster.rows["x_course_offerings"] if row["courseSourcedId"] == course).update(cells)
    return roster
