import pytest

from bot.channels.base import encode_replies, encode_reply
from bot.messages import Button, Reply, SecretField, SecretRequest


def test_text_is_encoded_as_rasa_does() -> None:
    encoded = encode_replies([Reply("Hello"), Reply("again")], "ana")

    assert encoded == [
        {"recipient_id": "ana", "text": "Hello"},
        {"recipient_id": "ana", "text": "again"},
    ]


def test_everything_a_reply_may_have_is_encoded() -> None:
    reply = Reply(
        "Which?",
        (Button("Maya", "b1:maya"),),
        image="/i.png",
        image_alt="A line that rises",
        attachment="/a.pdf",
        attachment_title="Grades (PDF)",
        custom={"x": 1},
    )

    encoded = encode_reply(reply, "ana")

    assert encoded == {
        "recipient_id": "ana",
        "text": "Which?",
        "buttons": [{"title": "Maya", "payload": "b1:maya"}],
        "image": "/i.png",
        "attachment": "/a.pdf",
        "custom": {"x": 1, "image_alt": "A line that rises", "attachment_title": "Grades (PDF)"},
    }


@pytest.mark.case("C17")
def test_secret_request_is_under_custom() -> None:
    request = SecretRequest("sign_in", "t1", "/secret/t1", (SecretField("password", "Password"),))

    encoded = encode_reply(Reply(secret=request), "ana")

    assert encoded == {
        "recipient_id": "ana",
        "custom": {
            "secret": {
                "purpose": "sign_in",
                "ticket": "t1",
                "url": "/secret/t1",
                "fields": [{"name": "password", "label": "Password"}],
            }
        },
    }


def test_private_reply_is_marked_and_the_reply_itself_unchanged() -> None:
    reply = Reply("Algebra: A", private=True, custom={"x": 1})

    encoded = encode_reply(reply, "ana")

    assert encoded["custom"] == {"x": 1, "private": True}
    assert reply.custom == {"x": 1}
