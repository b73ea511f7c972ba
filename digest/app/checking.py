"""Every mistake in every file at once: config, lists, keys, themes, and the message that a theme's sample becomes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from digest import config as configuration
from digest.app.inspection import inspect
from digest.app.workshop import folder_only
from digest.child import Child
from digest.composer import (
    FolderTheme,
    audiences_of,
    check_subject,
    check_theme,
    check_variants,
    mjml_child,
    sample_issue,
    theme_names,
    theme_roots,
)
from digest.config import Config, load_keys
from digest.errors import ConfigError, Mistake, TemplateError
from digest.model import Newsletter, Site
from digest.subscribers.files import FileSubscribers
from digest.subscribers.identity import LedgerKey

# Stands in for [site] while the config has mistakes, so that themes are checked all the same.
_NO_SITE = Site(
    name="Example", id="example", base_url="", postal_address="1 Example Street", timezone="UTC", language="en"
)
# What the lint of messages finds in a message that no theme can help.
_OF_THE_CONFIG = frozenset(
    {"from", "freemail", "one-click", "list-unsubscribe", "list-id", "feedback-id", "message-id"}
)


def check(file: Path) -> tuple[Mistake, ...]:
    """Everything found, warnings too, in the order of files and lines; reads files only."""
    folder = file.absolute().parent
    roots = theme_roots(folder)
    known = theme_names(roots)
    result = configuration.read(file, themes=frozenset(known))
    people = FileSubscribers(folder / "subscribers", ledger_key=LedgerKey(b"check"), once=True)
    config = result.config
    found = [*_ruled("config", result.mistakes), *_ruled("list", people.mistakes())]
    newsletters: Mapping[str, Newsletter] = config.newsletters if config else {}
    if config is not None:
        for newsletter in newsletters.values():
            found += _ruled("list", people.mistakes(newsletter.lists))
            found += _too_many_variants(newsletter, people)
        found += [*_ruled("secret", _secret_mistakes(config)), *_warnings(config, file)]
    found += (
        replace(one, rule=one.rule or "list", warning=True) for named in people.lists() for one in named.warnings()
    )
    # A theme that lies beside config.toml is being worked on, whether it is used yet or not.
    used = {one.theme for one in newsletters.values()} | set(theme_names(roots[:1])) if config else set(known)
    child = mjml_child()
    for name in sorted(used):
        found += _theme(name, file, child, config, [one for one in newsletters.values() if one.theme == name])
    child.close()
    return ConfigError(found).mistakes


def _theme(
    name: str, config_file: Path, child: Child, config: Config | None, newsletters: Sequence[Newsletter]
) -> Iterator[Mistake]:
    try:
        theme = FolderTheme(name, base=config_file.absolute().parent, child=child)
    except TemplateError as error:
        yield Mistake(file=error.file or f"theme {name}", line=error.line, why=error.why, rule="template")
        return
    found = check_theme(theme, config.site if config else _NO_SITE)
    yield from found
    for newsletter in newsletters:
        yield from check_subject(theme, newsletter)
    if config and not [one for one in found if not one.warning]:
        # A theme that nobody uses yet is looked at as if the first newsletter did.
        for newsletter in newsletters or [*config.newsletters.values()][:1]:
            for one in inspect(newsletter, sample_issue(theme, config.site), folder_only=folder_only(config)):
                if one.rule in _OF_THE_CONFIG and newsletters:
                    yield replace(
                        one, file=str(config_file), line=newsletter.line, key=f"[newsletters.{newsletter.name}]"
                    )
                elif one.rule not in _OF_THE_CONFIG:
                    yield replace(one, file=theme.shown("issue.mjml"))


def _too_many_variants(newsletter: Newsletter, people: FileSubscribers) -> tuple[Mistake, ...]:
    try:
        check_variants(audiences_of(people.read(newsletter.lists, skip_bad=True).kinds, newsletter), newsletter)
    except ConfigError as error:
        return error.mistakes
    return ()


def _ruled(rule: str, mistakes: Iterable[Mistake]) -> Iterator[Mistake]:
    return (replace(one, rule=one.rule or rule) for one in mistakes)


def _secret_mistakes(config: Config) -> tuple[Mistake, ...]:
    """What is wrong with the file of keys; a missing one is made by the first run."""
    try:
        if config.secret.exists():
            load_keys(config.secret, create=False)
    except ConfigError as error:
        return error.mistakes
    return ()


def _warnings(config: Config, file: Path) -> Iterator[Mistake]:
    samples = [source.name for source in config.sources.values() if source.newest_is_now]
    really = [spec.name for spec in config.transports if spec.kind != "folder"]
    if samples and really:
        why = f"samples ({', '.join(samples)}) would be sent to real readers through {', '.join(really)}"
        yield Mistake(file=str(file), why=why, rule="sample", warning=True)
    for newsletter in config.newsletters.values():
        yield from _weak_keys(newsletter, str(file))
    for spec in config.transports:
        command = spec.options.get("command")
        if isinstance(command, tuple) and not os.access(command[0], os.X_OK):
            why, key = f"there is no program {command[0]} on this machine", f"[transports.{spec.name}] command"
            yield Mistake(file=str(file), line=spec.line, key=key, why=why, rule="sendmail", warning=True)


def _weak_keys(newsletter: Newsletter, file: str) -> Iterator[Mistake]:
    """Signatures that many receivers think little of (MAIL.md A 2; RFC 8463 is read by few)."""
    where = f"[[newsletters.{newsletter.name}.dkim]]"
    for key in newsletter.dkim:
        if key.algorithm == "rsa" and key.bits < 2048:
            why = f"the key {key.selector} has {key.bits} bits; mailbox providers ask for 2048"
            yield Mistake(file=file, line=key.line, key=where, why=why, rule="dkim", warning=True)
    if newsletter.dkim and all(key.algorithm == "ed25519" for key in newsletter.dkim):
        why, mend = "most receivers cannot read an Ed25519 signature", "let an RSA key sign beside it"
        line = newsletter.dkim[0].line
        yield Mistake(file=file, line=line, key=where, why=why, mend=mend, rule="dkim", warning=True)
