"""One word is one word in every script."""

import pytest

from bot.conversation.understanding.tokens import is_one_plain_word


@pytest.mark.parametrize("text", ["cancel", "Anuluj!", "取消", "谢谢。", "إلغاء", "రద్దు"])
def test_a_word_is_plain(text: str) -> None:
    assert is_one_plain_word(text)


@pytest.mark.parametrize("text", ["cancel1", "取消1", "取-消", "two words", "", "a取"])
def test_what_may_be_a_password_is_none(text: str) -> None:
    assert not is_one_plain_word(text)
