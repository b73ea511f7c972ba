"""Is a theme sound? Compose its own sample.toml with it and say what is wrong, before an issue needs it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from digest.composer.audiences import home_of
from digest.composer.compose import compose, subject_of
from digest.composer.contrast import contrast_mistakes
from digest.composer.extras import read_extras
from digest.composer.invented import NOW, sections_of, stress
from digest.composer.links import linked
from digest.composer.theme import FolderTheme
from digest.composer.tokens import read_toml
from digest.composer.views import context_of
from digest.errors import Mistake, TemplateError
from digest.model import (
    Article,
    Audience,
    CoveredBy,
    Image,
    Issue,
    Newsletter,
    Pick,
    Picks,
    Reason,
    Section,
    Sender,
    Site,
)
from digest.times import Schedule

_SLOT = NOW.date().isoformat()
SAMPLE = "sample.toml"


def check_theme(theme: FolderTheme, site: Site, *, stressed: bool = True) -> tuple[Mistake, ...]:
    """What is wrong with a theme, with file and line, warnings too; empty when all it is tried with comes out sound.

    Tried with its sample, and `stressed` also with the days that break layouts, each on a site with public pages.
    """
    found = [*contrast_mistakes(theme.tokens, theme.files)]
    try:
        picks, newsletter = _sample(theme, site, None)
        _compose(picks, newsletter, theme)
        told = context_of(picks, newsletter, home_of(newsletter), slot=_SLOT, number=1, now=NOW)
        context = linked(told, newsletter, _SLOT)
        found += theme.warnings({**context, "subject": "A subject", "standfirst": "A standfirst"})
    except TemplateError as error:
        return (*found, *mistakes_of(error, theme.shown("issue.mjml")))
    if not stressed:
        return tuple(found)
    public = replace(newsletter, site=_public(site))
    for name, tried, made in _trials(public, picks):
        try:
            issue = _compose(made, tried, theme)
        except TemplateError as error:
            found += [
                replace(one, why=f"with {name}: {one.why}") for one in mistakes_of(error, theme.shown("issue.mjml"))
            ]
        else:
            refused = [out for out in issue.picks.left_out if out.reason is Reason.RENDER_REFUSED]
            found += [
                Mistake(file=theme.shown("issue.mjml"), why=f"with {name}: {out.fact}", rule="stress")
                for out in refused[:1]
            ]
    return tuple(dict.fromkeys(found))


def _trials(newsletter: Newsletter, picks: Picks) -> Iterator[tuple[str, Newsletter, Picks]]:
    """(what is special, newsletter, picks): the days that break layouts, and the theme's own day from the right."""
    for name, made in stress(newsletter):
        yield name, replace(newsletter, sections=sections_of(made)), made
    yield "a page in Arabic", replace(newsletter, language="ar"), picks


def mistakes_of(error: TemplateError, file: str) -> tuple[Mistake, ...]:
    """Everything a TemplateError tells; `file` is named where it names none."""
    alone = Mistake(file=error.file or file, line=error.line, why=error.why, rule="template")
    return tuple(error.findings) or (alone,)


def _public(site: Site) -> Site:
    return replace(site, base_url=site.base_url or "https://news.example.org", pages=("preferences", "archive"))


def _compose(picks: Picks, newsletter: Newsletter, theme: FolderTheme) -> Issue:
    return compose(picks, newsletter, theme, slot=_SLOT, number=1, audiences=[home_of(newsletter)], now=NOW)


def check_subject(theme: FolderTheme, newsletter: Newsletter) -> tuple[Mistake, ...]:
    """What is wrong with a newsletter's subject template, tried on the theme's sample; a broken theme says nothing."""
    try:
        picks, sample = _sample(theme, newsletter.site, None)
    except TemplateError:
        return ()
    asked = replace(
        sample,
        name=newsletter.name,
        title=newsletter.title,
        subject=newsletter.subject,
        line=newsletter.line,
        subject_line=newsletter.subject_line,
    )
    try:
        subject_of(picks, asked, theme, slot=_SLOT, number=1, now=NOW)
    except TemplateError as error:
        return (Mistake(file=error.file, line=error.line, why=error.why, rule="subject"),)
    return ()


def sample_issue(theme: FolderTheme, site: Site, told: dict[str, Any] | None = None) -> Issue:
    """An invented issue from this site: `told` as sample.toml has it, else the theme's own. Raises TemplateError."""
    picks, newsletter = _sample(theme, site, told)
    languages = sorted({newsletter.language, site.language})
    return compose(
        picks,
        newsletter,
        theme,
        slot=_SLOT,
        number=1,
        audiences=[Audience(language=language) for language in languages],
        now=NOW,
    )


def _sample(theme: FolderTheme, site: Site, told: dict[str, Any] | None) -> tuple[Picks, Newsletter]:
    if told is None:
        told = read_toml(theme.files, SAMPLE)
    if told is None:
        raise TemplateError("the file is missing: copy one from another theme", file=theme.shown(SAMPLE))
    try:
        picks = tuple(_pick(article) for article in told["articles"])
        newsletter = _newsletter(told, picks, theme.name, site)
        more = tuple(_pick({"section": "", **line, "n": n}) for n, line in enumerate(told.get("more", ()), 1))
        sponsor = _pick({"section": "", **told["sponsor"]}).article if "sponsor" in told else None
        intro, extras = str(told.get("intro", "")), read_extras(told)
    except (KeyError, TypeError, ValueError) as error:
        raise TemplateError(
            f"the sample lacks or spoils {error}", theme=theme.name, file=theme.shown(SAMPLE)
        ) from error
    return Picks(chosen=picks, more=more, sponsor=sponsor, intro=intro, extras=extras), newsletter


def _newsletter(told: dict[str, Any], picks: tuple[Pick, ...], theme: str, site: Site) -> Newsletter:
    return Newsletter(
        name="sample",
        title=str(told["title"]),
        sender=Sender(name=site.name, address="sample@example.org"),
        lists=(),
        sections=tuple(
            Section(name=name, sources=(), style=str(styled.get("style", "")), sub=str(styled.get("sub", "")))
            for name in dict.fromkeys(pick.section for pick in picks)
            for styled in [told.get("sections", {}).get(name, {})]
        ),
        sources=(),
        schedule=Schedule(words="daily 06:30"),
        timezone=site.timezone,
        theme=theme,
        language=str(told.get("language", "en")),
        feedback=str(told.get("feedback", "")),
        site=site,
    )


def _pick(told: dict[str, Any]) -> Pick:
    """One `[[articles]]` table: headline, url, outlet, section, minutes_ago, and what else an article has."""
    image = told.get("image")
    headline = str(told["headline"])
    article = Article(
        id=str(told["url"]),
        url=str(told["url"]),
        headline=headline,
        outlet=str(told.get("outlet", "")),
        published=NOW - timedelta(minutes=int(told["minutes_ago"])) if "minutes_ago" in told else None,
        kicker=str(told.get("kicker", "")),
        teaser=str(told.get("teaser", "")),
        byline=str(told.get("byline", "")),
        image=Image(**image) if image else None,
        language=str(told.get("language", "")),
        sponsor=str(told.get("sponsor", "")),
    )
    return Pick(
        article=article,
        section=str(told["section"]),
        n=int(told.get("n", 1)),
        lead=bool(told.get("lead", False)),
        also_covered_by=tuple(CoveredBy(**other) for other in told.get("also_covered_by", ())),
    )
