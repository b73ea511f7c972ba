"""One finished message of an issue, made up for nobody, as the lint of messages sees it."""

from __future__ import annotations

from collections.abc import Iterator

from digest import times
from digest.composer import name_fill
from digest.errors import Mistake
from digest.model import Delivery, DeliveryState, Issue, IssueRow, IssueState, Links, Newsletter, Variant
from digest.sender import MessageBuilder, lint_message

_NOBODY = "reader@example.org"
_TOKEN = "v1." + "A" * 90 + "." + "A" * 22  # as long as a signed one
_NAME = "Maximiliane"


def inspect(newsletter: Newsletter, issue: Issue, *, folder_only: bool) -> tuple[Mistake, ...]:
    """What the lint says to a message of each language of the issue; topics only leave stories out.

    `folder_only`: nothing leaves this machine, so that an example's sender is only warned of.
    """
    builder = _builder(newsletter, issue)
    found: dict[Mistake, None] = {}
    for variant in _one_of_each_language(issue):
        message = builder.build(_delivery(variant))
        notes = lint_message(
            message.data, folder_only=folder_only, largest=newsletter.budget.hard, file=f"theme {issue.theme}"
        )
        found.update(dict.fromkeys(notes))
    return tuple(found)


def sample(newsletter: Newsletter, issue: Issue) -> bytes:
    """The finished message of the issue's first variant for somebody made up; its links lead nowhere."""
    return _builder(newsletter, issue).build(_delivery(issue.variants[0])).data


def _one_of_each_language(issue: Issue) -> Iterator[Variant]:
    seen: set[str] = set()
    for variant in issue.variants:
        if variant.audience.language not in seen:
            seen.add(variant.audience.language)
            yield variant


def _builder(newsletter: Newsletter, issue: Issue) -> MessageBuilder:
    base, domain = newsletter.site.base_url, newsletter.sender.address.rpartition("@")[2]
    links = Links(
        unsubscribe=f"{base}/u/{_TOKEN}" if base else "",
        unsubscribe_mail=f"mailto:unsubscribe@{domain}?subject={_TOKEN}",
    )
    now = times.milliseconds(issue.cutoff)
    row = IssueRow(
        id=0, newsletter=newsletter.name, slot=issue.slot, state=IssueState.SENDING, composed_at=now, due_at=now
    )
    return MessageBuilder(
        issue,
        row,
        newsletter,
        fill=lambda delivery, links: {
            "name": name_fill(_NAME, delivery.variant.partition("+")[0]),
            "unsubscribe_url": links.unsubscribe or links.unsubscribe_mail,
            "preferences_url": f"{base}/p/{_TOKEN}",
            "view_url": newsletter.site.issue_url(newsletter.name, issue.slot),
        },
        links=lambda _: links,
        bounce_address=lambda _: f"bounces@{domain}",
    )


def _delivery(variant: Variant) -> Delivery:
    return Delivery(
        issue_id=0,
        id=0,
        subscriber="nobody",
        address=_NOBODY,
        message_id="inspection@example.org",
        variant=variant.audience.key,
        holes={"name": _NAME},
        state=DeliveryState.PENDING,
        attempt=0,
        doubts=0,
        due_at=0,
    )
