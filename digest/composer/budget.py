"""Keeps a message below the size at which Gmail cuts it off: an issue is made shorter in a fixed order (MAIL.md J).

1 pictures of rows, from the last section up; 2 teasers of rows beyond the third of each section, to one sentence;
3 optional blocks; 4 rows from the end of the largest section, never its last, to "more headlines"; 5 the lead's picture.
So far for the soft limit. For the hard one alone: 6 the list of more headlines is cut at its end. Never dropped: the
lead's headline, standfirst, unsubscribe, preferences, address, web link.

A step is one picture, one teaser, one block, one row. As few as needed are taken; since each makes the page smaller,
their number is found by halving, each try a render (about 10 ms).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from digest.composer.subject import first_sentence
from digest.errors import TemplateError
from digest.model import Budget, Part

View = dict[str, Any]
# Bytes of a hole's longest fill, escaped: 80 letters of a name at 6 bytes, and a signed link.
LONGEST = {"name": 490, "unsubscribe_url": 400, "preferences_url": 400, "view_url": 300}
_TEASERS = 3  # rows of each section that keep their teasers whole
_BLOCKS = {
    "figure": "the number of the day",
    "quote": "the quote",
    "missed": "in case you missed it",
    "joys": "small joys",
    "contents": "the contents",
}
_SAID = {
    "picture": ("the picture of 1 row left out", "the pictures of {} rows left out"),
    "teaser": ("the teaser of 1 row cut to a sentence", "the teasers of {} rows cut to a sentence"),
    "row": ("1 row moved to more headlines", "{} rows moved to more headlines"),
    "lead_picture": ("the lead's picture left out", ""),
    "more": ("1 more headline cut", "{} more headlines cut"),
}


@dataclass(frozen=True, slots=True)
class Step:
    """One cut. `section` counts sections from 0, `row` stories in it; `name` is a block's."""

    kind: str
    section: int = -1
    row: int = -1
    name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """`rendered` is what `render` gave at last; `notes` say what was cut; `facts` by (section's name, n)."""

    rendered: tuple[Part, Part, str]
    notes: tuple[str, ...] = ()
    facts: Mapping[tuple[str, int], str]


def size_of(html: Part) -> int:
    """Bytes of the decoded HTML part, its holes at their longest."""
    return sum(len(literal.encode()) for literal in html.literals) + sum(LONGEST.get(name, 400) for name in html.holes)


def fit(context: View, render: Callable[[View], tuple[Part, Part, str]], budget: Budget) -> Fit:
    """The context rendered, shortened as far as the budget asks. Raises TemplateError where it stays too long."""
    rendered = render(context)
    if size_of(rendered[0]) <= budget.soft:
        return Fit(rendered=rendered, facts={})
    steps = list(steps_of(context))
    done, rendered = _least(len(steps), lambda count: render(shortened(context, steps[:count])), budget.soft, rendered)
    steps = steps[:done]
    if size_of(rendered[0]) > budget.hard:
        whole = shortened(context, steps)
        cuts = [Step("more")] * len(whole.get("more", ()))
        cut, rendered = _least(len(cuts), lambda count: render(shortened(whole, cuts[:count])), budget.hard, rendered)
        steps += cuts[:cut]
    size = size_of(rendered[0])
    if size > budget.hard:
        why = f"the HTML has {size} bytes, more than the {budget.hard} that are sent whole, and nothing is left to cut"
        raise TemplateError(why)
    return Fit(rendered=rendered, notes=_notes(steps, size), facts=_facts(context, steps))


def steps_of(context: View) -> Iterator[Step]:
    """Every step there is for this issue up to the lead's picture, in order."""
    rows = [(s, r) for s, section in enumerate(context["sections"]) for r in range(len(section["stories"]))]
    stories = {place: context["sections"][place[0]]["stories"][place[1]] for place in rows}
    for place in reversed(rows):
        if stories[place]["image"]:
            yield Step("picture", *place)
    for place in reversed(rows):
        teaser = stories[place]["teaser"]
        if place[1] >= _TEASERS and first_sentence(teaser) != teaser:
            yield Step("teaser", *place)
    for name in _BLOCKS:
        if context.get(name):
            yield Step("block", name=name)
    left = Counter(section for section, _ in rows)
    while left and max(left.values()) > 1:
        largest = max(left, key=lambda section: (left[section], section))
        left[largest] -= 1
        yield Step("row", largest, left[largest])
    if context["lead"]["image"]:
        yield Step("lead_picture")


def shortened(context: View, steps: Sequence[Step]) -> View:
    """The context with these steps taken; the one given stays as it is."""
    sections = [
        {**section, "stories": [dict(story) for story in section["stories"]]} for section in context["sections"]
    ]
    made = {**context, "sections": sections, "lead": dict(context["lead"]), "more": list(context.get("more", ()))}
    moved: list[tuple[int, int, View]] = []
    for step in steps:
        if step.kind == "picture":
            sections[step.section]["stories"][step.row]["image"] = None
        elif step.kind == "teaser":
            story = sections[step.section]["stories"][step.row]
            story["teaser"] = first_sentence(story["teaser"])
        elif step.kind == "block":
            made[step.name] = [] if isinstance(context[step.name], list) else None
        elif step.kind == "row":
            moved.append((step.section, step.row, sections[step.section]["stories"].pop()))
        elif step.kind == "lead_picture":
            made["lead"]["image"] = None
        else:
            made["more"].pop()
            made["more_cut"] = made.get("more_cut", 0) + 1
    made["more"] = [story for *_, story in sorted(moved, key=lambda one: one[:2])] + made["more"]
    return made


def _least(
    most: int, render: Callable[[int], tuple[Part, Part, str]], limit: int, uncut: tuple[Part, Part, str]
) -> tuple[int, tuple[Part, Part, str]]:
    """The least number of steps with which the page fits, all of them where none does, and the page."""
    low, high, best = 0, most, uncut
    if not most:
        return 0, uncut
    best = render(most)
    if size_of(best[0]) > limit:
        return most, best
    while high - low > 1:
        middle = (low + high) // 2
        tried = render(middle)
        if size_of(tried[0]) <= limit:
            high, best = middle, tried
        else:
            low = middle
    return high, best


def _notes(steps: Sequence[Step], size: int) -> tuple[str, ...]:
    counts = Counter(step.kind for step in steps)
    said = [
        (_SAID[kind][0] if count == 1 else _SAID[kind][1].format(count))
        for kind, count in counts.items()
        if kind in _SAID
    ]
    blocks = [_BLOCKS[step.name] for step in steps if step.kind == "block"]
    said += [f"left out: {', '.join(blocks)}"] if blocks else []
    return (
        (f"shortened to {size} bytes of HTML, so that no mail program cuts it off: {'; '.join(said)}",) if said else ()
    )


def _facts(context: View, steps: Sequence[Step]) -> dict[tuple[str, int], str]:
    words = {
        "picture": "without its picture",
        "teaser": "its teaser cut to a sentence",
        "row": "as a headline and a link",
    }
    facts: dict[tuple[str, int], list[str]] = {}
    for step in steps:
        if step.kind in words:
            story = context["sections"][step.section]["stories"][step.row]
            facts.setdefault((story["section"], story["n"]), []).append(words[step.kind])
        elif step.kind == "lead_picture":
            facts[context["lead"]["section"], context["lead"]["n"]] = ["without its picture"]
    return {
        place: f"{told[-1] if 'headline' in told[-1] else ', '.join(told)} (the message was too long)"
        for place, told in facts.items()
    }
