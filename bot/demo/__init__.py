"""Fill a portal with two made-up districts, so that everything can be tried at once."""

from bot.demo.seeding import seed
from bot.demo.sheet import Demo, DemoChild, DemoParent, Situation
from bot.demo.sign_in_lines import demo_sign_in_lines

__all__ = ["Demo", "DemoChild", "DemoParent", "Situation", "demo_sign_in_lines", "seed"]
