"""Docs fail tests when the code moves on. `./run golden --update` writes the generated ones anew."""

import re
import tomllib

import pytest

from digest import errors
from digest.cli import cli
from digest.cli.reference import reference as commands
from digest.config import read, reference
from digest.model import Reason


def same(path, text, request):
    if request.config.getoption("--update-golden"):
        path.write_text(text)
    assert path.read_text() == text, "run ./run golden --update and read the diff"


def test_commands_are_documented(root, request):
    same(root / "docs" / "reference" / "commands.md", commands(cli), request)


def test_config_is_documented(root, request):
    same(root / "docs" / "reference" / "config.md", reference(), request)


def test_every_error_is_in_the_security_or_config_pages_tree():
    tree = errors.__doc__
    kinds = [name for name, one in vars(errors).items() if isinstance(one, type) and issubclass(one, Exception)]
    assert [name for name in kinds if name not in tree] == []


def test_every_reason_this_version_gives_is_explained(root):
    page = (root / "docs" / "how-to" / "find-out-why.md").read_text()
    assert [reason.value for reason in Reason if f"`{reason}`" not in page] == []


def test_readme_is_short_and_its_links_lead_somewhere(root):
    text = (root / "README.md").read_text()
    assert len(text.splitlines()) <= 120
    for target in re.findall(r"\]\(([^)#]+)\)", text):
        assert (root / target).exists(), target


@pytest.mark.parametrize(
    "page", ["docs/start.md", "CONTRIBUTING.md", "SECURITY.md", "docs/why/architecture.md", "docs/reference/ranking.md"]
)
def test_links_between_pages_lead_somewhere(root, page):
    path = root / page
    for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text()):
        assert (path.parent / target).exists(), target


def test_the_readme_config_works(root, tmp_path, monkeypatch):
    blocks = re.findall(r"```toml\n(.*?)```", (root / "README.md").read_text(), re.DOTALL)
    (tmp_path / "config.toml").write_text(blocks[0])
    (tmp_path / "subscribers").mkdir()
    (tmp_path / "subscribers" / "readers.toml").write_text(blocks[1])
    monkeypatch.setenv("SMTP_USERNAME", "u")
    monkeypatch.setenv("SMTP_PASSWORD", "p")
    assert read(tmp_path / "config.toml", themes=frozenset({"briefing"})).mistakes == ()


def test_the_lists_of_faults_and_security_tests_are_whole(root):
    faults = (root / "docs" / "reference" / "faults.md").read_text()
    security = (root / "docs" / "reference" / "security-tests.md").read_text()
    assert [int(n) for n in re.findall(r"^\| (\d+) \|", faults, re.MULTILINE)] == list(range(1, 69))
    assert [int(n) for n in re.findall(r"^\| T(\d+) \|", security, re.MULTILINE)] == list(range(1, 44))


def test_the_lists_name_tests_that_exist(root):
    known = "\n".join(path.read_text() for path in (root / "tests").rglob("test_*.py"))
    for page in ("faults.md", "security-tests.md"):
        text = (root / "docs" / "reference" / page).read_text()
        for name in re.findall(r"`(test_\w+)`", text):
            assert f"def {name}" in known, name


def test_requirements_name_no_index(root):
    for path in (root / "requirements").iterdir():
        assert "://" not in path.read_text()


def test_pyproject_and_requirements_say_the_same(root):
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]["dependencies"]
    lines = (root / "requirements" / "run.in").read_text().splitlines()
    assert project == [line for line in lines if line and not line.startswith("#")]
