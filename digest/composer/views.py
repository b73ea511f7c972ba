"""What a template sees: plain values, no object with methods (docs/reference/theme-context.md lists every key)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from digest.composer import blocks, said
from digest.composer.subject import cut, plain
from digest.model import HOLES, Article, Audience, Image, Newsletter, Pick, Picks

ALT_LENGTH = 150
LARGE = 400  # px: a narrower picture is not blown up to the width of the page
_FILE_NAME = re.compile(r"\S*\.(jpe?g|png|gif|webp|avif)|(image|photo|picture|img)[ _-]?\d*", re.IGNORECASE)

View = dict[str, Any]

# A hole that links a page is open only where that page is.
_PAGES = {"preferences_url": "preferences", "view_url": "archive"}


def context_of(
    picks: Picks, newsletter: Newsletter, audience: Audience, *, slot: str, number: int, now: datetime
) -> View:
    """The issue as this audience sees it, all but subject and standfirst; links.linked() makes its addresses whole.

    `now` is the cut-off.
    """
    site, language, zone = newsletter.site, audience.language, ZoneInfo(newsletter.timezone)
    shown = chosen_for(audience, picks.chosen, newsletter)
    teller = _Teller(newsletter, language, zone, now)
    lead, sections = teller.article(shown[0]), _sections(shown[1:], newsletter, teller)
    date = said.day(now.astimezone(zone).date(), language)
    read = [f"{pick.article.headline} {pick.article.teaser}" for pick in shown]
    return {
        "newsletter": {"name": newsletter.name, "title": newsletter.title},
        "site": {"name": site.name, "postal_address": site.postal_address, "base_url": site.base_url},
        "language": language,
        "dir": said.direction(language),
        "number": number,
        "slot": slot,
        "date": date,
        "part_of_day": said.part_of_day(now, zone),
        "intro": plain(picks.intro),
        "lead": lead,
        "sections": sections,
        "contents": blocks.contents(lead, sections),
        **blocks.extras(picks.extras, teller.voice),
        "more": [teller.line(pick) for pick in picks.more],
        "more_cut": 0,
        "sponsor": teller.sponsor(picks.sponsor) if picks.sponsor else None,
        "stories": len(shown),
        "outlets": len({pick.article.outlet for pick in shown} - {""}) or 1,
        "minutes": said.minutes([*read, picks.intro, *blocks.words_of(picks.extras)]),
        "feedback": blocks.feedback(newsletter.feedback, title=newsletter.title, slot=slot),
        "share": {
            "subject": f"{newsletter.title}, {date}",
            "url": site.issue_url(newsletter.name, slot) or lead["url"],
        },
        "holes": [name for name in HOLES if name not in _PAGES or (site.base_url and _PAGES[name] in site.pages)],
    }


def chosen_for(audience: Audience, chosen: Sequence[Pick], newsletter: Newsletter) -> list[Pick]:
    """The picks of an audience, the lead first: everything, or with topics the lead and the sections they name.

    The lead stays for everybody: the subject speaks of it. Topics that name no section choose nothing.
    """
    lead = next((pick for pick in chosen if pick.lead), chosen[0])
    topics = topics_of(audience, newsletter)
    rest = [pick for pick in chosen if pick is not lead]
    return [lead, *(pick for pick in rest if not topics or pick.section in topics)]


def topics_of(audience: Audience, newsletter: Newsletter) -> frozenset[str]:
    """The sections an audience chose, empty for all of them."""
    sections = {section.name for section in newsletter.sections}
    topics = sections & set(audience.topics)
    return frozenset() if topics == sections else frozenset(topics)


def _sections(rest: Sequence[Pick], newsletter: Newsletter, teller: _Teller) -> list[View]:
    """The sections that have a story beside the lead, in the order of the picks."""
    known = {section.name: section for section in newsletter.sections}
    return [
        {
            "name": name,
            "sub": plain(known[name].sub) if name in known else "",
            "style": known[name].style if name in known else "",
            "stories": _distinct([teller.article(pick) for pick in rest if pick.section == name]),
        }
        for name in dict.fromkeys(pick.section for pick in rest)
    ]


def _distinct(stories: list[View]) -> list[View]:
    """The stories of a section, without a kicker they all carry: it would tell none from another."""
    alike = len(stories) > 1 and len({story["kicker"] for story in stories}) == 1
    return [{**story, "kicker": ""} for story in stories] if alike else stories


class _Teller:
    """Says articles in one language, zone and instant."""

    def __init__(self, newsletter: Newsletter, language: str, zone: ZoneInfo, now: datetime) -> None:
        self._home = newsletter.language
        self._language = language
        self._zone = zone
        self._now = now

    def article(self, pick: Pick) -> View:
        article = pick.article
        when = article.published
        return {
            "headline": plain(article.headline),
            "url": article.url,
            "kicker": plain(article.kicker),
            "teaser": plain(article.teaser),
            "byline": plain(article.byline),
            "outlet": plain(article.outlet),
            "published": said.moment(when, self._language, self._zone, now=self._now) if when else "",
            "time": said.clock(when, self._language, self._zone) if when else "",
            "image": _image(article.image, article.headline),
            **self.voice(article.headline, article.language),
            "section": pick.section,
            "n": pick.n,
            "also_covered_by": [
                {"outlet": plain(other.outlet), "headline": plain(other.headline), "url": other.url}
                for other in pick.also_covered_by
            ],
        }

    def line(self, pick: Pick) -> View:
        """A headline and its link, nothing more."""
        article = pick.article
        return {
            "headline": plain(article.headline),
            "url": article.url,
            "outlet": plain(article.outlet),
            **self.voice(article.headline, article.language),
        }

    def sponsor(self, article: Article) -> View:
        """The word of whoever pays, or of the house: `name` is theirs."""
        return {
            "name": plain(article.sponsor),
            "headline": plain(article.headline),
            "url": article.url,
            "teaser": plain(article.teaser),
            "image": _image(article.image, article.headline),
            **self.voice(article.headline, article.language),
        }

    def voice(self, text: str, language: str = "") -> dict[str, str]:
        """`language` and `dir` of a text where they differ from the page's, "" where they do not.

        Text whose letters run the other way is isolated even when nobody said which language it is.
        """
        own = language or self._home
        foreign = own.partition("-")[0].lower() != self._language.partition("-")[0].lower()
        across = said.direction_of_text(text) not in {"", said.direction(self._language)}
        return {"language": own if foreign else "", "dir": "auto" if foreign or across else ""}


def _image(image: Image | None, headline: str) -> View | None:
    """A picture, its alt a sentence or "": never a file name, never the headline that stands beside it."""
    if image is None or not image.url:
        return None
    alt = cut(plain(image.alt), ALT_LENGTH)
    if _FILE_NAME.fullmatch(alt) or alt == plain(headline):
        alt = ""
    large = not image.width or image.width >= LARGE
    return {"url": image.url, "width": image.width, "height": image.height, "alt": alt, "large": large}
