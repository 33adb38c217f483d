"""The page about security is true: every case has a test, every line of the standard a test or a reason."""

import re
from collections import Counter

from tests.support.published import beside
from tests.support.requirement_map import ROOT
from tests.support.security_page import CHAPTERS, MARK, PAGE, build, lines, named, proofs, state


def test_page_matches_the_markers_and_the_lines() -> None:
    assert PAGE.read_text(encoding="utf-8") == build(), "run: python -m tests.support.security_page"


def test_every_published_case_has_a_test() -> None:
    published = re.findall(
        r"^\| ([A-Z]+\d+) \|", beside("security.md").read_text(encoding="utf-8"), re.MULTILINE
    )

    assert published
    assert sorted(set(published) - set(proofs())) == []


def test_every_line_of_the_standard_is_there() -> None:
    assert Counter(key.split(".")[0] for key in lines()) == CHAPTERS
    assert sum(CHAPTERS.values()) == 253


def test_every_line_names_a_proof_that_exists_or_its_reason() -> None:
    found, wrong = proofs(), []

    for key, line in lines().items():
        cases, tests, pages = named(line)
        wrong += [f"{key}: {case} has no test" for case in cases if case not in found]
        wrong += [f"{key}: there is no {test}" for test in tests if not _exists(test)]
        wrong += [f"{key}: there is no {page}" for page in pages if not (ROOT / page).exists()]
        if state(line) == "Tested" and not (cases or tests or pages):
            wrong.append(f"{key}: neither a proof nor a reason")

    assert wrong == []


def test_what_the_page_says_by_hand_names_cases_and_pages_that_exist() -> None:
    head = PAGE.read_text(encoding="utf-8").partition(MARK)[0]

    cases, _, _ = named(head)
    linked = re.findall(r"\]\(([\w/.-]+\.md)\)", head)

    assert [case for case in cases if case not in proofs()] == []
    assert [page for page in linked if not (PAGE.parent / page).exists()] == []


def _exists(test: str) -> bool:
    path, _, name = test.partition("::")
    file = ROOT / path
    return file.exists() and (
        not name or re.search(rf"def {name}\(", file.read_text(encoding="utf-8")) is not None
    )
