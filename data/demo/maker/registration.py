"""Offer next year's courses and say when families register for them."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from maker.classes import ELECTIVES, Course, catalog
from maker.people import District, School
from maker.terms import ANCHOR

Row = tuple[str, ...]
NEXT_YEAR = "2028"
LEAST, MOST = "4", "6"
DESCRIPTIONS = {
    "Art": "Drawing, painting and printing.",
    "Chorus": "Singing in parts, with a concert each half-year.",
    "Concert Band": "For whoever plays a wind instrument or drums.",
    "Environmental Science": "Water, soil and weather, with days outdoors.",
    "Music": "Singing, listening and first instruments.",
    "Statistics": "Data, chance and what may be concluded from them.",
    "Studio Art": "Drawing, painting and clay.",
}
# What a course asks for that a student of its grade has not simply had in the year before.
AFTER = {
    "Algebra II": ("Geometry",),
    "Spanish II": ("Spanish I",),
    "Spanish III": ("Spanish II",),
    "Spanish IV": ("Spanish III",),
    "Statistics": ("Algebra II",),
}
# These are open to younger students too, so that one meets a rule that stops them.
EARLY = {"Environmental Science": (9, 10), "Statistics": (10,)}
FULL = "Environmental Science"


@dataclass(frozen=True, slots=True)
class Opening:
    """Say how many days from the anchor a school's registration opens and closes."""

    opens: int
    closes: int


OPENINGS = {
    "101": Opening(-10, 60),
    "102": Opening(-10, 60),
    "4011": Opening(90, 120),
    "4012": Opening(-40, -12),
}


def registration_windows(district: District) -> list[Row]:
    """Return a window for each school and grade that moves up to one of its grades."""
    return [_window(school, grade) for school in district.schools for grade in _choosing(district, school)]


def course_offerings(district: District, requests: Sequence[Row]) -> list[Row]:
    """Return what each school offers next year; the course that is full has no seat beyond its requests."""
    taken = Counter(row[1] for row in requests if row[3] != "denied")
    return [
        _offering(course, grades, taken)
        for school in district.schools
        for course in catalog(school)
        if (grades := _grades(course, _choosing(district, school)))
    ]


def _choosing(district: District, school: School) -> list[int]:
    """Return the grades, of now, that choose among the courses of a school."""
    known = {grade for each in district.schools for grade in each.grades}
    return [grade - 1 for grade in school.grades if grade - 1 in known]


def _window(school: School, grade: int) -> Row:
    when = OPENINGS[school.identifier]
    days = (str(ANCHOR + timedelta(days=day)) for day in (when.opens, when.closes))
    return (school.identifier, NEXT_YEAR, f"{grade:02d}", *days, LEAST, MOST)


def _grades(course: Course, choosing: Sequence[int]) -> list[int]:
    if course.grade is None:
        return list(choosing)
    return [grade for grade in (*EARLY.get(course.title, ()), course.grade - 1) if grade in choosing]


def _offering(course: Course, grades: Sequence[int], taken: Counter[str]) -> Row:
    own = course.sourced_id
    if course.title == FULL:
        seats = str(taken[own])
    else:
        seats = "24" if course.title in ELECTIVES[course.school.catalog] else ""
    after = {each.title: each.sourced_id for each in catalog(course.school)}
    needed = ",".join(after[title] for title in AFTER.get(course.title, ()))
    listed = ",".join(f"{grade:02d}" for grade in grades)
    return (own, NEXT_YEAR, DESCRIPTIONS.get(course.title, ""), listed, seats, needed)
