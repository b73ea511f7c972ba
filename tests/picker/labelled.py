"""Labelled news days from text files, and B-cubed: how right groups are, seen from each article."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from digest.model import Article

MIDNIGHT = datetime(2026, 2, 17, tzinfo=UTC)
INVENTED = Path(__file__).resolve().parent.parent / "data" / "stories" / "invented.txt"


def read_day(path=INVENTED):
    """Articles, and the story of each by its id; an article of no common story is a story of its own."""
    articles, labels = [], {}
    label = language = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            label, language = line.strip("[]").split()
        elif line and not line.startswith("#"):
            outlet, hours, headline, teaser = (part.strip() for part in line.split("|", 3))
            name = f"a{len(articles):03}"
            articles.append(
                Article(
                    id=name,
                    url=f"https://news.test/{name}",
                    headline=headline,
                    outlet=outlet,
                    published=MIDNIGHT + timedelta(hours=float(hours)),
                    teaser=teaser,
                    language=language,
                    source=outlet,
                )
            )
            labels[name] = name if label == "-" else label
    return articles, labels


def b_cubed(groups, labels):
    """Precision and recall of groups of ids (Bagga and Baldwin 1998): the mean over articles."""
    sizes = Counter(labels.values())
    precision = recall = 0.0
    for group in groups:
        for label, count in Counter(labels[one] for one in group).items():
            precision += count * count / len(group)
            recall += count * count / sizes[label]
    return precision / len(labels), recall / len(labels)
