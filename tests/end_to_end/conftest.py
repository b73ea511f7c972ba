"""Every end-to-end test gets a project of its own, and its ledger is audited when the test is over."""

import pytest

from tests.end_to_end.daemon import Daemon
from tests.end_to_end.situation import Project, RunningSink, day


@pytest.fixture
def project(tmp_path):
    """Five articles in the day before AS_OF, three readers, messages as files."""
    made = Project(tmp_path / "project")
    made.folder.mkdir()
    made.configure()
    made.news(day(5))
    made.readers(3)
    yield made
    made.audit()


@pytest.fixture
def running_sink():
    """running_sink(**options) -> a Sink that listens until the test ends."""
    running = []

    def start(**options):
        running.append(RunningSink(**options))
        return running[-1].start()

    yield start
    for one in reversed(running):
        one.stop()


@pytest.fixture
def daemon(project):
    """daemon(instant) -> a Daemon that lives from that instant on; gone before the ledger is audited."""
    running = []

    def start(instant, *options):
        running.append(Daemon(project.start("at", instant, "--", "run", *options, module="digest.testing")))
        return running[-1]

    yield start
    for one in running:
        one.kill()
