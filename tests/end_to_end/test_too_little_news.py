"""Fault row 64: nothing to say. Nothing is sent, nothing is used up, the owner is told."""

from tests.end_to_end.situation import NOW, day

KEY = "morning@2026-03-10"


def test_row64_nothing_to_say_is_an_empty_issue_and_nothing_is_sent(project):
    project.configure(newsletter="minimum = 6")
    out = project.digest("send", "morning", "--as-of", NOW)
    assert "too little news: 5 of at least 6 articles" in out
    assert project.messages(KEY) == []
    assert project.state(KEY) == "empty"


def test_row64_no_article_at_all(project):
    project.news([{"title": "Ancient", "date": None}])
    assert "no news" in project.digest("send", "morning", "--as-of", NOW)
    assert project.state(KEY) == "empty"


def test_fail_empty_exits_3(project):
    project.configure(newsletter="minimum = 6")
    project.digest("send", "morning", "--as-of", NOW, "--fail-empty", code=3)


def test_when_short_send_sends_what_there_is(project):
    project.configure(newsletter='minimum = 6\nwhen_short = "send"')
    project.digest("send", "morning", "--as-of", NOW)
    assert project.counts(KEY) == {"sent": 3}


def test_nothing_was_used_up_so_the_slot_can_be_filled_later(project):
    project.configure(newsletter="minimum = 6")
    project.digest("send", "morning", "--as-of", NOW)
    project.news(day(7))
    project.digest("send", "morning", "--as-of", "2026-03-10T08:00Z")
    assert project.counts(KEY) == {"sent": 3}
    assert len(project.json("issues", "show", KEY)["picks"]["chosen"]) == 7


def test_an_empty_list_is_no_crash(project):
    project.write("subscribers/readers.toml", 'title = "Nobody yet"\n')
    assert "nobody to send to" in project.digest("send", "morning", "--as-of", NOW)
    assert project.state(KEY) == "empty"
