"""Sizes, mirrors and the wheel: what a stranger relies on when looking for a line."""

import ast
import dataclasses
import subprocess
import sys
import zipfile

import pytest

from digest.model import deliveries
from digest.sender import replies


def modules(root):
    return [path for path in (root / "digest").rglob("*.py") if "migrations" not in path.parts]


def test_no_file_is_over_400_lines(root):
    assert [str(path) for path in modules(root) if len(path.read_text().splitlines()) > 400] == []


def test_functions_are_short(root):
    long = [
        f"{path}:{node.lineno} {node.name}"
        for path in modules(root)
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno - node.lineno >= 60
    ]
    assert long == []


def test_what_is_made_for_every_message_is_never_assigned_to(root):
    light = (deliveries.Delivery, deliveries.Message, deliveries.Envelope, deliveries.Links, deliveries.Intent)
    light += (deliveries.Posted, deliveries.Reply, deliveries.Outcome, replies.Verdict)
    names = {field.name for one in light for field in dataclasses.fields(one)}
    stages = [path for path in modules(root) if path.parent.name in {"sender", "store", "app", "digest"}]
    assigned = [
        f"{path}:{node.lineno} {ast.unparse(node)}"
        for path in stages
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del) and node.attr in names
        if ast.unparse(node.value) != "self"
    ]
    assert assigned == []


def test_every_package_has_its_tests(root):
    packages = [path.parent.name for path in (root / "digest").glob("*/__init__.py")]
    here = {path.name for path in (root / "tests").iterdir()}
    single = {"model"}  # types without behaviour: every other test uses them
    assert [name for name in packages if name not in here and name not in single] == []


def test_no_module_shadows_the_standard_library(root):
    names = {path.stem for path in (root / "digest").iterdir()} - {"__init__", "__main__"}
    assert names & set(sys.stdlib_module_names) == set()


@pytest.fixture(scope="module")
def wheel(tmp_path_factory, request):
    folder = tmp_path_factory.mktemp("wheel")
    root = request.config.rootpath
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=root, check=True, capture_output=True, timeout=120)
    (made,) = folder.glob("*.whl")
    return made


def test_the_wheel_carries_themes_starter_and_pages(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    for wanted in (
        "digest/_templates/email/briefing/issue.mjml",
        "digest/_starter/config.toml",
        "digest/_starter/subscribers/readers.toml",
        "digest/py.typed",
    ):
        assert wanted in names
    assert any(name.startswith("digest/_starter/samples/feeds/") for name in names)
    assert any(name.startswith("digest/web/pages/") and name.endswith(".html") for name in names)
    assert not [name for name in names if name.startswith(("tests/", "var/", "docs/"))]


def test_a_project_from_the_wheel_runs_offline(wheel, tmp_path):
    """init, check and send from the wheel alone, with nothing of the checkout on the path."""
    site = tmp_path / "site"
    zipfile.ZipFile(wheel).extractall(site)
    env = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(site), "HOME": str(tmp_path)}
    for words in (
        ["init", "project"],
        ["-c", "project/config.toml", "check"],
        ["-c", "project/config.toml", "send", "morning"],
    ):
        done = subprocess.run(
            [sys.executable, "-m", "digest", *words],
            cwd=tmp_path,
            env=env,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
    assert list((tmp_path / "project" / "var" / "outbox").glob("morning@*/*.eml"))
