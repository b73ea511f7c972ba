"""What the sending benchmark needs around itself: a sink, a link with a round trip, an issue that is frozen to be sent."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks import disk

SMTP_SINK = Path("/usr/sbin/smtp-sink")
AS_OF = "2026-03-10T06:30Z"
# Ends itself when the issue is frozen.
FREEZE = [sys.executable, "-m", "digest.testing", "crash", "after_c1", "--", "send", "morning", "--as-of", AS_OF]
ARTICLES = 20  # that make a message of about 40 kB

CONFIG = """
[site]
name = "The Morning Desk"
postal_address = "1 Harbour Street, Northport"
[transport]
use = ["relay"]
[transports.relay]
kind = "smtp"
host = "127.0.0.1"
port = {port}
tls = "none"
max_connections = {connections}
{transport}
[sources.world]
path = "world.xml"
[newsletters.morning]
title = "The Morning Briefing"
from = "The Morning Desk <briefing@news.example.org>"
lists = ["readers"]
schedule = "daily 06:30"
theme = "{theme}"
limit = {articles}
{newsletter}
sections = [{{ name = "World", sources = ["world"], max = {articles} }}]
"""
ITEM = (
    "<item><title>{title}</title><link>https://times.example/{n}</link>"
    "<description>{text}</description><pubDate>Tue, 10 Mar 2026 0{h}:00:00 GMT</pubDate></item>"
)
_SYLLABLES = [
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "har",
    "jen",
    "kil",
    "lom",
    "mur",
    "nas",
    "pel",
    "quo",
    "rin",
    "sat",
    "tev",
    "ul",
    "vor",
    "wex",
    "zan",
]


@contextmanager
def frozen_issue(port: int, *, messages: int, connections: int, frozen: bool = True) -> Iterator[Path]:
    """A project whose issue is composed and owed to everybody; nothing of it is sent yet. Copy it for each round.

    Without `frozen` nothing is done yet but its list written.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "subscribers").mkdir()
        with (folder / "subscribers" / "readers.csv").open("w") as readers:
            readers.write("email,name\n")
            readers.writelines(f"reader{n}@example.org,Reader {n}\n" for n in range(messages))
        long = {"theme": "briefing", "articles": ARTICLES, "newsletter": "", "transport": "per_connection = 1000000"}
        (folder / "config.toml").write_text(CONFIG.format(port=port, connections=connections, **long))
        items = "".join(
            ITEM.format(n=n, h=n % 6, title=_words(n, 8), text=_words(1000 + n, 40)) for n in range(ARTICLES)
        )
        (folder / "world.xml").write_text(f'<rss version="2.0"><channel><title>Times</title>{items}</channel></rss>')
        if frozen:
            subprocess.run(FREEZE, cwd=folder, check=False, capture_output=True)
        yield folder


def _words(seed: int, count: int) -> str:
    """Words of no language: articles that read alike would become one story."""
    chance = random.Random(seed)
    return " ".join("".join(chance.choices(_SYLLABLES, k=3)) for _ in range(count)).capitalize() + "."


@contextmanager
def slow_disk() -> Iterator[Path | None]:
    """A library to be loaded before all others, with which every fsync takes 2 ms more; None without a C compiler."""
    with tempfile.TemporaryDirectory() as name:
        yield disk.build(Path(name), "slow_disk.c") if disk.compiler() else None


@contextmanager
def copy_of(folder: Path) -> Iterator[Path]:
    """A project of its own, gone afterwards."""
    with tempfile.TemporaryDirectory() as name:
        copy = Path(name) / "project"
        shutil.copytree(folder, copy)
        (copy / "config.toml").chmod(0o600)
        yield copy


@contextmanager
def sink() -> Iterator[int]:
    """A server that takes everything, on a free port of this machine."""
    if not SMTP_SINK.exists():
        told = Path(tempfile.mkdtemp()) / "port"
        command = ["-m", "digest.testing", "sink", "--log", os.devnull, "--port-file", str(told)]
        with _running([sys.executable, *command]):
            while not told.exists():
                time.sleep(0.02)
            yield int(told.read_text())
        return
    port = _free_port()
    user = ["-u", "nobody"] if os.geteuid() == 0 else []
    with _running([str(SMTP_SINK), *user, f"127.0.0.1:{port}", "200"]):
        _wait_for(port)
        yield port


@contextmanager
def distant(port: int, *, round_trip: float) -> Iterator[int]:
    """A port that leads to `port` over a link with this round trip in seconds and no limit of its own."""
    near = _free_port()
    with _running([sys.executable, "-m", "benchmarks.stage", str(near), str(port), str(round_trip)]):
        _wait_for(near)
        yield near


@contextmanager
def _running(command: list[str]) -> Iterator[None]:
    process = subprocess.Popen(command)
    try:
        yield
    finally:
        process.terminate()
        process.wait()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _wait_for(port: int) -> None:
    for _ in range(1000):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError(f"nothing listens on port {port}")


async def _delay(near: int, far: int, round_trip: float) -> None:
    """Forward both directions, each byte half a round trip late."""

    async def forward(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        loop = asyncio.get_running_loop()
        while data := await reader.read(1 << 18):
            loop.call_later(round_trip / 2, writer.write, data)
        loop.call_later(round_trip / 2, writer.close)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", far)
        for stream in (writer, back):
            stream.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.gather(forward(reader, back), forward(there, writer), return_exceptions=True)

    async with await asyncio.start_server(serve, "127.0.0.1", near) as server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_delay(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
