from pathlib import Path

import pytest
import yaml

from tests.support.doors import DATA
from web.words import LanguagePacks


@pytest.fixture
def packs(tmp_path: Path) -> LanguagePacks:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "pages.yml").write_text((DATA / "en" / "pages.yml").read_text())
    for code, send in {"ar": "إرسال", "zz": "Zend"}.items():
        (tmp_path / code).mkdir()
        words = {"responses": {"page_send": [{"text": send}]}}
        (tmp_path / code / "pages.yml").write_text(yaml.safe_dump(words))
    return LanguagePacks(tmp_path)


def test_language_with_a_pack_speaks_its_own_words(packs: LanguagePacks) -> None:
    words = packs.words("ar")

    assert (words("send"), words.direction, words.name) == ("إرسال", "rtl", "العربية")


def test_word_missing_in_a_pack_is_english(packs: LanguagePacks) -> None:
    assert packs.words("ar")("cancel") == "Cancel"


@pytest.mark.parametrize("asked", ["ar-EG", "ar_EG", "AR-eg"])
def test_region_without_a_pack_is_the_language_itself(packs: LanguagePacks, asked: str) -> None:
    assert packs.words(asked).language == "ar"


@pytest.mark.parametrize("asked", ["", "xx", "*", "e'; --", "\x00"])
def test_unknown_language_is_english(packs: LanguagePacks, asked: str) -> None:
    assert packs.words(asked).language == "en"


def test_code_that_babel_does_not_know_still_has_its_words(packs: LanguagePacks) -> None:
    words = packs.words("zz")

    assert (words("send"), words.name, words.direction) == ("Zend", "zz", "ltr")
