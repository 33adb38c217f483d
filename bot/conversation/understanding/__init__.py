"""Understand what a parent writes: which intent it is and what it names."""

from bot.conversation.understanding.engine import Understanding
from bot.conversation.understanding.parsed import FALLBACK, Entity, Names, Parse

__all__ = ["FALLBACK", "Entity", "Names", "Parse", "Understanding"]
