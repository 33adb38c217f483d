"""Pass messages through a pipe: a line of JSON that says how many bytes follow it."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any, BinaryIO

MOST_LINE = 65_536


def packed(head: Mapping[str, Any], content: bytes = b"") -> bytes:
    """Return a message as it goes through the pipe."""
    return json.dumps({**head, "size": len(content)}).encode() + b"\n" + content


def read(pipe: BinaryIO) -> tuple[dict[str, Any], bytes] | None:
    """Return the next message, or None when the other side has gone."""
    line = pipe.readline()
    if not line:
        return None
    head: dict[str, Any] = json.loads(line)
    return head, pipe.read(head.pop("size"))


async def receive(pipe: asyncio.StreamReader) -> tuple[dict[str, Any], bytes]:
    """Return the next message; raise EOFError when the other side has gone, or makes no sense."""
    line = await pipe.readline()
    try:
        head: dict[str, Any] = json.loads(line)
        return head, await pipe.readexactly(head.pop("size"))
    except (ValueError, KeyError) as error:
        message = "the worker made no sense"
        raise EOFError(message) from error
