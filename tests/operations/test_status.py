"""What an operator sees at a glance."""

import asyncio
from datetime import timedelta

import pytest

from digest.app import open_app
from digest.model import IssueState
from digest.operations.status import status
from tests.end_to_end.situation import AS_OF


@pytest.fixture
def glance(project):
    """glance(story) -> the status after `await story(app)`, at AS_OF's time."""

    def look(story=None):
        async def told():
            async with open_app(project.folder / "config.toml", as_of=AS_OF) as app:
                if story is not None:
                    await story(app)
                return await status(app)

        return asyncio.run(told())

    return look


def test_before_anything_was_sent_there_is_a_next_slot_and_no_last_issue(glance):
    now = glance()
    (morning,) = now.newsletters
    assert (morning.name, morning.title, morning.timezone) == ("morning", "The Morning Briefing", "Europe/London")
    assert morning.next_slot == "2026-03-11"
    assert morning.next_at == AS_OF + timedelta(days=1)
    assert (morning.last_key, morning.owed, morning.in_doubt, morning.readers) == ("", 0, 0, 3)
    assert (now.failing, now.paused) == ({}, {})


def test_after_an_issue_it_says_how_that_stands(glance):
    (morning,) = glance(lambda app: app.publish("morning")).newsletters
    assert (morning.last_key, morning.last_state, morning.owed) == ("morning@2026-03-10", "done", 0)


def test_who_has_left_is_no_reader(glance):
    async def story(app):
        await app.people.leave("reader1@example.org", newsletter="morning", origin="operator")

    assert glance(story).newsletters[0].readers == 2


def test_a_source_that_fails_is_named_with_its_error(glance, project):
    project.write("world.xml", "<html>no feed</html>")
    now = glance(lambda app: app.gather(app.sources.values()))
    assert now.failing.keys() == {"world"}
    assert now.failing["world"]


def test_a_paused_issue_is_named_with_its_reason(glance, project):
    project.crash("after_c2", "send", "morning", "--as-of", "2026-03-10T06:30Z")

    async def story(app):
        row = await app.issue("morning@2026-03-10")
        await app.store.issues.move(row, IssueState.PAUSED, note="535 wrong password")

    now = glance(story)
    assert now.paused == {"morning@2026-03-10": "535 wrong password"}
    assert now.newsletters[0].owed == 3
