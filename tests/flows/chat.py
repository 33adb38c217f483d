"""Add to the chat driver what every flow begins with."""

from tests.support.conversation import Chat
from tests.support.portals import PASSWORD


async def sign_in(chat: Chat, username: str = "mlopez", password: str = PASSWORD) -> str:
    """Sign in the long way, as a parent does; return the words of the welcome."""
    await chat.say("sign in")
    await chat.say(username)
    await chat.submit(password=password)
    return chat.text


def everything(chat: Chat) -> str:
    """Return every word and every button of the whole conversation."""
    words = [reply.text for reply in chat.seen]
    return "\n".join([*words, *(button.title for reply in chat.seen for button in reply.buttons)])
