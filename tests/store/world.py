"""A small made-up world for the store's tests: articles, an issue, readers, and the steps of a sending."""

import hashlib
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from digest.model import (
    Article,
    Audience,
    Image,
    Intent,
    Issue,
    IssueState,
    LeftOut,
    NewDelivery,
    Outcome,
    OutcomeKind,
    Part,
    Phase,
    Pick,
    Picks,
    Posted,
    Reason,
    Reply,
    Variant,
)
from digest.times import from_milliseconds, milliseconds

# Run as `python -c DIE URL READERS`: a process that is killed inside of the freeze.
DIE = """
import asyncio, os, signal, sys
from digest.store import Store
from tests.store.world import KEY, compose
async def main():
    def die(name):
        if name == "inside_c1":
            os.kill(os.getpid(), signal.SIGKILL)
    store = await Store.open(sys.argv[1], ledger_key=KEY, mark=die)
    await compose(store, int(sys.argv[2]))
asyncio.run(main())
"""
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
NOW = milliseconds(NOON)
HOUR = 3_600_000
KEY = b"the ledger key of the tests"


class Clock:
    """A clock that stands still until it is set; UTC milliseconds."""

    now = NOW

    def __call__(self):
        return self.now


def an_article(number=1, **changes):
    fields = {
        "id": f"guid:{number}",
        "url": f"https://example.org/{number}",
        "headline": f'Headline {number} "Ærø" \u2603 \U0001f4f0',
        "outlet": "Example Times",
        "published": NOON - timedelta(hours=number, microseconds=7),
        "source": "world",
        "first_seen": NOON,
        "entered": NOON,
        "place": number,
        "keys": (f"guid:{number}", f"url:example.org/{number}"),
        "image": Image(url="https://example.org/a.jpg", width=600, height=400, alt="a"),
        "tags": ("a", "b"),
    }
    return Article(**fields | changes)


def an_issue(slot="2026-11-23", newsletter="morning", articles=None, cutoff=NOON):
    articles = [an_article(1), an_article(2)] if articles is None else articles
    chosen = tuple(
        Pick(article=article, section="World", n=n, lead=n == 1, score=1.5, reason=Reason.PINNED)
        for n, article in enumerate(articles, 1)
    )
    left_out = (LeftOut(article=an_article(9), reason=Reason.TOO_OLD, fact="3 days"),)
    part = Part(literals=("<p>Hello ", "!\r\n", ""), holes=("name", "unsubscribe_url"))
    variants = tuple(
        Variant(
            audience=Audience(language=language), html=part, text=Part(literals=(f"Hallo {language}",)), mjml="<mjml/>"
        )
        for language in ("en", "de")
    )
    return Issue(
        newsletter=newsletter,
        slot=slot,
        number=1,
        subject="A day \u2603",
        standfirst="What happened",
        variants=variants,
        picks=Picks(chosen=chosen, left_out=left_out, intro="Good morning"),
        cutoff=cutoff,
        theme="briefing",
        fingerprint=b"\x00\xff" * 16,
    )


def hash_of(name):
    return hashlib.sha256(name.encode()).digest()[:16]


def a_row(name, **changes):
    return replace(
        NewDelivery(
            subscriber=name,
            address=f"{name}@example.org",
            domain="example.org",
            address_hash=hash_of(name),
            message_id=f"{name}@news.example.org",
            variant="en",
            holes={"name": name.title()},
        ),
        **changes,
    )


def people(count):
    return [a_row(f"reader{n:03}") for n in range(1, count + 1)]


async def plan(store, slot="2026-11-23", newsletter="morning", doubt="once", due_at=NOW, lasts=8 * HOUR):
    row, _ = await store.issues.plan(
        newsletter,
        slot,
        due_at=due_at,
        expires_at=None if lasts is None else due_at + lasts,
        cutoff=due_at,
        doubt=doubt,
    )
    return row


async def compose(store, count=3, slot="2026-11-23", newsletter="morning", **planned):
    row = await plan(store, slot, newsletter, **planned)
    number = await store.issues.next_number(newsletter)
    issue = replace(an_issue(slot, newsletter), number=number, cutoff=from_milliseconds(row.due_at))
    return (await freeze(store, row, people(count), issue)).row


async def freeze(store, row, deliveries, issue=None):
    """C1 with the expiry that was planned."""
    issue = issue or replace(an_issue(), cutoff=from_milliseconds(row.cutoff))
    return await store.issues.freeze(row, issue, deliveries, now=NOW, expires_at=row.expires_at)


async def begin(store, count=3, **planned):
    """An issue in state sending."""
    return await store.issues.move(await compose(store, count, **planned), IssueState.SENDING)


async def owed(store, row, now=NOW):
    return await store.ledger.owed(row, now=now, after=(-1, 0), limit=1000)


def answer(kind, code=250, text="ok", *, phase=Phase.DOT, **more):
    return Outcome(kind=OutcomeKind(kind), reply=Reply(phase=phase, code=code, text=text), **more)


async def intend(store, *deliveries, now=NOW):
    return await store.ledger.commit([], [Intent(delivery=delivery, now=now) for delivery in deliveries])


async def enter(store, delivery, outcome, *, intended=True):
    attempt = delivery.attempt + intended
    await store.ledger.commit([Posted(delivery=delivery, attempt=attempt, outcome=outcome)], [])


async def states(store, row):
    return {one.subscriber: str(one.state) for one in await store.issues.deliveries(row)}
