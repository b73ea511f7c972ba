"""An issue of one variant and the newsletter it belongs to, small enough to read whole."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from digest.model import Audience, Issue, IssueRow, IssueState, Links, Newsletter, Part, Picks, Sender, Site, Variant
from digest.sender import MessageBuilder
from digest.testing.fakes import a_delivery
from digest.times import Schedule

SENT = 1_795_464_407_000  # 2026-11-23T20:06:47Z
LINKS = Links(unsubscribe_mail="mailto:unsubscribe@news.example.org?subject=v1.abc")
TEXT = Part(
    literals=("Good morning", ".\n\nAT&T <b>\n.dot\nFrom here\n\n-- \nLeave: <", ">\n"),
    holes=("name", "unsubscribe_url"),
)
HTML = Part(
    literals=("<p>Good morning", '.</p>\n<p>AT&amp;T &lt;b&gt;</p>\n<a href="', '">Leave</a>\n'),
    holes=("name", "unsubscribe_url"),
)


def a_newsletter(**changes):
    site = Site(name="Desk", id="desk1", base_url="", postal_address="1 Road", timezone="UTC", language="en")
    newsletter = Newsletter(
        name="morning",
        title="The Morning Briefing",
        sender=Sender(name="The Morning Desk", address="briefing@news.example.org"),
        lists=("readers",),
        sections=(),
        sources=(),
        schedule=Schedule(words="daily 06:30"),
        timezone="UTC",
        theme="plain",
        site=site,
    )
    return replace(newsletter, **changes)


def an_issue(*, subject="Ferry talks", html=HTML, text=TEXT):
    return Issue(
        newsletter="morning",
        slot="2026-11-23",
        number=7,
        subject=subject,
        standfirst="",
        variants=(Variant(audience=Audience(language="en"), html=html, text=text, mjml=""),),
        picks=Picks(chosen=(), left_out=()),
        cutoff=datetime(2026, 11, 23, 6, 30, tzinfo=UTC),
        theme="plain",
        fingerprint=b"",
    )


A_ROW = IssueRow(id=1, newsletter="morning", slot="2026-11-23", state=IssueState.SENDING, composed_at=SENT)


def a_builder(*, issue=None, newsletter=None, links=LINKS, fill=None, sign=None):
    def filled(delivery, links):
        name = delivery.holes.get("name", "")
        return fill or {
            "name": f", {name}" if name else "",
            "unsubscribe_url": links.unsubscribe or links.unsubscribe_mail,
        }

    return MessageBuilder(
        issue or an_issue(),
        A_ROW,
        newsletter or a_newsletter(),
        fill=filled,
        links=lambda _: links,
        bounce_address=lambda delivery: f"bounces+{delivery.id}@news.example.org",
        sign=sign,
    )


@pytest.fixture(scope="session")
def make():
    """Everything above by name: make.builder(...), make.issue(...), make.newsletter(...), make.delivery(...)."""

    class Make:
        builder = staticmethod(a_builder)
        issue = staticmethod(an_issue)
        newsletter = staticmethod(a_newsletter)
        delivery = staticmethod(a_delivery)
        row = A_ROW
        links = LINKS

    return Make
