"""What asking for help must not pay for."""

import json
import subprocess
import sys

import pytest

HEAVY = {"sqlalchemy", "alembic", "jinja2", "mjml", "starlette", "uvicorn", "feedparser", "pydantic", "apscheduler"}
HEAVY |= {"aiosmtplib", "httpx2", "nh3", "tomlkit", "watchfiles", "regex"}
ASKING = """
import json, sys
from digest import cli
try:
    cli.main(sys.argv[1:])
except SystemExit as end:
    code = end.code
print(json.dumps([code, sorted({name.partition(".")[0] for name in sys.modules})]))
"""


def imported(words, tmp_path):
    asked = subprocess.run(
        [sys.executable, "-c", ASKING, *words], cwd=tmp_path, capture_output=True, text=True, check=True, timeout=60
    )
    code, modules = json.loads(asked.stdout.splitlines()[-1])
    assert code == 0
    assert "digest" in modules
    return set(modules)


def test_help_imports_nothing_heavy(tmp_path):
    assert imported(["--help"], tmp_path) & HEAVY == set()


@pytest.mark.parametrize("words", [("send", "--help"), ("run", "--help"), ("subscribers", "list", "--help")])
def test_a_verbs_help_imports_nothing_heavy_but_what_typer_itself_wants(words, tmp_path):
    assert imported(words, tmp_path) & HEAVY <= {"pydantic"}
