"""The layers hold, and the lint that says so would notice when they did not."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

LINT = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]


def lint(folder):
    return subprocess.run(LINT, cwd=folder, capture_output=True, text=True, timeout=120, check=False)


@pytest.fixture
def copy(root, tmp_path):
    shutil.copytree(root / "digest", tmp_path / "digest", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(root / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("file", "line", "contract"),
    [
        ("digest/model/picks.py", "import digest.pipeline", "imports only go down"),
        ("digest/picker/__init__.py", "import digest.composer", "imports only go down"),
        ("digest/picker/__init__.py", "import sqlalchemy", "no I/O library where decisions are made"),
        ("digest/sources/__init__.py", "import sqlalchemy", "one importer each: sqlalchemy"),
        ("digest/store/__init__.py", "import aiosmtplib", "one importer each: aiosmtplib"),
        ("digest/sources/__init__.py", "import httpx2", "one importer each: httpx2"),
        ("digest/pipeline.py", "import digest.config", "one reader of the config: app"),
    ],
)
def test_breaking_a_contract_is_noticed(copy, file, line, contract):
    path = copy / file
    path.write_text(path.read_text() + f"\n{line}\n")
    result = lint(copy)
    assert result.returncode == 1
    assert contract in result.stdout.split("Broken contracts")[1]


def test_a_new_package_must_find_its_layer(copy):
    (copy / "digest" / "misc.py").write_text('"""Nowhere."""\n')
    result = lint(copy)
    assert result.returncode == 1
    assert "digest.misc" in result.stdout
