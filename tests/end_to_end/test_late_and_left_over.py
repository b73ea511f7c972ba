"""Issues that were left: planned and not composed, owed and expired, settled and not closed. The next call sees to them."""

import socket

from tests.end_to_end.situation import NOW, day, smtp

KEY = "morning@2026-03-10"


def dead_relay():
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        return closed.getsockname()[1]


def break_theme(project, root):
    theme = project.folder / "templates" / "email" / "briefing"
    theme.mkdir(parents=True)
    for path in (root / "templates" / "email" / "briefing").iterdir():
        (theme / path.name).write_bytes(path.read_bytes())
    toml = theme / "theme.toml"
    whole = toml.read_text()
    toml.write_text("title = \n" + whole)
    return lambda: toml.write_text(whole)


def test_a_theme_mended_nine_hours_later_still_reaches_everybody(project, root):
    mend = break_theme(project, root)
    project.digest("send", "morning", "--as-of", NOW, code=1)
    mend()
    project.digest("send", "morning", "--as-of", "2026-03-10T15:30Z")
    assert project.counts(KEY) == {"sent": 3}


def test_a_composed_issue_goes_on_while_the_theme_is_broken(project, root):
    project.crash("after_c1", "send", "morning", "--as-of", NOW)
    break_theme(project, root)
    project.digest("send", "morning", "--as-of", NOW)
    assert project.counts(KEY) == {"sent": 3}


def test_yesterdays_expired_issue_does_not_cost_todays(project, running_sink):
    project.configure(transport=smtp(dead_relay()))
    project.digest("send", "morning", "--as-of", NOW, code=1)
    sink = running_sink()
    project.configure(transport=smtp(sink.port))
    project.news([*day(4, about="Today", until=day(1)[0]["date"].replace(day=11)), *day(5)])
    out = project.digest("send", "morning", "--as-of", "2026-03-11T06:30Z")
    assert "morning@2026-03-10 first: done, 3 failed" in out
    assert project.state(KEY) == "done"
    assert project.counts("morning@2026-03-11") == {"sent": 3}
    assert len(sink.messages) == 3


def test_an_issue_that_was_only_to_be_closed_is_closed_by_the_next_days_send(project):
    project.crash("before_c6", "send", "morning", "--as-of", NOW)
    assert project.state(KEY) == "sending"
    project.digest("send", "morning", "--as-of", "2026-03-11T06:30Z")
    assert project.state(KEY) == "done"


def test_when_nobody_could_be_reached_the_command_fails(project, running_sink):
    sink = running_sink(script=lambda step, *_: "550 5.1.1 no" if step == "rcpt" else None)
    project.configure(transport=smtp(sink.port))
    project.digest("send", "morning", "--as-of", NOW, code=1)
    assert project.counts(KEY) == {"failed": 3}


def test_what_is_shown_as_of_an_instant_leaves_no_trace(project):
    project.digest("preview", "morning", "--as-of", "2026-03-07T06:30Z", "--out", "shown", code=1)
    project.digest("explain", "morning", "--as-of", "2026-03-12T06:30Z")
    project.digest("send", "morning", "--as-of", "2026-03-12T06:30Z", "--dry-run")
    project.digest("send", "morning", "--as-of", NOW)
    assert project.counts(KEY) == {"sent": 3}
    assert len(project.json("issues", "show", KEY)["picks"]["chosen"]) == 5


def test_a_pause_says_how_it_ends(project, running_sink):
    sink = running_sink(script=lambda step, *_: "530 5.7.0 authentication required" if step == "mail" else None)
    project.configure(transport=smtp(sink.port))
    out = project.digest("send", "morning", "--as-of", NOW, code=1)
    assert f"digest issues resume {KEY}" in out


def test_what_is_written_beside_the_messages_is_ours_alone(project):
    project.digest("send", "morning", "--as-of", NOW)
    outbox = project.folder / "var" / "outbox"
    assert {path.stat().st_mode & 0o777 for path in (outbox, outbox / KEY)} == {0o700}
    assert {path.stat().st_mode & 0o777 for path in (outbox / KEY).iterdir()} == {0o600}
