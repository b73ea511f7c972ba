"""What docs/how-to/write-a-transport.md says works as it stands: its plugin, its tests, its config."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.end_to_end.situation import NOW

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "how-to" / "write-a-transport.md").read_text()
KEY = "morning@2026-03-10"


def blocks(language):
    """First line (a comment that names the file) -> the block."""
    found = re.findall(rf"```{language}\n# (.*?)\n(.*?)```", PAGE, re.DOTALL)
    return dict(found)


@pytest.fixture
def installed(tmp_path):
    """A folder in which the page's package lies as pip would leave it."""
    folder = tmp_path / "site"
    about = folder / "post-1.0.dist-info"
    about.mkdir(parents=True)
    for name, text in blocks("python").items():
        (folder / name).write_text(text)
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: post\nVersion: 1.0\n")
    points = tomllib.loads(blocks("toml")["pyproject.toml of the plugin"])["project"]["entry-points"]
    lines = [f"[{group}]\n" + "\n".join(f"{k} = {v}" for k, v in names.items()) for group, names in points.items()]
    (about / "entry_points.txt").write_text("\n".join(lines) + "\n")
    return folder


def test_the_pages_own_test_passes(installed):
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "test_post.py"],
        cwd=installed,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{installed}:{ROOT}", "HOME": str(installed)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    assert " passed" in run.stdout


def configured(project, installed, *lines):
    box = project.folder / "box"
    box.mkdir()
    table = blocks("toml")["config.toml"].partition("\n")[2].replace("/srv/letter-box", str(box))
    project.env["PYTHONPATH"] = f"{installed}:{ROOT}"
    project.configure(transport="\n".join([table, *lines]))
    return box


def test_the_page_s_plugin_sends_an_issue(project, installed):
    box = configured(project, installed)
    project.digest("send", "morning", "--as-of", NOW)
    assert project.counts(KEY) == {"sent": 3}
    assert len(list(box.iterdir())) == 3


def test_a_key_the_plugin_does_not_know_is_one_line(project, installed):
    configured(project, installed, "colour = 5")
    said = project.digest("send", "morning", "--as-of", NOW, code=2)
    assert "[transports.out] post: " in said
    assert "'colour'" in said


def test_without_the_package_its_kind_is_unknown(project, installed):
    configured(project, installed)
    del project.env["PYTHONPATH"]
    assert 'no kind of transport called "post"; known: folder, sendmail, smtp' in project.digest("check", code=2)
