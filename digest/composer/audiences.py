"""Who sees which variant: a subscriber's language and topics, as far as the newsletter knows them."""

from __future__ import annotations

from collections.abc import Iterable

from digest.composer.views import topics_of
from digest.errors import ConfigError, Mistake
from digest.model import Audience, Newsletter, Subscriber

MAX_VARIANTS = 200  # ARCHITECTURE.md 5: each is rendered and stored whole


def home_of(newsletter: Newsletter) -> Audience:
    """Everything, in the newsletter's own language: what is archived and previewed, and the variant of most readers."""
    return Audience(language=newsletter.language)


def audience_of(subscriber: Subscriber, newsletter: Newsletter) -> Audience:
    """The variant of one subscriber.

    Topics are names of sections: with some, the lead and those sections; with none that this newsletter has, or with
    all of them, everything.
    """
    wanted = Audience(language=subscriber.language or newsletter.language, topics=_named(subscriber.topics, newsletter))
    return Audience(language=wanted.language, topics=tuple(sorted(topics_of(wanted, newsletter))))


def audiences_of(subscribers: Iterable[Subscriber], newsletter: Newsletter) -> tuple[Audience, ...]:
    """Every variant these subscribers need, each once."""
    kinds = dict.fromkeys((one.language, one.topics) for one in subscribers)
    made = (
        audience_of(Subscriber(id="", email="", language=language, topics=topics), newsletter)
        for language, topics in kinds
    )
    return tuple(dict.fromkeys(made))


def check_variants(audiences: Iterable[Audience], newsletter: Newsletter) -> list[Audience]:
    """The variants to compose: each audience once, the newsletter's own first, the others in the order of their keys.

    Raises ConfigError, which names the sections, for more than MAX_VARIANTS.
    """
    home = home_of(newsletter)
    others = {audience.key: audience for audience in audiences if audience.key != home.key}
    if len(others) >= MAX_VARIANTS:
        names = ", ".join(section.name for section in newsletter.sections)
        raise ConfigError(
            [
                Mistake(
                    file="config.toml",
                    line=newsletter.line,
                    key=f"[newsletters.{newsletter.name}]",
                    why=f"its readers' languages and topics (sections {names}) make {len(others) + 1} variants",
                    mend=f"at most {MAX_VARIANTS} are composed: join some sections, or offer fewer topics",
                    rule="variants",
                )
            ]
        )
    return [home, *sorted(others.values(), key=lambda audience: audience.key)]


def _named(topics: Iterable[str], newsletter: Newsletter) -> tuple[str, ...]:
    """Topics as the newsletter writes its sections, whatever their letter case."""
    sections = {section.name.casefold(): section.name for section in newsletter.sections}
    return tuple(sections.get(topic.casefold(), topic) for topic in topics)
