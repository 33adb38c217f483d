"""Show what an installation and its districts are set to, what is legacy in it and what is unsafe."""

from bot.doctor.judging import Diagnosed, examine
from bot.doctor.showing import as_values, sheet

__all__ = ["Diagnosed", "as_values", "examine", "sheet"]
