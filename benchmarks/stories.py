"""Grouping made-up days of news: how time and memory grow, and B-cubed over the labelled day of tests/data."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from digest.model import Article
from digest.picker import group_stories
from digest.picker.common import RATES
from tests.picker.labelled import b_cubed, read_day

SIZES = (1_000, 5_000, 20_000, 50_000)
MORNING = datetime(2026, 2, 18, tzinfo=UTC)
# How many outlets tell a story: most stories have one article, few have many.
TELLERS = (1, 1, 1, 1, 2, 3, 5, 8, 12)


def measure() -> dict[str, object]:
    """Seconds of CPU and MB for each size, each in a process of its own; a plain loop as a yardstick of the machine."""
    sizes = {str(size): _in_a_child(size) for size in SIZES}
    articles, labels = read_day()
    precision, recall = b_cubed([[one.id for one in story.articles] for story in group_stories(articles)], labels)
    return {
        "sizes": sizes,
        "growth_1k_to_50k": round(sizes["50000"]["seconds"] / sizes["1000"]["seconds"], 1),
        "loop_of_20_million_s": round(_yardstick(), 2),
        "invented_day": {"precision": round(precision, 3), "recall": round(recall, 3)},
    }


def day(size: int, seed: int = 1) -> list[Article]:
    """`size` articles of stories told by 1 to 12 of 200 outlets, in words spread as in news, names made up."""
    chance = random.Random(seed)
    words = sorted(RATES, key=lambda word: (-RATES[word], word))
    common = len(words)
    words += [_name(chance) for _ in range(8_000)]
    weights = [1 / (place + 20) for place in range(len(words))]
    articles: list[Article] = []
    while len(articles) < size:
        core = chance.choices(words, weights, k=14)
        names = [word.title() for word in chance.sample(words[common:], 3)]
        for _ in range(chance.choice(TELLERS)):
            headline = [*chance.sample(core, chance.randint(5, 8)), *chance.sample(names, 2)]
            teaser = [*chance.sample(core, 8), *chance.choices(words, weights, k=12), *names]
            chance.shuffle(headline)
            chance.shuffle(teaser)
            name = f"a{len(articles):06}"
            articles.append(
                Article(
                    id=name,
                    url=f"https://news.test/{name}",
                    headline=" ".join(headline),
                    outlet=f"Outlet {chance.randint(1, 200)}",
                    published=MORNING + timedelta(minutes=chance.randint(0, 1440)),
                    teaser=" ".join(teaser),
                    language="en",
                )
            )
    return articles[:size]


def _name(chance: random.Random) -> str:
    return "".join(chance.choice("bcdfghklmnprstvz") + chance.choice("aeiou") for _ in range(chance.randint(2, 4)))


def _in_a_child(size: int) -> dict[str, float]:
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.stories", str(size)], check=True, capture_output=True, text=True
    )
    return dict(json.loads(run.stdout))


def _yardstick() -> float:
    start = time.process_time()
    total = 0
    for number in range(20_000_000):
        total += number
    return time.process_time() - start


def _peak_mb() -> float:
    """Most memory this process ever held; its own, not what a forking parent held."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line.split()[1] for line in lines if line.startswith("VmHWM"))) / 1024


def main() -> None:
    """One size, measured in this process."""
    articles = day(int(sys.argv[1]))
    before = _peak_mb()
    start = time.process_time()
    stories = group_stories(articles)
    seconds = time.process_time() - start
    figures = {"seconds": seconds, "mb": _peak_mb(), "of_it_articles_mb": before, "stories": len(stories)}
    print(json.dumps({key: round(value, 2) for key, value in figures.items()}))


if __name__ == "__main__":
    main()
