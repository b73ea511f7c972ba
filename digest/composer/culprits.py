"""Which article an issue cannot be rendered with: it alone is left out, and the issue goes (SENDING.md 12, 61-63)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from digest.composer.invented import full_picks
from digest.errors import TemplateError
from digest.model import LeftOut, Newsletter, Pick, Picks, Reason

Render = Callable[[Picks], object]


def without_culprits(picks: Picks, newsletter: Newsletter, render: Render, error: TemplateError) -> Picks:
    """The picks without the articles that `render` raises TemplateError for; each has its reason.

    Raises `error`, what rendering them all raised, where it is the theme's fault: then invented articles that have
    everything an article can have fare no better.
    """
    invented = full_picks(newsletter)
    if not _sound(render, invented):
        raise error
    if picks.more and not _sound(render, replace(invented, more=picks.more)):
        return replace(picks, more=(), fitted=(*picks.fitted, "more headlines left out: they cannot be rendered"))
    if picks.sponsor and not _sound(render, replace(invented, sponsor=picks.sponsor)):
        return replace(
            picks, sponsor=None, fitted=(*picks.fitted, "the sponsor's word left out: it cannot be rendered")
        )
    reasons: dict[str, str] = {}

    def sound(chosen: Sequence[Pick]) -> bool:
        # Beside invented ones: a page of one article alone may be refused for being nearly empty.
        around = [pick for pick in invented.chosen if not pick.lead or not any(one.lead for one in chosen)]
        try:
            render(replace(picks, chosen=(*around, *chosen)))
        except TemplateError as why:
            for pick in chosen:
                reasons[pick.article.id] = str(why)
            return False
        return True

    bad = {pick.article.id for pick in _among(picks.chosen, sound)}
    kept = [pick for pick in picks.chosen if pick.article.id not in bad]
    if not bad or not kept:
        raise error
    if not any(pick.lead for pick in kept):
        kept[0] = replace(kept[0], lead=True)
    out = tuple(
        LeftOut(article=pick.article, reason=Reason.RENDER_REFUSED, fact=reasons[pick.article.id])
        for pick in picks.chosen
        if pick.article.id in bad
    )
    return replace(picks, chosen=tuple(kept), left_out=(*picks.left_out, *out))


def _sound(render: Render, picks: Picks) -> bool:
    try:
        render(picks)
    except TemplateError:
        return False
    return True


def _among(suspects: Sequence[Pick], sound: Callable[[Sequence[Pick]], bool], *, known: bool = True) -> list[Pick]:
    """Those that cannot be rendered, found by halving. `known`: that these cannot, was seen already."""
    if not known and sound(suspects):
        return []
    if len(suspects) == 1:
        return list(suspects) if not known or not sound(suspects) else []
    half = len(suspects) // 2
    return _among(suspects[:half], sound, known=False) + _among(suspects[half:], sound, known=False)
