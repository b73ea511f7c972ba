"""The stage of an end-to-end test: a project folder, the command as a real subprocess, a real SMTP sink."""

import asyncio
import json
import os
import subprocess
import sys
import textwrap
import threading
import zlib
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from pathlib import Path

from digest.config import load_keys
from digest.store import Store
from digest.subscribers.identity import LedgerKey
from digest.testing.sink import Sink

AS_OF = datetime(2026, 3, 10, 6, 30, tzinfo=UTC)
NOW = "2026-03-10T06:30Z"

CONFIG = """
[site]
name = "The Morning Desk"
id = "morningdesk"
postal_address = "1 Harbour Street, Northport"
timezone = "Europe/London"
{site}
[transport]
use = ["out"]

[transports.out]
{transport}

[sources.world]
path = "world.xml"
outlet = "Example Times"

[newsletters.morning]
title = "The Morning Briefing"
from = "The Morning Desk <briefing@news.example.org>"
lists = ["readers"]
schedule = "daily 06:30"
theme = "briefing"
{newsletter}
[[newsletters.morning.sections]]
name = "World"
sources = ["world"]
max = 10
"""
FOLDER = 'kind = "folder"\npath = "var/outbox"'


@dataclass
class Project:
    """A folder with config.toml; `digest(...)` runs the command in it."""

    folder: Path
    env: dict[str, str] = field(default_factory=dict)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(textwrap.dedent(text).lstrip())
        return path

    def configure(self, *, site="", transport=FOLDER, newsletter="", more=""):
        self.write("config.toml", CONFIG.format(site=site, transport=transport, newsletter=newsletter) + more)

    def readers(self, count, name="readers"):
        lines = (f'[[subscribers]]\nemail = "reader{n}@example.org"\nname = "Reader {n}"\n' for n in range(count))
        self.write(f"subscribers/{name}.toml", "\n".join(lines))

    def news(self, articles, name="world.xml"):
        self.write(name, feed(articles))

    def start(self, *words, module="digest", **options):
        return subprocess.Popen(
            [sys.executable, "-m", module, *map(str, words)],
            cwd=self.folder,
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder), **self.env},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )

    def digest(self, *words, code=0, module="digest"):
        """Run to the end, want this exit code and no traceback; everything printed."""
        process = self.start(*words, module=module)
        out, err = process.communicate(timeout=120)
        assert process.returncode == code, f"exit {process.returncode}\n{out}\n{err}"
        assert "Traceback" not in err, err
        return out + err

    def crash(self, mark, *words, hit=1):
        """Run the command until it kills itself at `mark`."""
        return self.digest("crash", mark, "--hit", hit, "--", *words, module="digest.testing", code=-9)

    def json(self, *words, code=0):
        return json.loads(self.digest(*words, "--json", code=code))

    def messages(self, key):
        folder = self.folder / "var" / "outbox" / key
        return [message_from_bytes(path.read_bytes(), policy=policy.default) for path in sorted(folder.glob("*.eml"))]

    def counts(self, key):
        """Deliveries by state, those that occur."""
        return {state: n for state, n in self.look(key)[1].counts.items() if n}

    def state(self, key):
        return self.look(key)[0].state

    def look(self, key):
        """(row, standing) of an issue, read from the store itself."""

        async def read(store):
            row = await store.issues.find(*key.split("@"))
            return row, await store.issues.standing(row)

        return self.store(read)

    def audit(self):
        """The promise behind every test: nobody is missing from the books (P10)."""
        if not (self.folder / "var" / "digest.db").exists():
            return

        async def read(store):
            return [await store.ledger.audit(row) for row in await store.issues.list(1000)]

        for audit in self.store(read):
            assert audit.broken == ()
            assert sum(audit.counts.values()) == audit.recipients

    def store(self, act):
        """`await act(store)` on the project's own store, in this process."""

        async def opened():
            key = LedgerKey(load_keys(self.folder / "var" / "secret", create=False)[0][1])
            store = await Store.open(f"sqlite:///{self.folder / 'var' / 'digest.db'}", ledger_key=key.raw)
            try:
                return await act(store)
            finally:
                await store.close()

        return asyncio.run(opened())


def day(count, *, until=AS_OF, about="Headline"):
    """`count` articles, one an hour back from `until`; another day wants another `about`, or it is the same news.

    No two share a word that says something, or they would be one story.
    """
    return [{"title": f"{about.replace(' ', '')}{n}", "date": until - timedelta(hours=n + 1)} for n in range(count)]


def feed(articles):
    """RSS of dicts: title, date, and where given link, guid, description, tags; text goes in as it stands."""
    return (
        '<rss version="2.0"><channel><title>Example Times</title><link>https://times.example/</link>'
        + "".join(map(_item, articles))
        + "</channel></rss>"
    )


def _item(one):
    link = one.get("link", f"https://times.example/news/{zlib.crc32(one['title'].encode()):x}")
    parts = [
        f"<title>{one['title']}</title><link>{link}</link><guid>{one.get('guid', link)}</guid>",
        f"<description>{one.get('description', 'It is what it is, and it was only for you to have more of the same, and then some.')}</description>",
    ]
    if one.get("date"):
        parts.append(f"<pubDate>{one['date'].strftime('%a, %d %b %Y %H:%M:%S +0000')}</pubDate>")
    parts += [f"<category>{tag}</category>" for tag in one.get("tags", ())]
    return f"<item>{''.join(parts)}</item>"


def smtp(port, **more):
    """The transport table of a server on this machine."""
    options = {"kind": "smtp", "host": "127.0.0.1", "port": port, "tls": "none", "max_connections": 5, **more}
    return "\n".join(f"{key} = {json.dumps(value)}" for key, value in options.items())


class RunningSink:
    """digest.testing's strict sink in a thread of its own, so that tests stay plain functions."""

    def __init__(self, **options):
        self._options = options
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)

    def start(self):
        self._thread.start()
        self.sink = self._call(self._opened())
        return self.sink

    def stop(self):
        self._call(self.sink.__aexit__(None, None, None))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _opened(self):
        return await Sink(**self._options).__aenter__()

    def _call(self, act):
        return asyncio.run_coroutine_threadsafe(act, self._loop).result(30)
