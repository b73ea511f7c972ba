"""App, in this process: preparing, publishing, continuing, missing, testing."""

from datetime import timedelta

import pytest

from digest.config import load_keys
from digest.errors import ConfigError, DigestError, StoreError
from digest.model import IssueState, OutcomeKind
from tests.end_to_end.situation import AS_OF, NOW, day

KEY = "morning@2026-03-10"


def ms(instant):
    return int(instant.timestamp() * 1000)


def outbox(project):
    return sorted((project.folder / "var" / "outbox").rglob("*.eml"))


def test_preparing_commits_nothing_and_publishing_freezes_what_was_prepared(act, project):
    async def story(app):
        first = await app.prepare("morning")
        again = await app.prepare("morning")
        rows = await app.store.issues.list()
        report = await app.publish("morning")
        return first, again, rows, report, await app.store.issues.load(await app.issue(KEY))

    first, again, rows, report, frozen = act(story, as_of=AS_OF)
    assert rows == ()
    assert first.issue == again.issue == frozen
    assert (report.key, report.state, report.sent_now, report.fresh) == (KEY, "done", 3, True)
    assert len(outbox(project)) == 3


def test_publishing_again_sends_nothing(act, project):
    async def story(app):
        await app.publish("morning")
        return await app.publish("morning")

    again = act(story)
    assert (again.state, again.sent_now, again.fresh, again.owed) == ("done", 0, False, 0)
    assert len(outbox(project)) == 3


def test_after_todays_issue_the_next_free_slot_is_prepared_as_of_its_instant(act):
    async def story(app):
        await app.publish("morning")
        return await app.prepare("morning")

    prepared = act(story)
    assert (prepared.slot, prepared.cutoff) == ("2026-03-11", AS_OF + timedelta(days=1))
    assert prepared.issue is None


def test_a_planned_row_of_a_crash_is_planned_anew_in_preview_and_send(act, clock):
    async def planned(app):
        due = ms(clock())
        await app.store.issues.plan("morning", "2026-03-10", due_at=due, expires_at=None, cutoff=due, doubt="once")

    act(planned)
    clock.on(hours=2)

    async def story(app):
        prepared = await app.prepare("morning")
        await app.publish("morning")
        row = await app.issue(KEY)
        return prepared, row, await app.store.issues.load(row)

    prepared, row, frozen = act(story)
    assert prepared.cutoff >= AS_OF + timedelta(hours=2)
    assert row.state == "done"
    assert row.cutoff == row.due_at >= ms(AS_OF + timedelta(hours=2))
    assert row.expires_at == row.due_at + 8 * 3_600_000
    assert frozen.picks.chosen == prepared.picks.chosen


def test_the_issue_that_owes_somebody_goes_before_a_new_one(act, project, clock):
    project.crash("after_c1", "send", "morning", "--as-of", NOW)
    clock.on(hours=1)
    project.news(day(6, until=AS_OF + timedelta(hours=1), about="Fresh news"))

    async def story(app):
        return await app.publish("morning"), await app.store.issues.list()

    report, rows = act(story)
    assert (report.key, report.sent_now, report.fresh) == (KEY, 3, False)
    assert [row.key for row in rows] == [KEY]


def test_unfinished_issues_are_those_that_can_go_on_now(act, project, clock):
    project.crash("after_c1", "send", "morning", "--as-of", NOW)

    async def owed(app):
        return [row.key for row in await app.unfinished("morning")]

    assert act(owed) == [KEY]
    clock.on(seconds=-1)
    assert act(owed) == [KEY], "fresh rows are due at once"
    act(lambda app: app.publish("morning"))
    assert act(owed) == []


def test_a_doubt_waits_for_its_pause(act, project, clock):
    project.configure(newsletter='doubt_pause = "10m"')
    project.crash("after_c4", "send", "morning", "--as-of", NOW)
    clock.on(minutes=1)

    async def story(app):
        (first,) = await app.unfinished("morning")
        report = await app.publish("morning")  # two are served, one is in doubt
        waiting = await app.unfinished("morning")
        clock.on(minutes=10)
        (after,) = await app.unfinished("morning")
        last = await app.publish("morning")
        return first.key, report, waiting, after.key, last

    first, report, waiting, after, last = act(story)
    assert (first, after, waiting) == (KEY, KEY, ())
    assert (report.sent_now, report.counts["in_doubt"], report.state) == (2, 1, "sending")
    assert (last.sent_now, last.counts["sent"], last.state) == (1, 3, "done")


def test_a_slot_can_be_missed_once_and_only_where_something_was_sent(act):
    async def story(app):
        slot, instant = "2026-03-11", AS_OF + timedelta(days=1)
        new = await app.miss("morning", slot=slot, instant=instant)
        await app.publish("morning")
        missed = [await app.miss("morning", slot=slot, instant=instant) for _ in range(2)]
        return new, missed, await app.issue(f"morning@{slot}")

    new, missed, row = act(story)
    assert (new, missed) == (False, [True, False])
    assert (row.state, row.note) == (IssueState.MISSED, "more than 6h late")


def test_a_slot_that_was_sent_is_never_missed(act):
    async def story(app):
        await app.publish("morning")
        said = await app.miss("morning", slot="2026-03-10", instant=AS_OF)
        return said, (await app.issue(KEY)).state

    assert act(story) == (False, "done")


def test_an_operator_may_fill_a_missed_slot(act, clock):
    async def story(app):
        await app.publish("morning")
        clock.on(days=1, hours=8)
        await app.miss("morning", slot="2026-03-11", instant=AS_OF + timedelta(days=1))
        return await app.publish("morning", slot="2026-03-11")

    assert act(story).state == "empty", "filled anew: there is no fresh news"


def test_the_daemon_never_starts_a_missed_slot_over(act, clock):
    async def story(app):
        await app.publish("morning")
        clock.on(days=1, hours=8)
        instant = AS_OF + timedelta(days=1)
        await app.miss("morning", slot="2026-03-11", instant=instant)
        return await app.publish_due("morning", slot="2026-03-11", instant=instant)

    assert act(story).state == "missed"


def test_a_test_goes_to_one_address_and_uses_nothing_up(act, project):
    async def story(app):
        outcome = await app.send_test("morning", "editor@example.org")
        return outcome, await app.store.issues.list(), await app.publish("morning")

    outcome, rows, report = act(story)
    assert outcome.kind is OutcomeKind.SENT
    assert rows == ()
    assert report.sent_now == 3
    assert {path.parent.name for path in outbox(project)} == {f"test-{KEY}", KEY}


def test_bad_lines_stop_a_command_but_cost_the_daemon_those_lines_alone(act, project):
    path = project.folder / "subscribers" / "readers.toml"
    path.write_text(path.read_text() + '\n[[subscribers]]\nemail = "reader1@example.org"\n')
    line = len(path.read_text().splitlines())

    async def story(app):
        with pytest.raises(ConfigError, match=rf"readers\.toml:{line}"):
            await app.publish("morning")
        rows = await app.store.issues.list()
        return rows, await app.publish_due("morning", slot="2026-03-10", instant=AS_OF)

    rows, report = act(story)
    assert rows == ()
    assert report.sent_now == 3
    assert [(one.file, one.line) for one in report.bad_lines] == [("subscribers/readers.toml", line)]


def test_a_list_that_cannot_be_read_at_all_stops_the_daemon_too(act, project):
    project.write("subscribers/readers.toml", "[[subscribers\n")

    async def story(app):
        with pytest.raises(ConfigError, match=r"subscribers/readers\.toml:1"):
            await app.publish_due("morning", slot="2026-03-10", instant=AS_OF)
        return await app.store.issues.list()

    assert act(story) == ()


def test_stopping_breaks_off_the_reading_of_sources_and_plans_nothing(act):
    async def story(app):
        app.stop.set()
        with pytest.raises(DigestError, match="stopped while sources were being read"):
            await app.publish("morning")
        return await app.store.issues.list()

    assert act(story) == ()


def test_a_pause_is_ended_by_resume_alone(act, project):
    project.crash("after_c2", "send", "morning", "--as-of", NOW)

    async def story(app):
        row = await app.store.issues.move(await app.issue(KEY), IssueState.PAUSED, note="535 no")
        quiet = await app.publish("morning", slot="2026-03-10")
        await app.orders.resume(row)
        with pytest.raises(DigestError, match=f"{KEY} is sending, not paused"):
            await app.orders.resume(await app.issue(KEY))
        return quiet, await app.publish("morning")

    quiet, report = act(story)
    assert (quiet.state, quiet.sent_now) == ("paused", 0)
    assert (report.state, report.sent_now) == ("done", 3)


@pytest.mark.parametrize(
    ("what", "why"),
    [
        (lambda app: app.publish("mornin"), "no newsletter called 'mornin'"),
        (lambda app: app.publish("morning", slot="tomorrow"), "'tomorrow' is no slot"),
        (lambda app: app.issue("morning@2020-01-01"), "no issue 'morning@2020-01-01'"),
        (lambda app: app.people.leave("reader1@example.org", newsletter="x", origin="o"), "no newsletter called 'x'"),
        (lambda app: app.send_test("morning", "no address"), "'no address'"),
        (lambda app: app.people.add("a@example.org", "nolist", ""), "nolist"),
    ],
)
def test_what_was_mistyped_is_one_line_and_exit_2(act, what, why):
    with pytest.raises(DigestError) as caught:
        act(what)
    assert why in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2


def test_a_store_with_another_secret_is_refused(act, project):
    act(lambda app: app.publish("morning"))
    secret = project.folder / "var" / "secret"
    secret.unlink()
    with pytest.raises(ConfigError, match="is missing, and the store was made with it"):
        act(lambda app: app.publish("morning"))
    load_keys(secret, create=True)
    with pytest.raises(StoreError, match="wrong secret"):
        act(lambda app: app.publish("morning"))
