import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.folding import fold
from portal.records.matching import find, is_near

NAMES = {
    "maya": ("maya", "maya lopez", "lopez maya"),
    "anna": ("anna", "anna oneil", "oneil anna"),
    "annabel": ("annabel", "annabel oneil", "oneil annabel"),
    "jeanluc": ("jean luc", "jean luc dubois", "dubois jean luc"),
    "alexandra": ("alexandra", "alexandra nunez", "nunez alexandra"),
}


@pytest.mark.parametrize(
    ("typed", "folded"),
    [
        ("  José-María  ", "jose maria"),
        ("O'Neil", "oneil"),
        ("O\u2019Neil", "oneil"),
        ("Łukasz Sørensen", "lukasz sorensen"),
        ("STRAẞE", "strasse"),
        ("李 小龍", "李 小龍"),
        ("María\u0301", "maria"),
        ("!?", ""),
    ],
)
def test_name_is_folded(typed: str, folded: str) -> None:
    assert fold(typed) == folded


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Maya", ["maya"]),
        ("MAYA", ["maya"]),
        ("máya", ["maya"]),
        ("Maya's", ["maya"]),
        ("Maya\u2019s", ["maya"]),
        ("Maya Lopez", ["maya"]),
        ("Lopez, Maya", ["maya"]),
        ("Anna", ["anna"]),
        ("Annab", ["annabel"]),
        ("Ann", ["anna", "annabel"]),
        ("O'Neil", ["anna", "annabel"]),
        ("jean-luc", ["jeanluc"]),
        ("Jean", ["jeanluc"]),
        ("Alex", ["alexandra"]),
        ("Alexadnra", ["alexandra"]),
        ("Aleksandra", ["alexandra"]),
        ("Myaa", ["maya"]),
        ("Mara", []),
        ("May Lopes", ["maya"]),
        ("Maya Johnson", []),
        ("Lu", []),
        ("x", []),
        ("", []),
        ("%", []),
    ],
)
def test_typed_name_finds_whom_it_means(typed: str, found: list[str]) -> None:
    assert find(typed, NAMES) == found


@given(st.text(max_size=50))
def test_folding_twice_changes_nothing_more(text: str) -> None:
    once = fold(text)

    assert fold(once) == once
    assert once == once.strip()


@given(st.sampled_from(["Núñez", "Zoë", "Đorđe", "Renée", "D'Angelo"]))
def test_either_unicode_form_folds_alike(name: str) -> None:
    assert fold(unicodedata.normalize("NFD", name)) == fold(unicodedata.normalize("NFC", name))


@given(st.text(max_size=12), st.text(max_size=12))
def test_nearness_has_no_direction(one: str, other: str) -> None:
    assert is_near(one, other) == is_near(other, one)


@given(st.text(min_size=1, max_size=300))
def test_whatever_is_typed_only_chooses_among_the_names(typed: str) -> None:
    assert set(find(typed, NAMES)) <= set(NAMES)
