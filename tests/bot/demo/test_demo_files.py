"""The committed files of the demo are what the generator writes, and can reach nobody."""

import csv
import re
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
import yaml

from bot.demo.files import DistrictFiles, read_districts
from bot.settings import ROOT
from portal.accounts.passwords import normalised
from portal.accounts.policy import Owner, broken_rules
from portal.core.options import AccountOpening, Profile, read_options

DATA = ROOT / "data" / "demo"
SLUGS = ["boston", "westborough"]
Rows = list[dict[str, str]]


def rows(slug: str, name: str) -> Rows:
    with (DATA / slug / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def people(slug: str, *roles: str) -> Rows:
    return [user for user in rows(slug, "users") if user["role"] in roles]


def children_of(slug: str, contact: dict[str, str]) -> Rows:
    by_id = {user["sourcedId"]: user for user in people(slug, "student")}
    return [by_id[agent] for agent in contact["agentSourcedIds"].split(",")]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("demo")
    command = [sys.executable, str(DATA / "make.py"), str(folder)]
    subprocess.run(command, check=True)
    return folder


@pytest.mark.parametrize("slug", SLUGS)
def test_making_the_files_again_writes_the_committed_bytes(written: Path, slug: str) -> None:
    committed = {
        path.name: path.read_bytes() for path in (DATA / slug).iterdir() if path.name != "district.yml"
    }

    made = {path.name: path.read_bytes() for path in (written / slug).iterdir()}

    assert made == committed


@pytest.mark.parametrize("slug", SLUGS)
def test_every_address_and_number_is_reserved_for_examples(slug: str) -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in (DATA / slug).iterdir())

    domains = set(re.findall(r"@([\w.-]+)", text))
    phones = re.findall(r"\(\d{3}\) \d{3}-\d{4}", text)

    assert {domain.rsplit(".", 1)[-1] for domain in domains} == {"example"}
    assert phones
    assert all(re.fullmatch(r"\(\d{3}\) 555-01\d\d", phone) for phone in phones)


@pytest.mark.parametrize("slug", SLUGS)
def test_each_district_has_two_schools_and_forty_students_in_six_courses(slug: str) -> None:
    schools = [org for org in rows(slug, "orgs") if org["type"] == "school"]
    students = people(slug, "student")
    courses = Counter(each["userSourcedId"] for each in rows(slug, "enrollments"))

    assert len(schools) == 2
    assert len(students) == 40
    assert {student["orgSourcedIds"] for student in students} == {school["sourcedId"] for school in schools}
    assert {courses[student["sourcedId"]] for student in students} == {6}


@pytest.mark.parametrize("slug", SLUGS)
def test_the_families_test_the_design(slug: str) -> None:
    contacts = people(slug, "parent", "guardian")
    names = Counter((each["givenName"], each["familyName"]) for each in contacts)
    families = [children_of(slug, contact) for contact in contacts]
    spelled = "".join(user["givenName"] + user["familyName"] for user in rows(slug, "users"))

    assert 2 in names.values()
    assert any(
        len({child["orgSourcedIds"] for child in family}) == 2 for family in families if len(family) == 3
    )
    assert any(
        len({child["givenName"] for child in family})
        < len({child["grades"] for child in family})
        == len(family)
        for family in families
    )
    assert any(not contact["email"] for contact in contacts)
    assert {"é", "ë", "'", "-", " "} <= set(spelled)


@pytest.mark.parametrize("slug", SLUGS)
def test_some_parents_live_apart_one_is_barred_and_one_is_a_grandmother(slug: str) -> None:
    relationships = rows(slug, "x_relationships")
    apart = {each["studentIdentifier"] for each in relationships if each["livesWith"] == "false"}
    together = {each["studentIdentifier"] for each in relationships if each["livesWith"] == "true"}
    barred = [each for each in rows(slug, "x_portal_access") if each["portalAccess"] == "false"]

    assert len(apart & together) >= 2
    assert len(barred) == 1
    assert "Grandmother" in {each["relation"] for each in relationships}


@pytest.mark.parametrize("slug", SLUGS)
def test_grades_are_final_for_the_previous_term_only(slug: str) -> None:
    finals = {(grade["termSourcedId"], grade["final"]) for grade in rows(slug, "x_term_grades")}
    statuses = {result["scoreStatus"] for result in rows(slug, "results")}
    marks = {result["comment"] for result in rows(slug, "results")}

    assert finals == {("T1", "true"), ("T2", "false")}
    assert statuses == {"fully graded", "not submitted", "exempt"}
    assert {"Missing", "Late"} <= marks


@pytest.mark.parametrize("slug", SLUGS)
def test_attendance_has_every_kind_for_days_and_for_classes(slug: str) -> None:
    events = rows(slug, "x_attendance")

    days = {event["category"] for event in events if not event["sectionIdentifier"]}
    classes = {event["category"] for event in events if event["sectionIdentifier"]}

    assert days == {"Excused Absence", "Unexcused Absence", "Tardy", "Partial"}
    assert classes == {"Excused Absence", "Unexcused Absence", "Tardy"}


@pytest.mark.parametrize(
    ("slug", "file", "column"),
    [
        (slug, *place)
        for slug in SLUGS
        for place in (
            ("results", "scoreDate"),
            ("x_attendance", "date"),
            ("x_transactions", "date"),
            ("x_test_results", "date"),
            ("x_bulletins", "date"),
        )
    ],
)
def test_nothing_recorded_lies_on_or_after_the_anchor(slug: str, file: str, column: str) -> None:
    (anchor,) = [files.dates.anchor for files in read_districts(DATA) if files.slug == slug]

    days = [date.fromisoformat(row[column]) for row in rows(slug, file)]

    assert days
    assert max(days) < anchor


@pytest.mark.parametrize("files", read_districts(DATA), ids=lambda files: str(files.slug))
def test_the_dates_beside_the_parents_are_those_of_the_current_term(files: DistrictFiles) -> None:
    terms = [term for term in rows(files.slug, "academicSessions") if term["type"] == "term"]
    bounds = [(date.fromisoformat(t["startDate"]), date.fromisoformat(t["endDate"])) for t in terms]

    (current,) = [(start, end) for start, end in bounds if start <= files.dates.anchor <= end]

    assert current == (files.dates.term_starts, files.dates.term_ends)


@pytest.mark.parametrize("files", read_districts(DATA), ids=lambda files: str(files.slug))
def test_every_password_pleases_its_district_and_is_long(files: DistrictFiles) -> None:
    options = read_options(files.slug, yaml.safe_load((files.folder / "district.yml").read_bytes()))

    for plan in files.parents:
        owner = Owner(files.slug, plan.username, plan.name)
        assert broken_rules(normalised(plan.password), owner, options) == []
        assert len(plan.password.value) >= 15


@pytest.mark.requirement("R3", "R49", "R107", "R119")
def test_the_districts_are_modelled_on_the_two_guides() -> None:
    westborough, boston = (
        read_options(slug, yaml.safe_load((DATA / slug / "district.yml").read_bytes()))
        for slug in ("westborough", "boston")
    )

    assert (westborough.profile, westborough.account_opening) == (
        Profile.POWERSCHOOL,
        AccountOpening.ACCESS_ID,
    )
    assert westborough.portal_url == "https://ps.westboroughk12.org/public"
    assert westborough.mobile_server
    assert re.fullmatch("[A-Z]{4}", westborough.district_code or "")
    assert (boston.profile, boston.account_opening) == (Profile.ASPEN, AccountOpening.REQUEST)
    assert boston.portal_url == "https://sis.mybps.org"
    assert not boston.mobile_server
    assert boston.name == "Boston Public Schools"
