"""A project on disk, an App over it in this process, and a clock that moves when told."""

from datetime import timedelta

import pytest

from tests.end_to_end.situation import AS_OF, Project, day


class Clock:
    """Shows `now`."""

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
    """Five articles in the day before AS_OF, three readers, a slot daily at AS_OF's time."""
    made = Project(tmp_path / "project")
    made.folder.mkdir()
    made.configure()
    made.news(day(5))
    made.readers(3)
    return made
