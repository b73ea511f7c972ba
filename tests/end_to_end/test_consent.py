"""A "no" always wins: per newsletter or for everything, whatever the files say."""

import re

from tests.end_to_end.situation import NOW

SECOND = """
[newsletters.good-news]
title = "Good News"
from = "The Morning Desk <good@news.example.org>"
lists = ["readers"]
schedule = "daily 07:00"
theme = "good-news"
sections = [{ name = "Joys", sources = ["world"], max = 5 }]
"""


def receivers(project, key):
    return sorted(message["To"].addresses[0].addr_spec for message in project.messages(key))


def test_leaving_one_newsletter_leaves_the_other(project):
    project.configure(more=SECOND)
    project.digest("subscribers", "leave", "reader1@example.org", "--newsletter", "morning")
    project.digest("send", "morning", "--as-of", NOW)
    project.digest("send", "good-news", "--as-of", NOW)
    assert receivers(project, "morning@2026-03-10") == ["reader0@example.org", "reader2@example.org"]
    assert len(receivers(project, "good-news@2026-03-10")) == 3


def test_leaving_everything_is_everything(project):
    project.configure(more=SECOND)
    project.digest("subscribers", "leave", "reader1@example.org")
    project.digest("send", "morning", "--as-of", NOW)
    project.digest("send", "good-news", "--as-of", NOW)
    assert "reader1@example.org" not in receivers(project, "morning@2026-03-10")
    assert "reader1@example.org" not in receivers(project, "good-news@2026-03-10")


def test_adding_somebody_again_does_not_undo_their_no(project):
    project.digest("subscribers", "leave", "Reader1@Example.ORG")
    project.digest("subscribers", "remove", "reader1@example.org")
    out = project.digest("subscribers", "add", "reader1@example.org", "--name", "Back")
    assert "they have left morning" in out
    project.digest("send", "morning", "--as-of", NOW)
    assert "reader1@example.org" not in receivers(project, "morning@2026-03-10")
    why = project.digest("subscribers", "why", "reader1@example.org")
    assert "no: has left" in why
    assert "left every newsletter" in why


def test_somebody_who_leaves_after_the_freeze_is_skipped(project):
    project.crash("after_c1", "send", "morning", "--as-of", NOW)
    project.digest("subscribers", "leave", "reader1@example.org")
    project.digest("send", "morning", "--as-of", NOW)
    assert project.counts("morning@2026-03-10") == {"sent": 2, "skipped": 1}
    assert "reader1@example.org" not in receivers(project, "morning@2026-03-10")


def test_without_base_url_unsubscribing_is_mailto_alone(project):
    project.digest("send", "morning", "--as-of", NOW)
    message = project.messages("morning@2026-03-10")[0]
    assert re.fullmatch(r"<mailto:unsubscribe@news\.example\.org\?subject=v1\.\S+>", message["List-Unsubscribe"])
    assert message["List-Unsubscribe-Post"] is None
    text = message.get_body(("plain",)).get_content()
    assert "mailto:unsubscribe@news.example.org" in text
    assert "1 Harbour Street" in text


def test_with_base_url_the_header_offers_one_click(project):
    project.configure(site='base_url = "https://news.example.org"')
    project.digest("send", "morning", "--as-of", NOW)
    message = project.messages("morning@2026-03-10")[0]
    assert re.match(r"<https://news\.example\.org/u/v1\.[^>]+>, <mailto:", message["List-Unsubscribe"])
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_add_and_remove_keep_the_comments_of_the_file(project):
    path = project.write("subscribers/readers.toml", '# ours\n[[subscribers]]\nemail = "a@example.org"  # first\n')
    project.digest("subscribers", "add", "b@example.org", "--name", "Bea")
    assert "# ours" in path.read_text()
    assert "# first" in path.read_text()
    project.digest("subscribers", "remove", "b@example.org")
    assert path.read_text().strip() == '# ours\n[[subscribers]]\nemail = "a@example.org"  # first'.strip()
