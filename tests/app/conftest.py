"""An App over the project, in this process."""

import asyncio

import pytest

from digest.app import open_app


@pytest.fixture
def act(project, clock):
    """act(story) -> what `await story(app)` gives, over an App of this project at the clock's time."""

    def run(story, **options):
        async def told():
            async with open_app(project.folder / "config.toml", clock=clock, **options) as app:
                return await story(app)

        return asyncio.run(told())

    return run
