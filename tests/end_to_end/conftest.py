"""Every end-to-end test gets a project of its own, and its ledger is audited when the test is over."""

import pytest

from digest import cli
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


@pytest.fixture
def digest(project, clock, monkeypatch, capsys):
    """digest(*words, code=0) -> everything the command said, in this process, at the clock's time."""
    monkeypatch.chdir(project.folder)
    return in_process(clock, capsys)


def in_process(clock, capsys):
    """run(*words, code=0) -> everything the command said."""

    def run(*words, code=0):
        with pytest.raises(SystemExit) as ended:
            cli.main([str(word) for word in words], clock=clock)
        said = capsys.readouterr()
        assert ended.value.code == code, said
        return said.out + said.err

    return run
