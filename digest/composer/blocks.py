"""What a template sees beside the articles: the contents, an editor's blocks, the questions at the end."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain, zip_longest
from typing import Any
from urllib.parse import quote as percent

from digest.composer.subject import plain
from digest.model import Aside, Extras

View = dict[str, Any]
Voice = Callable[[str], Mapping[str, str]]  # `language` and `dir` of a text of the newsletter's own

CONTENTS = 5  # lines; a longer list is read by nobody
_LEAST = 4  # stories: fewer need no list of contents
ANSWERS = ("good", "fair", "poor")


def contents(lead: View, sections: Sequence[View]) -> list[View]:
    """At most five stories that stand for all, in reading order: the lead, the first of each section, the second ...

    Those in brief are told in a line anyway. Empty for fewer than four stories.
    """
    lists = [section["stories"] for section in sections if section["style"] != "brief"]
    told = [lead, *chain.from_iterable(lists)]
    if len(told) < _LEAST:
        return []
    by_turns = [story for one_each in zip_longest(*lists) for story in one_each if story]
    kept = {id(story) for story in [lead, *by_turns][:CONTENTS]}
    return [
        {key: story[key] for key in ("headline", "url", "section", "language", "dir")}
        for story in told
        if id(story) in kept
    ]


def extras(told: Extras, voice: Voice) -> View:
    """`figure` (the number of the day) and `quote`, None without one; `missed` and `joys`, lists."""
    number, quote = told.number, told.quote
    return {
        "figure": number
        and {
            "value": plain(number.value),
            "text": plain(number.text),
            "url": number.url,
            "outlet": plain(number.outlet),
            **voice(number.text),
        },
        "quote": quote
        and {
            "text": plain(quote.text),
            "who": plain(quote.who),
            "url": quote.url,
            "outlet": plain(quote.outlet),
            **voice(quote.text),
        },
        "missed": asides(told.missed, voice),
        "joys": asides(told.joys, voice),
    }


def asides(told: Sequence[Aside], voice: Voice) -> list[View]:
    """Lines of a short list."""
    return [
        {
            "headline": plain(line.headline),
            "url": line.url,
            "outlet": plain(line.outlet),
            **voice(line.headline),
        }
        for line in told
    ]


def words_of(told: Extras) -> list[str]:
    """What of the blocks is read, for the reading time."""
    texts = [line.headline for line in (*told.missed, *told.joys)]
    texts += [told.number.text] if told.number else []
    return texts + ([told.quote.text] if told.quote else [])


def feedback(where: str, *, title: str, slot: str) -> View | None:
    """A link per answer, None where nobody asks: mail to an address, or the page with `{answer}` and `{slot}` filled."""
    if not where:
        return None
    if "{answer}" in where:
        filled = where.replace("{slot}", percent(slot, safe=""))
        return {answer: filled.replace("{answer}", answer) for answer in ANSWERS}
    return {answer: mailto(where, subject=f"{title}, {slot}: {answer}") for answer in ANSWERS}


def mailto(address: str = "", **fields: str) -> str:
    """A mailto URI (RFC 6068); without an address the reader's mail program asks for one."""
    asked = "&".join(f"{name}={percent(text, safe=':,/')}" for name, text in fields.items())
    return f"mailto:{percent(address, safe='@+')}?{asked}"
