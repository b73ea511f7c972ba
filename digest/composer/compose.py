"""compose(): from picks to a frozen issue. Pure apart from the theme: equal input gives equal bytes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from digest.composer.audiences import check_variants
from digest.composer.budget import fit
from digest.composer.culprits import without_culprits
from digest.composer.links import linked
from digest.composer.subject import honest, one_line, standfirst
from digest.composer.views import context_of, topics_of
from digest.errors import TemplateError
from digest.model import Audience, Issue, Newsletter, Pick, Picks, Variant
from digest.protocols import Theme

_TRIES = 3  # an article may break one audience's variant alone


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
    """The issue of this slot: the newsletter's own variant first, then one per audience. `now` is the cut-off.

    The issue's picks say what became of them: an article that cannot be rendered is left out with its reason, and
    `fitted` and the picks' facts tell what was made shorter. Raises TemplateError when the theme or the subject line
    cannot be rendered, the lint refuses, or there is no article; ConfigError for more than 200 variants.
    """
    if not picks.chosen:
        raise TemplateError(f"newsletter {newsletter.name} has no article to compose", theme=theme.name)
    wanted = check_variants(audiences, newsletter)
    for tries_left in reversed(range(_TRIES)):
        writer = _Writer(picks, newsletter, theme, slot=slot, number=number, now=now)
        try:
            variants = [writer.variant(audience) for audience in wanted]
        except _RefusedError as refused:
            if not tries_left:
                raise refused.error from refused
            picks = without_culprits(picks, newsletter, writer.trial(refused.audience), refused.error)
        else:
            return writer.issue(variants)
    raise AssertionError("the last try raises")  # pragma: no cover


class _RefusedError(Exception):
    """A variant cannot be rendered with these picks."""

    def __init__(self, audience: Audience, error: TemplateError) -> None:
        super().__init__(str(error))
        self.audience = audience
        self.error = error


class _Writer:
    """One try at an issue: the same subject and standfirst for every audience."""

    def __init__(
        self, picks: Picks, newsletter: Newsletter, theme: Theme, *, slot: str, number: int, now: datetime
    ) -> None:
        self._picks, self._newsletter, self._theme = picks, newsletter, theme
        self._slot, self._number, self._now = slot, number, now
        first = self._context(picks, Audience(language=newsletter.language))
        self._subject = _subject(picks, newsletter, theme, first)
        self._line = standfirst(self._subject, picks.chosen, fallback=f"{newsletter.title}, {first['date']}")
        self._made: dict[Audience, Variant] = {}
        self._notes: dict[str, None] = {}
        self._facts: Mapping[tuple[str, int], str] = {}

    def variant(self, audience: Audience) -> Variant:
        """One audience's, rendered unless one alike was; raises _RefusedError."""
        alike = Audience(language=audience.language, topics=tuple(sorted(topics_of(audience, self._newsletter))))
        if alike not in self._made:
            context = {**self._context(self._picks, alike), "subject": self._subject, "standfirst": self._line}
            try:
                fitted = fit(context, self._theme.render, self._newsletter.budget)
            except TemplateError as error:
                raise _RefusedError(alike, error) from error
            if not self._made:
                self._facts = fitted.facts
            home = alike == Audience(language=self._newsletter.language)
            self._notes.update(dict.fromkeys(note if home else f"{alike.key}: {note}" for note in fitted.notes))
            html, text, mjml = fitted.rendered
            self._made[alike] = Variant(audience=alike, html=html, text=text, mjml=mjml)
        return replace(self._made[alike], audience=audience)

    def trial(self, audience: Audience) -> Callable[[Picks], object]:
        """Render other picks for the same audience, as far as TemplateError."""

        def render(picks: Picks) -> object:
            context = self._context(picks, audience)
            whole = {**context, "subject": self._subject, "standfirst": self._line}
            return fit(whole, self._theme.render, self._newsletter.budget)

        return render

    def issue(self, variants: Sequence[Variant]) -> Issue:
        """The issue of these variants."""
        chosen = tuple(self._told(pick) for pick in self._picks.chosen)
        return Issue(
            newsletter=self._newsletter.name,
            slot=self._slot,
            number=self._number,
            subject=self._subject,
            standfirst=self._line,
            variants=tuple(variants),
            picks=replace(self._picks, chosen=chosen, fitted=(*self._picks.fitted, *self._notes)),
            cutoff=self._now,
            theme=self._theme.name,
            fingerprint=fingerprint(variants),
        )

    def _context(self, picks: Picks, audience: Audience) -> dict[str, object]:
        told = context_of(picks, self._newsletter, audience, slot=self._slot, number=self._number, now=self._now)
        return linked(told, self._newsletter, self._slot)

    def _told(self, pick: Pick) -> Pick:
        fact = self._facts.get((pick.section, pick.n))
        return replace(pick, fact="; ".join(filter(None, (pick.fact, fact)))) if fact else pick


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


def _subject(picks: Picks, newsletter: Newsletter, theme: Theme, context: Mapping[str, object]) -> str:
    """The editor's line as it is, else the newsletter's template, made honest."""
    try:
        line = one_line(picks.subject) or honest(one_line(theme.line(newsletter.subject, context)))
    except TemplateError as error:
        raise _wrong_subject(newsletter, error.why) from error
    if not line:
        raise _wrong_subject(newsletter, "the line is empty")
    return line


def _wrong_subject(newsletter: Newsletter, why: str) -> TemplateError:
    place = newsletter.subject_line or newsletter.line
    error = TemplateError(f"[newsletters.{newsletter.name}] subject: {why}", file="config.toml", line=place)
    error.exit_code = 2  # config.toml is wrong, not the issue
    return error
