"""config.toml -> Config: read() tells every mistake at once, load() raises them.

schema.py holds every key; check.py what one table alone cannot tell; build.py the defaults that depend on other keys;
secret.py the site's keys and the values kept outside the file; reference.py the documentation made from the schema.
"""

from digest.config.parts import Config, Result, TransportSpec, WebSpec
from digest.config.read import load, read
from digest.config.reference import json_schema, reference
from digest.config.secret import load_keys
from digest.config.shown import shown

__all__ = [
    "Config",
    "TransportSpec",
    "WebSpec",
    "Result",
    "read",
    "load",
    "json_schema",
    "reference",
    "shown",
    "load_keys",
]
