"""compose(): from picks to a frozen issue. Pure apart from the theme: equal input gives equal bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from digest.composer.subject import one_line, standfirst
from digest.composer.views import context_of, topics_of
from digest.errors import ConfigError, Mistake, TemplateError
from digest.model import Audience, Issue, Newsletter, Picks, Variant
from digest.protocols import Theme

MAX_VARIANTS = 200  # ARCHITECTURE.md 5: each is rendered and stored whole


def compose(
    picks: Picks,
    newsletter: Newsletter,
    theme: Theme,
    *,
    slot: str,
    number: int,
    audiences: Sequence[Audience],
    now: datetime,
) -> Issue:
    """The issue of this slot, one variant per audience. `now` is the cut-off, never the wall clock.

    Raises TemplateError when the theme or the subject line cannot be rendered, or there is no article, and
    ConfigError when the audiences make more than 200 variants.
    """
    if not picks.chosen:
        raise TemplateError(f"newsletter {newsletter.name} has no article to compose", theme=theme.name)
    first = context_of(picks, newsletter, Audience(language=newsletter.language), slot=slot, number=number, now=now)
    subject = _subject(picks, newsletter, theme, first)
    line = standfirst(subject, picks.chosen, fallback=f"{newsletter.title}, {first['date']}")
    made: dict[Audience, Variant] = {}
    variants = []
    for audience in _variants(audiences, newsletter):
        alike = Audience(language=audience.language, topics=tuple(sorted(topics_of(audience, newsletter))))
        if alike not in made:
            context = context_of(picks, newsletter, alike, slot=slot, number=number, now=now)
            made[alike] = _variant(theme, alike, {**context, "subject": subject, "standfirst": line})
        variants.append(replace(made[alike], audience=audience))
    return Issue(
        newsletter=newsletter.name,
        slot=slot,
        number=number,
        subject=subject,
        standfirst=line,
        variants=tuple(variants),
        picks=picks,
        cutoff=now,
        theme=theme.name,
        fingerprint=fingerprint(variants),
    )


def subject_of(picks: Picks, newsletter: Newsletter, theme: Theme, *, slot: str, number: int, now: datetime) -> str:
    """The issue's subject; raises TemplateError that names the line of config.toml."""
    home = Audience(language=newsletter.language)
    return _subject(picks, newsletter, theme, context_of(picks, newsletter, home, slot=slot, number=number, now=now))


def fingerprint(variants: Iterable[Variant]) -> bytes:
    """sha256 over the literals and hole names of all variants, each behind its length, so that no two issues meet."""
    digest = hashlib.sha256()
    for variant in variants:
        for part in (variant.html, variant.text):
            digest.update(len(part.holes).to_bytes(8, "big"))
            for piece in (*part.literals, *part.holes):
                data = piece.encode()
                digest.update(len(data).to_bytes(8, "big") + data)
    return digest.digest()


def _variant(theme: Theme, audience: Audience, context: Mapping[str, object]) -> Variant:
    html, text, mjml = theme.render(context)
    return Variant(audience=audience, html=html, text=text, mjml=mjml)


def _variants(audiences: Sequence[Audience], newsletter: Newsletter) -> list[Audience]:
    """Each audience once, in the order of their keys."""
    wanted = list(
        {audience.key: audience for audience in audiences or [Audience(language=newsletter.language)]}.values()
    )
    if len(wanted) > MAX_VARIANTS:
        names = ", ".join(section.name for section in newsletter.sections)
        raise ConfigError(
            [
                Mistake(
                    file="config.toml",
                    line=newsletter.line,
                    key=f"[newsletters.{newsletter.name}]",
                    why=f"its readers' languages and topics (sections {names}) make {len(wanted)} variants",
                    mend=f"at most {MAX_VARIANTS} are composed: join some sections, or offer fewer topics",
                )
            ]
        )
    return sorted(wanted, key=lambda audience: audience.key)


def _subject(picks: Picks, newsletter: Newsletter, theme: Theme, context: dict[str, object]) -> str:
    """The editor's line as it is, else the newsletter's template."""
    key, place = f"[newsletters.{newsletter.name}] subject", newsletter.subject_line or newsletter.line
    try:
        line = one_line(picks.subject or theme.line(newsletter.subject, context))
    except TemplateError as error:
        raise TemplateError(f"{key}: {error.why}", file="config.toml", line=place) from error
    if not line:
        raise TemplateError(f"{key}: the line is empty", file="config.toml", line=place)
    return line
