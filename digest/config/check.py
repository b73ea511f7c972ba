"""What one table alone cannot tell: names that lead nowhere, files that are missing, keys that go together.

Works on the text's own tables as tomllib gives them, so that these mistakes are found beside those of the schema in
the same go. A value of the wrong type is the schema's to report and passes here in silence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from digest.config import signing
from digest.config.fields import NAME
from digest.config.newsletters import NewsletterTable, SectionTable
from digest.config.say import Finding, Loc, suggest
from digest.config.schema import ComposerTable
from digest.config.values import is_loopback

LIST_KINDS = (".toml", ".csv")
_NEWSLETTER = r"^[a-z0-9-]{1,40}$"


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What stands beside config.toml: `themes` are all names a newsletter may use."""

    folder: Path
    themes: frozenset[str]
    lists: Mapping[str, tuple[str, ...]]


def look_around(folder: Path, themes: Iterable[str]) -> Around:
    """The themes and lists beside config.toml; `themes` are those known from elsewhere."""
    own = {found.name for found in _entries(folder / "templates" / "email") if found.is_dir()}
    lists: dict[str, tuple[str, ...]] = {}
    for file in _entries(folder / "subscribers"):
        if file.suffix in LIST_KINDS:
            lists[file.stem] = (*lists.get(file.stem, ()), file.name)
    shown = frozenset(name for name in {*own, *themes} if not name.startswith(("_", ".")))
    return Around(folder=folder, themes=shown, lists=lists)


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def relations(document: Mapping[str, Any], around: Around) -> Iterator[Finding]:
    """(path of the key, why, mend) of each mistake between tables and files."""
    yield from _names(document)
    yield from _transports(document)
    yield from _composer(_table(document, "composer"))
    for name, source in _tables(document, "sources"):
        yield from _source(("sources", name), source, around.folder)
    for name, newsletter in _tables(document, "newsletters"):
        yield from _newsletter(("newsletters", name), newsletter, around)
        yield from _sections(("newsletters", name, "sections"), newsletter, document)
        yield from signing.relations(("newsletters", name, "dkim"), newsletter)
        yield from _repeats(("newsletters", name, "never_repeat_across"), newsletter, document)
        yield from _doubt(("newsletters", name, "doubt"), newsletter, document)


def _table(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = document.get(name)
    return found if isinstance(found, dict) else {}


def _tables(document: Mapping[str, Any], name: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    return ((key, value) for key, value in _table(document, name).items() if isinstance(value, dict))


def _texts(value: object) -> list[tuple[int, str]]:
    return [(n, text) for n, text in enumerate(value) if isinstance(text, str)] if isinstance(value, list) else []


def _names(document: Mapping[str, Any]) -> Iterator[Finding]:
    for table in ("transports", "sources"):
        for name in _table(document, table):
            if not re.fullmatch(NAME, name):
                yield (table, name), "is no name", "use letters, digits, - and _, at most 60"
    for name in _table(document, "newsletters"):
        if not re.fullmatch(_NEWSLETTER, name):
            yield ("newsletters", name), "is no name for a newsletter", "use a-z, 0-9 and -, at most 40"


def _known(what: str, name: str, known: Iterable[str]) -> tuple[str, str]:
    return f'no {what} called "{name}"', suggest(name, sorted(known))


def _doubles(loc: Loc, named: Iterable[tuple[int, str]]) -> Iterator[Finding]:
    seen: set[str] = set()
    for number, name in named:
        if name in seen:
            yield (*loc, number), f'"{name}" stands here twice', "take one out"
        seen.add(name)


def _transports(document: Mapping[str, Any]) -> Iterator[Finding]:
    there = _table(document, "transports")
    loc = ("transport", "use")
    named = _texts(_table(document, "transport").get("use"))
    for number, name in named:
        if name not in there:
            yield (*loc, number), *_known("transport", name, there)
    yield from _doubles(loc, named)
    for name, table in _tables(document, "transports"):
        if table.get("kind") == "smtp":
            yield from _smtp(("transports", name), table)
        command = _texts(table.get("command")) if table.get("kind") == "sendmail" else []
        if command and command[0][0] == 0 and not command[0][1].startswith("/"):
            mend = 'write its whole path, for example ["/usr/sbin/sendmail"]'
            yield ("transports", name, "command", 0), f'"{command[0][1]}" is no whole path', mend


def _smtp(loc: Loc, table: Mapping[str, Any]) -> Iterator[Finding]:
    host = table.get("host")
    if table.get("tls") == "none" and isinstance(host, str) and not is_loopback(host):
        yield (
            (*loc, "tls"),
            f'"none" is only for this machine, not for {host}',
            'write tls = "starttls" (port 587) or "implicit" (port 465)',
        )
    yield from _login(loc, table, "SMTP")


def _login(loc: Loc, table: Mapping[str, Any], example: str) -> Iterator[Finding]:
    for one, other in (("username", "password"), ("password", "username")):
        if one in table and other not in table:
            yield (*loc, one), f"needs {other}", f'write {other} = {{ env = "{example}_{other.upper()}" }}'


def _composer(table: Mapping[str, Any]) -> Iterator[Finding]:
    soft, hard = (_number(ComposerTable, table, key) for key in ("soft_bytes", "hard_bytes"))
    if hard < soft:
        key = "hard_bytes" if "hard_bytes" in table else "soft_bytes"
        yield ("composer", key), f"hard_bytes {hard} is below soft_bytes {soft}", "raise hard_bytes or lower soft_bytes"


def _source(loc: Loc, table: Mapping[str, Any], folder: Path) -> Iterator[Finding]:
    kind = table.get("kind", "feed")
    places = [key for key in ("url", "urls", "path") if key in table]
    if len(places) > 1:
        yield (*loc, places[1]), f"{places[0]} and {places[1]} are both there", "take one out"
    elif not places:
        example = 'path = "FOLDER"' if kind == "folder" else 'url = "https://..." or path = "FILE"'
        yield loc, "has no address", f"write {example}"
    if "urls" in table and kind != "page":
        yield (*loc, "urls"), 'goes with kind = "page" alone', 'write kind = "page", or url = "https://..."'
    if "url" in table and kind == "folder":
        yield (*loc, "url"), 'does not go with kind = "folder"', 'write path = "FOLDER"'
    path = table.get("path")
    if isinstance(path, str) and path:
        yield from _source_path(loc, path, folder / path, is_folder=kind == "folder")
    if table.get("newest_is_now") is True and ("path" not in table or kind != "feed"):
        yield (*loc, "newest_is_now"), "goes with a feed's path alone", "take it out, or read the feed from a file"
    yield from _login(loc, table, "FEED")
    url, inside = table.get("url"), table.get("allow_private") is True
    for key in ("password", "token"):
        if key in table and not (isinstance(url, str) and (url.startswith("https:") or inside)):
            yield (*loc, key), "would go over the wire in clear", "write an https address"
    if "token" in table and "password" in table:
        yield (*loc, "token"), "password and token are both there", "take one out"


def _source_path(loc: Loc, path: str, found: Path, *, is_folder: bool) -> Iterator[Finding]:
    if is_folder and not found.is_dir():
        what = "is a file" if found.is_file() else "no such folder"
        yield (*loc, "path"), f"{what}: {path}", "write a folder's path, seen from config.toml"
    elif not is_folder and not found.is_file():
        what = "is a folder" if found.is_dir() else "no such file"
        yield (*loc, "path"), f"{what}: {path}", "write a file's path, seen from config.toml"


def _newsletter(loc: Loc, table: Mapping[str, Any], around: Around) -> Iterator[Finding]:
    if "schedule" in table and "cron" in table:
        yield (*loc, "cron"), "schedule and cron are both there", "take one out"
    elif "schedule" not in table and "cron" not in table:
        yield loc, "has no schedule", 'write schedule = "weekdays 06:30" or cron = "30 6 * * mon-fri"'
    theme = table.get("theme")
    if isinstance(theme, str) and theme not in around.themes:
        yield (*loc, "theme"), *_known("theme", theme, around.themes)
    named = _texts(table.get("lists"))
    for number, name in named:
        yield from _list((*loc, "lists", number), name, around)
    yield from _doubles((*loc, "lists"), named)
    limit, minimum = _number(NewsletterTable, table, "limit"), _number(NewsletterTable, table, "minimum")
    if limit < minimum:
        key = "limit" if "limit" in table else "minimum"
        yield (*loc, key), f"limit {limit} is below minimum {minimum}", "raise limit or lower minimum"


def _repeats(loc: Loc, table: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[Finding]:
    """The other newsletters whose articles it does not repeat."""
    known, own = _table(document, "newsletters"), loc[1]
    named = _texts(table.get("never_repeat_across"))
    for number, name in named:
        if name == own:
            yield (*loc, number), f'"{name}" is this newsletter itself, which never repeats anyway', "take it out"
        elif name not in known:
            yield (*loc, number), *_known("newsletter", name, (other for other in known if other != own))
    yield from _doubles(loc, named)


def _doubt(loc: Loc, table: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[Finding]:
    """The evidence that `reconcile` asks for."""
    if table.get("doubt") != "reconcile":
        return
    transports = dict(_tables(document, "transports"))
    for _, name in _texts(_table(document, "transport").get("use")):
        one = transports.get(name, {})
        if one.get("kind") in {"smtp", "sendmail"} and "relay_log" not in one:
            yield (
                loc,
                f'"reconcile" asks the log of every server in use, and [transports.{name}] names none',
                'write relay_log = "/var/log/mail.log" there, or doubt = "once"',
            )


def _number(schema: type[ComposerTable | NewsletterTable | SectionTable], table: Mapping[str, Any], key: str) -> int:
    value = table.get(key)
    return value if type(value) is int else int(schema.model_fields[key].default)


def _list(loc: Loc, name: str, around: Around) -> Iterator[Finding]:
    files = around.lists.get(name, ())
    if not files:
        why, mend = _known("list", name, around.lists)
        yield loc, f"{why} in subscribers/", mend
    elif len(files) > 1:
        yield loc, f'two files are the list "{name}": {" and ".join(files)}', "keep one of them in subscribers/"


def _sections(loc: Loc, newsletter: Mapping[str, Any], document: Mapping[str, Any]) -> Iterator[Finding]:
    sections = newsletter.get("sections")
    names: list[tuple[int, str]] = []
    for number, table in enumerate(sections if isinstance(sections, list) else ()):
        if not isinstance(table, dict):
            continue
        named = _texts(table.get("sources"))
        for place, name in named:
            if name not in _table(document, "sources"):
                yield (*loc, number, "sources", place), *_known("source", name, _table(document, "sources"))
        yield from _doubles((*loc, number, "sources"), named)
        most, least = _number(SectionTable, table, "max"), _number(SectionTable, table, "min")
        if most < least:
            key = "max" if "max" in table else "min"
            yield (*loc, number, key), f"max {most} is below min {least}", "raise max or lower min"
        if isinstance(table.get("name"), str):
            names.append((number, table["name"]))
    yield from _doubles(loc, names)
