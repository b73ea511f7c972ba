"""pick(): the articles of one issue, and one reason for each of the others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from digest.model import Article, History, LeftOut, Newsletter, Picks, Reason
from digest.picker.candidates import PLACE, Candidate, Gates, keys, newest_first, part_twins
from digest.picker.sections import fill
from digest.picker.used import returns, why_used
from digest.picker.windows import Window


def pick(
    articles: Iterable[Article],
    newsletter: Newsletter,
    *,
    history: History,
    pins: Sequence[str] = (),
    drops: Iterable[str] = (),
    now: datetime,
) -> Picks:
    """Choose for the issue whose cut-off is `now`, whatever order the articles come in.

    chosen + left_out = the articles handed in; each left out has the first reason that applies in the order of
    digest.model.Reason. `pins` and `drops` name articles by id, URL or any other key; a pin comes first, in the
    order given, though out of window or used, never over the limit; of one that is both, the drop wins.
    """
    gates = Gates(newsletter, Window.of(newsletter, history, now), history.used)
    places = {name: place for place, name in reversed(list(enumerate(pins)))}
    judged = [_judge(gates, article, places) for article in articles]
    out = [one for one in judged if isinstance(one, LeftOut)]
    candidates, twins = part_twins(one for one in judged if isinstance(one, Candidate))
    candidates, refused = _part_refused(candidates, newsletter, history, frozenset(drops))
    candidates.sort(key=lambda one: (one.pin < 0, one.pin, newest_first(one.article)))
    chosen, unplaced = fill(newsletter, candidates)
    out += (*twins, *refused, *unplaced)
    return Picks(chosen=chosen, left_out=tuple(sorted(out, key=_for_people)))


def too_few(picks: Picks, newsletter: Newsletter) -> bool:
    """Whether there is less news than the newsletter's `minimum`: what happens then is the caller's decision."""
    return len(picks.chosen) < newsletter.minimum


def _judge(gates: Gates, article: Article, places: dict[str, int]) -> Candidate | LeftOut:
    wanted = [places[name] for name in (article.url, *keys(article)) if name in places]
    return gates.judge_pin(article, min(wanted)) if wanted else gates.judge(article)


def _part_refused(
    candidates: Iterable[Candidate], newsletter: Newsletter, history: History, drops: frozenset[str]
) -> tuple[list[Candidate], list[LeftOut]]:
    """Without those already used, those that no section takes and those an editor dropped."""
    kept: list[Candidate] = []
    out: list[LeftOut] = []
    for one in candidates:
        names = keys(one.article)
        if one.pin < 0 and names & history.used and not returns(one.article, history):
            out.append(one.left_out(*why_used(one.article, newsletter.name)))
        elif not one.sections:
            fact = f'no section of {newsletter.name} names the source "{one.article.source}"'
            out.append(one.left_out(Reason.NO_SECTION, fact))
        elif drops & {one.article.url, *names}:
            out.append(one.left_out(Reason.DROPPED_BY_EDITOR, "dropped in the draft"))
        else:
            kept.append(one)
    return kept, out


def _for_people(out: LeftOut) -> tuple[int, tuple[float, str, str, str]]:
    return PLACE[out.reason], newest_first(out.article)
