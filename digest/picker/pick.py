"""pick(): the articles of one issue, and one reason for each of the others."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from digest.model import Article, History, LeftOut, Newsletter, Picks, Reason
from digest.picker.candidates import PLACE, Candidate, Gates, keys, newest_first, part_twins
from digest.picker.contenders import run
from digest.picker.scoring import Scorer
from digest.picker.sections import fill
from digest.picker.windows import Window

FILTERED = frozenset({Reason.EXCLUDED, Reason.NOT_INCLUDED, Reason.LANGUAGE, Reason.PAYWALL})


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
    order given, though out of window or used, never over the limit; of one that is both, the drop wins. A story stands
    once, told by its head; some of the left out are headlines in `more`. Equal input gives equal Picks on any machine.
    """
    gates = Gates(newsletter, Window.of(newsletter, history, now), history)
    places = {name: place for place, name in reversed(list(enumerate(pins)))}
    judged = [_judge(gates, article, places) for article in articles]
    out = [one for one in judged if isinstance(one, LeftOut)]
    candidates, twins = part_twins(one for one in judged if isinstance(one, Candidate))
    candidates, refused = _part_refused(candidates, gates)
    filtered = [one for one in out if one.reason in FILTERED]
    running, behind = run(candidates, filtered, newsletter, history, frozenset(drops))
    chosen, more, unplaced = fill(newsletter, running, Scorer.of(newsletter, now))
    out += (*twins, *refused, *behind, *unplaced)
    return Picks(chosen=chosen, left_out=tuple(sorted(out, key=_for_people)), more=more)


def too_few(picks: Picks, newsletter: Newsletter) -> bool:
    """Whether there is less news than the newsletter's `minimum`: what happens then is the caller's decision."""
    return len(picks.chosen) < newsletter.minimum


def _judge(gates: Gates, article: Article, places: dict[str, int]) -> Candidate | LeftOut:
    wanted = [places[name] for name in (article.url, *keys(article)) if name in places]
    return gates.judge_pin(article, min(wanted)) if wanted else gates.judge(article)


def _part_refused(candidates: Iterable[Candidate], gates: Gates) -> tuple[list[Candidate], list[LeftOut]]:
    """Without those that are news no more and those that no section takes."""
    kept: list[Candidate] = []
    out: list[LeftOut] = []
    for one in candidates:
        used = gates.used_before(one)
        if used:
            out.append(one.left_out(*used))
        elif not one.sections:
            fact = f'no section of {gates.newsletter.name} names the source "{one.article.source}"'
            out.append(one.left_out(Reason.NO_SECTION, fact))
        else:
            kept.append(one)
    return kept, out


def _for_people(out: LeftOut) -> tuple[int, tuple[float, str, str, str]]:
    return PLACE[out.reason], newest_first(out.article)
