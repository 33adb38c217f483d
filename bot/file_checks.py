"""Say what is wrong with the files of the conversation and of the language packs."""

from actions import all_actions
from bot.conversation.check import check_project
from bot.conversation.check_language import language_gaps
from bot.conversation.project import load_project
from bot.conversation.yaml_files import ProjectFileError
from bot.settings import Settings
from portal.accounts.passwords import Argon2Hasher
from portal.core.clock import SystemClock
from portal.core.database import open_engine
from portal.core.keys import MINIMUM_LENGTH, Keys
from portal.transaction import Portal


def check_language_files(settings: Settings, language: str) -> list[str]:
    """Return what a language pack lacks, a line each."""
    try:
        project = load_project(settings.intents, settings.data, settings.config)
    except ProjectFileError as error:
        return [str(error)]
    return [str(problem) for problem in language_gaps(project, language)]


def check_files(settings: Settings) -> list[str]:
    """Return what is wrong with the conversation files and the language packs, a line each."""
    # The actions are made only to be named: no database is opened and nothing is signed with this key.
    portal = Portal(
        open_engine(settings.database_url),
        clock=SystemClock(),
        keys=Keys(bytes(MINIMUM_LENGTH)),
        hasher=Argon2Hasher(),
    )
    try:
        project = load_project(settings.intents, settings.data, settings.config)
        names = [action.name() for action in all_actions(portal)]
    except ProjectFileError as error:
        return [str(error)]
    finally:
        portal.close()
    return [str(problem) for problem in check_project(project, names, [settings.actions])]
