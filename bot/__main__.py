"""Run Hallpass from the command line; `hallpass` and `python -m bot` are the same."""

import sys


def main() -> None:
    """Run the command line; a package that is not installed is one sentence, not a traceback."""
    try:
        from bot.commands import hallpass  # noqa: PLC0415  (a missing package must be caught here)
    except ModuleNotFoundError as error:
        if error.name in {"actions", "bot", "portal", "web"}:
            raise
        sys.exit(
            f"The Python package {error.name} is missing: delete the folder .venv and start ./run again, "
            "which installs every package."
        )
    hallpass()


if __name__ == "__main__":
    main()
