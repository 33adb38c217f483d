import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

from bot.channels.doors import read_body, source_of


def request_with(messages: list[Message], client: tuple[str, int] | None = None) -> Request:
    async def receive() -> Message:
        return messages.pop(0)

    return Request({"type": "http", "method": "POST", "headers": [], "client": client}, receive)


async def test_body_in_pieces_is_put_together() -> None:
    request = request_with(
        [
            {"type": "http.request", "body": b"ab", "more_body": True},
            {"type": "http.request", "body": b"c"},
        ]
    )

    assert await read_body(request, 3) == b"abc"


async def test_caller_who_leaves_in_the_middle_is_no_failure() -> None:
    request = request_with(
        [{"type": "http.request", "body": b"ab", "more_body": True}, {"type": "http.disconnect"}]
    )

    with pytest.raises(HTTPException) as refused:
        await read_body(request, 10)

    assert refused.value.status_code == 400


@pytest.mark.parametrize(("client", "source"), [(("192.0.2.7", 1), "192.0.2.7"), (None, "unknown")])
async def test_attempts_are_counted_under_the_address(client: tuple[str, int] | None, source: str) -> None:
    assert source_of(request_with([], client)) == source
