"""What every test may ask for, and the two lines `./run test` owes: where the real data is, and a quiet loop."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from tests.end_to_end.situation import AS_OF, Project, day

ROOT = Path(__file__).resolve().parent.parent


def real_data_folder() -> Path | None:
    """$DIGEST_TEST_DATA, else ../shared/data beside the checkout; None where neither is."""
    named = os.environ.get("DIGEST_TEST_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    return folder if folder.is_dir() else None


def pytest_addoption(parser):
    parser.addoption("--update-golden", action="store_true", help="write the golden files anew")


def pytest_collection_modifyitems(items):
    if real_data_folder() is None:
        for item in items:
            if item.get_closest_marker("real_data"):
                item.add_marker(pytest.mark.skip(reason="real data not found"))


def pytest_terminal_summary(terminalreporter):
    folder = real_data_folder()
    if folder is not None:
        terminalreporter.write_line(f"real data: {folder}")
        return
    skipped = sum("real data not found" in str(report.longrepr) for report in terminalreporter.stats.get("skipped", []))
    terminalreporter.write_line(f"real data: NOT FOUND, {skipped} tests skipped")


@pytest.fixture
def real_data():
    """The folder of the publishers' files; skips where it is missing."""
    folder = real_data_folder()
    if folder is None:
        pytest.skip("real data not found")
    return folder


@pytest.fixture
def root():
    """The checkout."""
    return ROOT


class Clock:
    """Shows `now`, which moves when told."""

    def __init__(self):
        self.now = AS_OF

    def __call__(self):
        return self.now

    def on(self, **amount):
        self.now += timedelta(**amount)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def project(tmp_path):
    """A project on disk: five articles in the day before AS_OF, three readers, messages as files, a slot at AS_OF."""
    made = Project(tmp_path / "project")
    made.folder.mkdir()
    made.configure()
    made.news(day(5))
    made.readers(3)
    return made
