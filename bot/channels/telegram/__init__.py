"""Carry the conversation in Telegram."""

from bot.channels.telegram.channel import TelegramChannel, ask_name
from bot.channels.telegram.sending import FileContent, FileSource
from bot.channels.telegram.settings import Pace, TelegramSettings

__all__ = ["FileContent", "FileSource", "Pace", "TelegramChannel", "TelegramSettings", "ask_name"]
