"""Find what a parent names: children, courses, terms, days, and the small things."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from bot.conversation.understanding import Names, Parse, Understanding

Read = Callable[[str], Parse]
TODAY = date(2026, 10, 15)


def values(parse: Parse, name: str) -> list[Any]:
    return [entity.value for entity in parse.entities if entity.name == name]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("whats maya's grade in math", ["Maya Lopez"]),
        ("mayas grades", ["Maya Lopez"]),
        ("MAYA GRADES", ["Maya Lopez"]),
        ("grades for maya lopez please", ["Maya Lopez"]),
        ("myaa grades", ["Maya Lopez"]),
        ("how is jose doing", ["José O'Brien"]),
        ("joses attendance", ["José O'Brien"]),
        ("grades for jose obrien", ["José O'Brien"]),
        ("show me Jos\u00e9\u2019s grades", ["José O'Brien"]),
        ("grades for maya and jose", ["Maya Lopez", "José O'Brien"]),
        ("how is will doing", ["Will O'Brien"]),
        ("and maya?", ["Maya Lopez"]),
    ],
)
def test_own_child_is_found_by_its_own_name(read: Read, text: str, found: list[str]) -> None:
    assert values(read(text), "student") == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("what's jordan's grade", ["jordan"]),
        ("how is jordan doing", ["jordan"]),
        ("jordan smiths grades", ["jordan smiths"]),
        ("grades for zyler", ["zyler"]),
        ("zyler's attendance", ["zyler"]),
        ("did xiomara miss school", ["xiomara"]),
        ("how is grace doing in school", ["grace"]),
        ("maya johnson grades", ["maya johnson"]),
        ("maria grades", ["maria"]),
    ],
)
def test_somebody_elses_child_is_found_as_typed(read: Read, text: str, found: list[str]) -> None:
    """Nobody may get an answer about another child than the one asked for (never their own instead)."""
    assert values(read(text), "student") == found


@pytest.mark.parametrize(
    "text",
    [
        "what are today's grades",
        "my son's grades",
        "whats my sons grade in math",
        "show me her math grade",
        "is she failing",
        "will there be school tomorrow",
        "grade for homework",
        "did mr jordan write a comment",
        "comments from ms. rivera",
        "grades for wednsday",
        "my username is rosa.perez",
        "how do i see the attendence",
    ],
)
def test_ordinary_words_are_no_children(read: Read, text: str) -> None:
    assert values(read(text), "student") == []


def test_two_children_of_one_first_name_are_left_to_be_asked(understanding: Understanding) -> None:
    names = Names(students=("Alex Kim", "Alex Lee"))

    first = understanding.parse("how is alex doing", names=names, today=TODAY)
    full = understanding.parse("how is alex lee doing", names=names, today=TODAY)

    assert values(first, "student") == ["alex"]
    assert values(full, "student") == ["Alex Lee"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("grade in algebra", ["Algebra 1"]),
        ("math grade maya", ["Algebra 1"]),
        ("how is she doing in algebra 1", ["Algebra 1"]),
        ("bio grade", ["Biology"]),
        ("biolgy grade", ["Biology"]),
        ("is maya passing gym", ["Physical Education"]),
        ("how is she doing in history", ["United States History"]),
        ("grades in english", ["English 7"]),
        ("how is maya doing in spanish", ["Spanish II"]),
        ("grades history", []),
        ("english please", []),
        ("photojournalism grade", ["photojournalism"]),
    ],
)
def test_courses_are_found_by_title_and_by_subject(read: Read, text: str, found: list[str]) -> None:
    assert values(read(text), "course") == found


def test_subject_that_fits_several_courses_stays_as_typed(understanding: Understanding) -> None:
    names = Names(courses=("Math 4", "Algebra I"))

    assert values(understanding.parse("math grade", names=names, today=TODAY), "course") == ["math"]
    assert values(understanding.parse("algebra grade", names=names, today=TODAY), "course") == ["Algebra I"]
    assert values(understanding.parse("algebra grade", today=TODAY), "course") == ["algebra"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("how many days was maya absent this term", ["current"]),
        ("grades this marking period", ["current"]),
        ("grades last quarter", ["previous"]),
        ("last semesters grades", ["previous"]),
        ("grades for q1", ["Quarter 1"]),
        ("grades for the second quarter", ["Quarter 2"]),
        ("grades for semester 1", ["Semester 1"]),
        ("grades for semester 2", ["semester 2"]),
        ("grades in the fall semester", ["2026-2027 Fall Semester"]),
        ("grades", []),
    ],
)
def test_terms_are_current_previous_or_a_title(read: Read, text: str, found: list[str]) -> None:
    assert values(read(text), "term") == found


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("was lucas late today", "2026-10-15", "2026-10-15"),
        ("was she absent yesterday", "2026-10-14", "2026-10-14"),
        ("was she absent the day before yesterday", "2026-10-13", "2026-10-13"),
        ("homework for tomorrow", "2026-10-16", "2026-10-16"),
        ("was she absent last tuesday", "2026-10-13", "2026-10-13"),
        ("was he late on monday", "2026-10-12", "2026-10-12"),
        ("was he late on thursday", "2026-10-08", "2026-10-08"),
        ("was he late this wednesday", "2026-10-14", "2026-10-14"),
        ("did he skip on Wendsday", "2026-10-14", "2026-10-14"),
        ("whats due friday", "2026-10-16", "2026-10-16"),
        ("whats due next monday", "2026-10-19", "2026-10-19"),
        ("which homework was due last friday", "2026-10-09", "2026-10-09"),
        ("homework due the 20th", "2026-10-20", "2026-10-20"),
        ("absences from friday to tuesday", "2026-10-09", "2026-10-13"),
        ("homework from wednesday to monday", "2026-10-21", "2026-10-26"),
        ("attendance this week", "2026-10-12", "2026-10-18"),
        ("attendance last week", "2026-10-05", "2026-10-11"),
        ("homework next week", "2026-10-19", "2026-10-25"),
        ("attendance this month", "2026-10-01", "2026-10-31"),
        ("attendance last month", "2026-09-01", "2026-09-30"),
        ("absences in september", "2026-09-01", "2026-09-30"),
        ("absences since october", "2026-10-01", "2026-10-15"),
        ("missing assignments since august", "2026-08-01", "2026-10-15"),
        ("absences since september 28", "2026-09-28", "2026-10-15"),
        ("was she absent on 10/3", "2026-10-03", "2026-10-03"),
        ("was she absent on october 3rd", "2026-10-03", "2026-10-03"),
        ("was she absent on the 3rd of october", "2026-10-03", "2026-10-03"),
        ("was she absent 2026-10-02", "2026-10-02", "2026-10-02"),
        ("was she here on the 5th", "2026-10-05", "2026-10-05"),
        ("absences from monday to wednesday", "2026-10-12", "2026-10-14"),
        ("absences between october 1 and october 9", "2026-10-01", "2026-10-09"),
        ("tardies last 2 weeks", "2026-10-01", "2026-10-15"),
        ("absences in the last ten days", "2026-10-05", "2026-10-15"),
        ("attendance since the beginning of the year", "2026-08-01", "2026-10-15"),
        ("attendance last year", "2025-08-01", "2026-07-31"),
    ],
)
def test_days_become_a_range_of_iso_dates(read: Read, text: str, since: str, until: str) -> None:
    assert values(read(text), "date_range") == [{"since": since, "until": until}]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("was esther sick on the third of october", "2026-10-03"),
        ("was she absent september twenty-first", "2026-09-21"),
    ],
)
def test_a_spoken_day_is_one_day(read: Read, text: str, day: str) -> None:
    assert values(read(text), "date_range") == [{"since": day, "until": day}]


@pytest.mark.parametrize(
    "text", ["may i see grades", "period 3 attendance", "grades on 13/45", "was he here on the 45th", "hi"]
)
def test_text_without_a_day_has_no_range(read: Read, text: str) -> None:
    assert values(read(text), "date_range") == []


@pytest.mark.parametrize(
    ("text", "name", "found"),
    [
        ("attendance period 3", "class_period", ["3"]),
        ("did she miss third period", "class_period", ["3"]),
        ("did she miss 3rd hour yesterday", "class_period", ["3"]),
        ("grades for marking period 2", "class_period", []),
        ("was she absent", "attendance_kind", ["absent"]),
        ("how many tardies", "attendance_kind", ["tardy"]),
        ("absences and tardies for maya", "attendance_kind", ["absent", "tardy"]),
        ("was he abesnt today", "attendance_kind", ["absent"]),
        ("how many unexcused absences", "attendance_kind", ["unexcused"]),
        ("was the absence excused", "attendance_kind", ["excused"]),
        ("excused or unexcused absences", "attendance_kind", ["absent", "absent", "absent"]),
        ("how is my older son", "relative", ["older son"]),
        ("my daughter's grades", "relative", ["daughter"]),
        ("and the other one", "relative", ["other one"]),
        ("my kids", "relative", []),
        ("my child is sick today", "topic", ["report_absence"]),
        ("show me grades", "topic", []),
        ("let me try again", "again", [True]),
        ("sign in", "again", []),
        ("how many days was he absent", "count", ["how_many"]),
        ("show me the last 3 absences", "count", [3]),
        ("absences in the last 3 weeks", "count", []),
        ("how do i see grades", "how_to", [True]),
        ("where is the sign out button", "how_to", [True]),
        ("steps to sign in", "how_to", [True]),
        ("show me grades", "how_to", []),
        ("my username is mlopez", "username", ["mlopez"]),
        ("no, the username is M.Lopez7.", "username", ["M.Lopez7"]),
        ("username: rosa.perez", "username", ["rosa.perez"]),
        ("log me in as mlopez", "username", ["mlopez"]),
        ("username sorry its mlopez", "username", ["mlopez"]),
        ("it's mlopez", "username", []),
        ("sign in as a parent", "username", []),
        ("my username is wrong", "username", []),
        ("in spanish please", "language", ["es"]),
        ("en español", "language", ["es"]),
        ("说中文", "language", ["zh"]),
        ("can you speak haitian creole", "language", ["ht"]),
        ("cape verdean creole please", "language", ["kea"]),
        ("speak portugeuse", "language", ["pt"]),
        ("show me the grades in vietnamese", "language", ["vi"]),
        ("spanish grade", "language", []),
        ("i am in Westborough", "district", ["westborough"]),
        ("boston public schools", "district", ["Boston Public Schools"]),
    ],
)
def test_small_things_are_found(read: Read, text: str, name: str, found: list[Any]) -> None:
    assert values(read(text), name) == found


def test_entities_stand_where_they_were_typed(read: Read) -> None:
    parse = read("  what was\tMaya\u2019s  grade in Algebra 1 last quarter ?")

    assert parse.text == "what was Maya\u2019s grade in Algebra 1 last quarter ?"
    assert {entity.name: parse.text[entity.start : entity.end] for entity in parse.entities} == {
        "student": "Maya\u2019s",
        "course": "Algebra 1",
        "term": "last quarter",
    }
    assert parse.first("student") == "Maya Lopez"
    assert parse.first("username") is None


@pytest.mark.parametrize(
    "text", ["grades for Yusuf Hassan", "yusuf hassan's grades", "Yusuf Hassan absences"]
)
def test_two_first_names_side_by_side_are_one_person(read: Read, text: str) -> None:
    assert [name.lower() for name in values(read(text), "student")] == ["yusuf hassan"]


@pytest.mark.parametrize("name", ["Aoife Murphy", "Chidi Okafor", "Amadou N'Diaye"])
def test_grades_of_somebody_are_asked_for_whoever_it_is(read: Read, name: str) -> None:
    parsed = read(f"What are the grades of {name}?")

    assert parsed.intent == "ask_grades"
    assert values(parsed, "student") == [name]
