"""A project on disk, an App over it in this process, and a clock that moves when told."""

import asyncio
from datetime import timedelta

import pytest

from digest.app import open_app
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


@pytest.fixture
def act(project, clock):
    """act(story) -> what `await story(app)` gives, over an App of this project at the clock's time."""

    def run(story, **options):
        async def told():
            async with open_app(project.folder / "config.toml", clock=clock, **options) as app:
                return await story(app)

        return asyncio.run(told())

    return run
