"""Every end-to-end test gets a project of its own, and its ledger is audited when the test is over."""

import pytest

from tests.end_to_end.daemon import Daemon
from tests.end_to_end.situation import RunningSink


@pytest.fixture
def project(project):
    """As everywhere; its ledger is audited when the test is over."""
    yield project
    project.audit()


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
