"""Run rasa-sdk's own action server with Hallpass's actions, on loopback and in one process."""

import argparse
import warnings

from bench.rasa.served import ServedActions

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from rasa_sdk.endpoint import create_app_for_serve

from actions import all_actions
from bot.bootstrap import open_portal
from bot.conversation.project import load_project
from bot.logs import configure_logging
from bot.settings import read_settings


def main() -> None:
    """Serve until a signal ends it, on the demo of the state folder that the environment names."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    port = parser.parse_args().port
    import os  # noqa: PLC0415

    configure_logging()
    settings = read_settings(os.environ, demo=True)
    project = load_project(settings.intents, settings.data, settings.config)
    portal = open_portal(settings)
    app = create_app_for_serve(ServedActions(portal, project, all_actions(portal)))
    app.run(host="127.0.0.1", port=port, single_process=True, access_log=False, motd=False)


if __name__ == "__main__":
    main()
