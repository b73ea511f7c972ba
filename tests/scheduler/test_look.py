"""What the daemon does each time it looks, in this process, with a clock that is moved by hand."""

import asyncio
import logging

from digest.app import open_app
from digest.scheduler.daemon import look
from tests.end_to_end.situation import NOW


def looking(project, clock, story):
    """Run `story(app, look)`; what look() looks at is the morning."""

    async def told():
        async with open_app(project.folder / "config.toml", clock=clock) as app:
            return await story(app, lambda: look(app, app.newsletter("morning")))

    return asyncio.run(told())


async def issues(app):
    return {row.slot: (row.state.value, row.note) for row in await app.store.issues.list()}


def files(project):
    return sorted(path.name for path in (project.folder / "var" / "outbox").rglob("*.eml"))


def test_a_slot_is_sent_once_however_often_it_is_looked_at(project, clock):
    async def story(app, look):
        for _ in range(5):
            await look()
            clock.on(minutes=7)
        return await issues(app)

    assert looking(project, clock, story) == {"2026-03-10": ("done", "")}
    assert len(files(project)) == 3


def test_nothing_is_sent_before_the_slot(project, clock):
    async def story(app, look):
        clock.on(milliseconds=-1)
        await look()  # yesterday's: 24 hours late, but nothing was ever sent, so nothing was missed
        return await issues(app)

    assert looking(project, clock, story) == {}


def test_two_hours_late_is_sent_and_marked_late(project, clock, caplog):
    caplog.set_level(logging.INFO)
    clock.on(hours=2)

    async def story(app, look):
        await look()
        return await issues(app), (await app.issue("morning@2026-03-10")).cutoff

    rows, cutoff = looking(project, clock, story)
    assert rows == {"2026-03-10": ("done", "2h late")}
    assert abs(cutoff - clock().timestamp() * 1000) < 1000
    assert "2h late" in {record.notes for record in caplog.records if hasattr(record, "notes")}


def test_days_late_is_missed_and_said_once(project, clock, caplog):
    async def story(app, look):
        await look()
        clock.on(days=3, hours=7)
        await look()
        await look()
        return await issues(app)

    rows = looking(project, clock, story)
    assert rows == {"2026-03-10": ("done", ""), "2026-03-13": ("missed", "more than 6h late")}
    assert [record.issue for record in caplog.records if record.message == "missed"] == ["morning@2026-03-13"]
    assert len(files(project)) == 3


def test_a_row_planned_before_a_crash_is_finished(project, clock):
    project.crash("after_c0", "send", "morning", "--as-of", NOW)
    clock.on(minutes=30)

    async def story(app, look):
        before = await issues(app)
        await look()
        return before, await issues(app)

    before, after = looking(project, clock, story)
    assert before == {"2026-03-10": ("planned", "")}
    assert after == {"2026-03-10": ("done", "30m late")}
    assert len(files(project)) == 3


def test_a_planned_row_found_too_late_is_missed(project, clock):
    async def story(app, look):
        cutoff = int(clock().timestamp() * 1000)
        await app.store.issues.plan(
            "morning", "2026-03-10", due_at=cutoff, expires_at=None, cutoff=cutoff, doubt="once"
        )
        clock.on(hours=7)
        await look()
        return await issues(app)

    assert looking(project, clock, story) == {"2026-03-10": ("missed", "more than 6h late")}


def test_an_issue_cut_short_is_finished_and_not_called_late(project, clock, caplog):
    caplog.set_level(logging.INFO)
    project.crash("after_c1", "send", "morning", "--as-of", NOW)
    clock.on(minutes=20)

    async def story(app, look):
        await look()
        return await issues(app)

    assert looking(project, clock, story) == {"2026-03-10": ("done", "")}
    assert [(record.sent, record.notes) for record in caplog.records if record.message == "issue done"] == [(3, "")]


def test_a_bad_line_of_a_list_costs_that_line_alone_and_is_named(project, clock, caplog):
    caplog.set_level(logging.INFO)
    path = project.folder / "subscribers" / "readers.toml"
    path.write_text(path.read_text() + '\n[[subscribers]]\nemail = "no address at all"\n')
    line = len(path.read_text().splitlines())

    async def story(app, look):
        await look()
        return await issues(app)

    assert looking(project, clock, story) == {"2026-03-10": ("done", "")}
    assert len(files(project)) == 3
    (notes,) = (record.notes for record in caplog.records if getattr(record, "notes", ""))
    assert f"subscribers/readers.toml:{line}" in notes
    assert "no address at all" not in notes


def test_an_empty_issue_is_logged_as_an_error_and_not_tried_again(project, clock, caplog):
    project.news([])

    async def story(app, look):
        await look()
        clock.on(hours=1)
        await look()
        return await issues(app)

    assert looking(project, clock, story) == {"2026-03-10": ("empty", "no news")}
    assert [record.levelname for record in caplog.records if record.message == "issue empty"] == ["ERROR"]


def test_a_failing_source_is_named_and_stops_nothing(project, clock, caplog):
    project.write("world.xml", "<html>not a feed</html>")

    async def story(app, look):
        await look()

    looking(project, clock, story)
    assert [record.source for record in caplog.records if record.message == "source failed"] == ["world"]
