"""./run: what it says when something is missing, and that it does set-up work only once."""

import os
import shutil
import subprocess
import sys

import pytest

FAKE = """#!/bin/sh
case "$*" in
  *ensurepip*) exit 1 ;;
esac
exec {python} "$@"
"""


@pytest.fixture
def checkout(root, tmp_path):
    folder = tmp_path / "checkout"
    (folder / "requirements").mkdir(parents=True)
    for name in ("run.txt", "test.txt"):
        shutil.copy(root / "requirements" / name, folder / "requirements")
    shutil.copy(root / "run", folder)
    return folder


def run(checkout, *words, **env):
    return subprocess.run(
        ["./run", *words],
        cwd=checkout,
        env={"PATH": os.environ["PATH"], "HOME": str(checkout), **env},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_without_venv_it_prints_the_apt_get_line_and_exits_2(checkout):
    fake = checkout / "python-without-venv"
    fake.write_text(FAKE.format(python=sys.executable))
    fake.chmod(0o755)
    done = run(checkout, "digest", "send", "morning", PYTHON=str(fake))
    assert done.returncode == 2
    assert "apt-get install -y python3-venv" in done.stderr
    assert not (checkout / ".venv").exists()


def test_without_python_it_prints_the_apt_get_line_and_exits_2(checkout):
    done = run(checkout, "digest", PYTHON="/nonexistent/python3")
    assert done.returncode == 2
    assert "apt-get install -y python3" in done.stderr


def test_when_everything_is_installed_it_does_no_set_up_work(checkout):
    shutil.copytree(sys.prefix, checkout / ".venv", symlinks=True, ignore=shutil.ignore_patterns("lib", "include"))
    for name in ("run", "test"):
        shutil.copy(checkout / "requirements" / f"{name}.txt", checkout / ".venv" / f".installed-{name}")
    python = checkout / ".venv" / "bin" / "python"
    python.unlink(missing_ok=True)
    python.write_text('#!/bin/sh\necho "$@"\n')
    python.chmod(0o755)
    done = run(checkout, "digest", "send", "morning")
    assert (done.stdout, done.stderr, done.returncode) == ("-m digest send morning\n", "", 0)


@pytest.mark.parametrize("words", [[], ["sned"]])
def test_an_unknown_word_lists_the_known_ones(checkout, words):
    done = run(checkout, *words)
    assert done.returncode == 2
    assert "./run test" in done.stderr
