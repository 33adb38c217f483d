"""Read each page of a child's records: what is on it, for whom, and what it says where there is nothing."""

import httpx
import pytest

from portal.sis.announcements import AnnouncementRow
from portal.transaction import Portal
from tests.support.clock import FakeClock
from tests.support.portals import make_district, make_parent
from tests.support.public_site import HTML, enter, read
from tests.web.public.records.conftest import EVERYTHING, Import

W = "/westborough/public/"


async def page_of(client: httpx.AsyncClient, child: str, name: str, **asked: str) -> str:
    page = await client.get(f"{W}{name}", params={"student": child, **asked}, headers=HTML)
    assert page.status_code == 200
    whole = read(page).rpartition("app to sign in to the district.")[2]
    # What is absent is a dash, and so is what stands between two times.
    return whole.replace("\N{EN DASH}", "-")


@pytest.mark.requirement("R92")
async def test_grades_and_attendance_of_the_term(inside: httpx.AsyncClient, families: dict[str, str]) -> None:
    page = await page_of(inside, families["Maya"], "grades")

    assert page.startswith(" Grades and Attendance Maya López Assabet Ridge School Grade 9")
    assert "Grades, Fall August 31, 2026 to January 22, 2027" in page
    assert "Algebra I B+ (88%) so far 3 Ada Stone" in page
    assert "English 9 A (95.5%) so far 1" in page
    assert "Art no grade yet 5 -" in page
    assert "Days absent 3 2 excused, 1 unexcused Times late 1 Absent from single classes 1" in page
    assert "Sep 30, 2026 late, arrived at 8:20 AM - Bus" in page
    assert "Oct 7, 2026 absent, unexcused Algebra I -" in page
    assert "Records as of October 15, 2026." in page


async def test_scores_so_far_are_called_that_and_no_grade(
    inside: httpx.AsyncClient, families: dict[str, str], import_school: Import
) -> None:
    import_school(x_term_grades=("7001,KX,T1,,,false,Maya takes part in every discussion.\n", ""))

    page = await page_of(inside, families["Maya"], "grades")

    assert "Art no grade yet; 2 scores so far: 27 of 30 points 5 -" in page


async def test_class_leads_to_its_assignments(inside: httpx.AsyncClient, families: dict[str, str]) -> None:
    grades = await inside.get(f"{W}grades?student={families['Maya']}", headers=HTML)
    page = await page_of(inside, families["Maya"], "assignments", course="English 9", term="Fall")

    assert (
        f'href="{W}assignments?course=English+9&amp;term=Fall&amp;student={families["Maya"]}"' in grades.text
    )
    assert "3 assignments" in page
    assert "Essay English 9 Oct 9, 2026 42.125 of 50 points scored, marked late Late: two days" in page
    assert "Vocabulary quiz English 9 Oct 20, 2026 - still to come" in page
    assert "Algebra" not in page


@pytest.mark.parametrize(
    ("work", "told"),
    [
        ("missing", "One assignment Assignment Class Due Score State Problem set 1 Algebra I"),
        ("late", "Essay English 9 Oct 9, 2026 42.125 of 50 points scored, marked late"),
        ("zeros", "Quiz Algebra I Oct 6, 2026 0 of 10 points scored Please see me"),
        ("due", "Problem set 2 Algebra I Oct 16, 2026 - still to come"),
        ("everything", "Still life"),
    ],
)
async def test_part_of_the_work_is_shown_alone(
    inside: httpx.AsyncClient, families: dict[str, str], work: str, told: str
) -> None:
    page = await page_of(inside, families["Maya"], "assignments", work=work)

    assert told in page


async def test_work_that_is_not_there_is_said_to_be_none(
    inside: httpx.AsyncClient, families: dict[str, str]
) -> None:
    page = await page_of(inside, families["Leo"], "assignments", work="missing")

    assert "No assignment is marked missing." in page
    assert "past their day and have no score yet. The school has not marked them missing." in page


@pytest.mark.requirement("R94")
async def test_grades_history_is_of_the_previous_term(
    inside: httpx.AsyncClient, families: dict[str, str]
) -> None:
    page = await page_of(inside, families["Maya"], "grades-history")

    assert "Spring January 26, 2026 to June 15, 2026" in page
    assert "Algebra I C (74%) final 3 Ada Stone" in page
    assert "88%" not in page


async def test_grades_history_of_a_course_goes_over_its_terms(
    inside: httpx.AsyncClient, families: dict[str, str]
) -> None:
    page = await page_of(inside, families["Maya"], "grades-history", course="Algebra I")

    assert page.index("C (74%) final") < page.index("B+ (88%) so far")
    assert "English" not in page


async def test_grades_history_that_is_empty_leads_to_the_current_grades(
    inside: httpx.AsyncClient, families: dict[str, str]
) -> None:
    page = await page_of(inside, families["Leo"], "grades-history")

    assert "No grades are entered for Spring." in page
    assert page.rstrip().endswith("Get help from a person")
    assert "Grades and Attendance" in page


@pytest.mark.requirement("R95")
async def test_attendance_history_is_told_by_month(
    inside: httpx.AsyncClient, families: dict[str, str]
) -> None:
    page = await page_of(inside, families["Maya"], "attendance-history")

    assert "Fall August 31, 2026 to January 22, 2027 Days absent 3" in page
    assert "September 2026 2 days absent, late once" in page
    assert "October 2026 1 day absent, never late" in page
    assert page.index("Sep 14, 2026 absent, excused whole day Doctor") < page.index("Oct 5, 2026")


async def test_attendance_without_anything_recorded_says_so(
    inside: httpx.AsyncClient, families: dict[str, str]
) -> None:
    page = await page_of(inside, families["Leo"], "attendance-history")

    assert "Days absent 0 Times late 0" in page
    assert "No absence and no lateness is recorded (August 31, 2026 to January 22, 2027)." in page


@pytest.mark.requirement("R93")
async def test_test_results_are_as_the_school_entered_them(
    inside: httpx.AsyncClient, families: dict[str, str]
) -> None:
    page = await page_of(inside, families["Maya"], "test-results")

    assert "Fall Benchmark Mathematics Oct 1, 2026 83 of 100 points Meets expectations" in page
    assert "Reading Check Reading Sep 10, 2026 17.0625 points -" in page
    assert "State Test" not in page


async def test_term_without_tests_shows_the_last_ones_before(
    inside: httpx.AsyncClient, families: dict[str, str], import_school: Import
) -> None:
    import_school(x_test_results=("7001,2026-", "7001,2025-"))

    page = await page_of(inside, families["Maya"], "test-results")

    assert "No test results are entered for Fall (August 31, 2026 to January 22, 2027)." in page
    assert "The last ones before Test Subject Day Result Level Fall Benchmark Mathematics" in page


@pytest.mark.requirement("R97")
async def test_teachers_comments_are_word_for_word(
    inside: httpx.AsyncClient, families: dict[str, str]
) -> None:
    page = await page_of(inside, families["Maya"], "teacher-comments")

    assert "Art · Fall Maya takes part in every discussion." in page
    assert "Algebra I · Ada Stone · Quiz · Oct 6, 2026 Please see me" in page
    assert "Bring the notebook." not in page


async def test_no_comment_of_a_term_leads_to_those_of_before(
    inside: httpx.AsyncClient, families: dict[str, str]
) -> None:
    maya = await page_of(inside, families["Maya"], "teacher-comments", term="Spring")
    leo = await page_of(inside, families["Leo"], "teacher-comments")

    assert "Bring the notebook." in maya
    assert "No comments of teachers are entered for Fall" in leo


@pytest.mark.requirement("R98")
async def test_bulletin_has_the_news_and_the_days_ahead(
    inside: httpx.AsyncClient, families: dict[str, str]
) -> None:
    page = await page_of(inside, families["Maya"], "school-bulletin")

    assert page.index("Book fair Wednesday, October 14, 2026 All week in the library.") < page.index(
        "Jackets"
    )
    assert "Picture day" not in page
    assert page.count("Assabet Ridge School") == 1
    assert "Tuesday, October 20, 2026 Progress reports go home" in page


@pytest.mark.parametrize(("language", "title"), [("en", "Snow day"), ("es", "Día de nieve")])
async def test_bulletin_has_what_staff_announce_in_the_language_of_the_page(
    inside: httpx.AsyncClient, families: dict[str, str], portal: Portal, *, language: str, title: str
) -> None:
    texts = {"en": ["Snow day", "Friday is off."], "es": ["Día de nieve", "El viernes no hay clases."]}
    with portal.begin() as tx:
        today = tx.now.date()
        row = AnnouncementRow(announcement_id="a", district_id="westborough", school_id="", version=1)
        row.since, row.until, row.texts, row.written_by, row.written_at = today, today, texts, "s", tx.now
        tx.session.add(row)

    page = await page_of(inside, families["Maya"], "school-bulletin", language=language)

    assert [each for each in ("Snow day", "Día de nieve") if each in page] == [title]


async def test_bulletin_without_news_shows_the_last(
    inside: httpx.AsyncClient, families: dict[str, str], clock: FakeClock
) -> None:
    clock.advance(days=14)
    await enter(inside)

    page = await page_of(inside, families["Maya"], "school-bulletin")

    assert "Nothing new was announced in the last week. This is the last that was: Book fair" in page


@pytest.mark.requirement("R100")
async def test_balance_is_exact_to_the_cent(inside: httpx.AsyncClient, families: dict[str, str]) -> None:
    page = await page_of(inside, families["Maya"], "balance")
    leo = await page_of(inside, families["Leo"], "balance")

    assert "Lunch $13.50 on the account Fees -$18.00 still open" in page
    assert "Oct 14, 2026 School lunch -$3.25" in page
    assert "Oct 1, 2026 Field trip -$18.00" in page
    assert "Nothing is recorded on a lunch or fee account." in leo


@pytest.mark.requirement("R102")
async def test_schedule_has_days_times_rooms_and_teachers(
    inside: httpx.AsyncClient, families: dict[str, str]
) -> None:
    page = await page_of(inside, families["Maya"], "my-schedule")

    assert "English 9 Monday to Friday 7:40 AM - 8:32 AM 1 14 Ben Hale" in page
    assert "Algebra I Monday, Wednesday and Friday 9:36 AM - 10:28 AM 3 12 Ada Stone" in page
    assert "Art - - 5 20 -" in page


@pytest.mark.requirement("R103")
async def test_school_is_shown_with_its_map_where_there_is_one(
    inside: httpx.AsyncClient, portal: Portal, families: dict[str, str], import_school: Import
) -> None:
    without = await page_of(inside, families["Maya"], "school-information")
    import_school(x_schools=("8 am to 4 pm,", "8 am to 4 pm,https://school.example/map.pdf"))
    page = await inside.get(f"{W}school-information", headers=HTML)
    make_district(portal, "westborough", **{**EVERYTHING, "school_map": False})
    off = await inside.get(f"{W}school-information", headers=HTML)

    assert "Address 90 Orchard Road Westborough 01581 Phone (508) 555-0190 Fax (508) 555-0195" in without
    assert "A map to download is not available." in without
    assert (
        'href="https://school.example/map.pdf" target="_blank" rel="noopener noreferrer external"'
        in page.text
    )
    assert "map.pdf" not in off.text
    assert "A map to download is not available." in read(off)


@pytest.mark.requirement("R72")
async def test_start_page_tells_today_what_is_missing_and_how_it_stands(
    inside: httpx.AsyncClient, families: dict[str, str]
) -> None:
    page = await page_of(inside, families["Maya"], "start")

    assert "Today, Thursday, October 15, 2026" in page
    assert "7:40 AM - 8:32 AM English 9 14 Ben Hale" in page
    assert "One assignment is marked missing: Problem set 1 Algebra I · was due Oct 12, 2026" in page
    assert "Algebra I B+ (88%) so far" in page
    assert "Days absent 3" in page
    assert page.count("A grade so far is not final: it can still change.") == 1


async def test_start_page_of_a_free_day_names_the_next_class(
    inside: httpx.AsyncClient, families: dict[str, str], clock: FakeClock, import_school: Import
) -> None:
    import_school(
        x_events=("101,2026-10-20", "101,2026-10-17,Fall holiday\n101,2026-10-20"),
        classes=(
            "KX,,,Art,09,CX,X1,scheduled,20,O101,T1,Art,,5",
            "KX,,,Art,09,CX,X1,scheduled,20,O101,T0,Art,,5",
        ),
    )
    clock.advance(days=2)
    await enter(inside)

    page = await page_of(inside, families["Maya"], "start")

    assert "The school's calendar says for today: Fall holiday." in page
    assert "The next one is English 9 on Monday, October 19, 2026 at 7:40 AM." in page


async def test_term_is_chosen_by_a_link(inside: httpx.AsyncClient, families: dict[str, str]) -> None:
    page = await inside.get(f"{W}grades?student={families['Maya']}&term=Spring", headers=HTML)

    link = f'href="{W}grades?term=Spring&amp;student={families["Maya"]}" aria-current="page">Spring</a>'
    assert link in page.text
    assert "C (74%)" in read(page)
    assert "No term is running today" not in read(page)


@pytest.mark.parametrize("name", ["grades", "assignments", "test-results", "teacher-comments", "my-schedule"])
async def test_term_that_there_is_not_is_said_with_those_that_there_are(
    inside: httpx.AsyncClient, families: dict[str, str], name: str
) -> None:
    page = await inside.get(f"{W}{name}?term=Ragnarok", headers=HTML)

    assert page.status_code == 200
    assert "There is no term of that name at this school." in read(page)
    assert ">Fall</a>" in page.text


async def test_course_that_there_is_not_leads_to_the_childs_own(
    inside: httpx.AsyncClient, families: dict[str, str]
) -> None:
    page = await page_of(inside, families["Maya"], "assignments", course="Underwater Basketry")

    assert (
        "There is no class of that name. These are the classes that there are: Algebra I Art English 9"
        in page
    )


async def test_after_the_last_term_its_grades_are_called_so(
    inside: httpx.AsyncClient, families: dict[str, str], clock: FakeClock
) -> None:
    clock.advance(days=120)
    await enter(inside)

    page = await page_of(inside, families["Maya"], "grades")

    assert (
        "No term is running today, so this is the last one: Fall (August 31, 2026 to January 22, 2027)."
        in page
    )


async def test_empty_gradebook_says_so_and_leads_on(
    inside: httpx.AsyncClient, families: dict[str, str]
) -> None:
    page = await page_of(inside, families["Leo"], "grades")

    assert "No grades are entered for Fall yet. Look again later, or ask the teacher." in page
    assert "All assignments" in page


async def test_two_children_of_one_name_are_told_apart(
    browser: httpx.AsyncClient, portal: Portal, families: dict[str, str], import_school: Import
) -> None:
    ids = import_school(users=("Leo,López", "Maya,Lopez-Diaz"), x_schools=("101,", "101,"))
    make_parent(portal, username="twins", display_name="Ana López", children=[ids["Maya"], ids["Leo"]])
    await enter(browser, "twins")

    first, second = [await page_of(browser, ids[name], "grades") for name in ("Maya", "Leo")]

    assert "Maya López " in first
    assert "B+ (88%)" in first
    assert "Maya Lopez-Diaz" in second
    assert "No grades are entered for Fall yet." in second


async def test_what_the_school_wrote_is_text_and_no_markup(
    inside: httpx.AsyncClient, families: dict[str, str], import_school: Import
) -> None:
    import_school(x_bulletins=("Book fair", "<script>alert(1)</script>"))

    page = await inside.get(f"{W}school-bulletin", headers=HTML)

    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page.text
    assert "<script>alert" not in page.text
