"""config.toml -> an App with real parts. The only package that knows every adapter, and the only reader of Config.

async with open_app("config.toml") as app:
    report = await app.publish("morning")
"""

from digest.app.acts import App
from digest.app.checking import check
from digest.app.files import write_shown
from digest.app.opening import config_schema, migrate, open_app, shown_config, try_source
from digest.app.proof import verify_folder, zone_of
from digest.app.themes import new_theme, themes

__all__ = [
    "App",
    "open_app",
    "check",
    "config_schema",
    "migrate",
    "new_theme",
    "shown_config",
    "themes",
    "try_source",
    "verify_folder",
    "write_shown",
    "zone_of",
]
