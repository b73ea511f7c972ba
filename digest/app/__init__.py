"""config.toml -> an App with real parts. The only package that knows every adapter, and the only reader of Config.

async with open_app("config.toml") as app:
    report = await app.publish("morning")
"""

from digest.app.acts import App
from digest.app.files import write_shown
from digest.app.opening import check, config_schema, migrate, open_app, shown_config, try_source

__all__ = ["App", "open_app", "check", "config_schema", "migrate", "shown_config", "try_source", "write_shown"]
