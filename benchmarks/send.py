"""The whole durable path (ledger on disk, personalised, MIME built) beside aiosmtplib.send_message, one sink for both.

The sink is Postfix's smtp-sink where it is installed, else digest.testing's own. Serial SMTP on both sides: the part
that makes sending fast comes later and brings its own figures.
"""

from __future__ import annotations

import asyncio
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib

from benchmarks.rounds import paired

MESSAGES = 1000
CONNECTIONS = 10
SMTP_SINK = Path("/usr/sbin/smtp-sink")

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
[sources.world]
path = "world.xml"
[newsletters.morning]
title = "The Morning Briefing"
from = "The Morning Desk <briefing@news.example.org>"
lists = ["readers"]
schedule = "daily 06:30"
theme = "briefing"
sections = [{{ name = "World", sources = ["world"], max = 12 }}]
"""
ITEM = (
    "<item><title>Headline number {n}</title><link>https://times.example/{n}</link>"
    "<description>{text}</description><pubDate>Tue, 10 Mar 2026 0{h}:00:00 GMT</pubDate></item>"
)


def measure() -> dict[str, object]:
    """Messages per second over whole commands, less what the command costs with nobody to send to."""
    with sink() as port:
        ours, peer, ratio = paired(lambda: digest_rate(port), lambda: asyncio.run(aiosmtplib_rate(port)), rounds=3)
    return {
        "messages": MESSAGES,
        "connections": CONNECTIONS,
        "sink": "smtp-sink" if SMTP_SINK.exists() else "digest.testing",
        "digest_per_s": round(ours),
        "aiosmtplib_send_message_per_s": round(peer),
        "ratio": round(ratio, 2),
    }


def digest_rate(port: int) -> float:
    """One issue to MESSAGES readers, frozen before the clock starts (the command stops itself after C1)."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "subscribers").mkdir()
        people = (f'[[subscribers]]\nemail = "reader{n}@example.org"\nname = "Reader {n}"\n' for n in range(MESSAGES))
        (folder / "subscribers" / "readers.toml").write_text("\n".join(people))
        (folder / "config.toml").write_text(CONFIG.format(port=port, connections=CONNECTIONS))
        items = "".join(ITEM.format(n=n, h=n % 6, text="A sentence that tells what happened. " * 6) for n in range(12))
        feed = f'<rss version="2.0"><channel><title>Times</title>{items}</channel></rss>'
        (folder / "world.xml").write_text(feed)
        words = ["send", "morning", "--as-of", "2026-03-10T06:30Z"]
        frozen = [sys.executable, "-m", "digest.testing", "crash", "after_c1", "--", *words]
        subprocess.run(frozen, cwd=folder, check=False, capture_output=True)
        idle = _seconds([sys.executable, "-m", "digest", "status"], folder)
        return MESSAGES / (_seconds([sys.executable, "-m", "digest", *words], folder) - idle)


async def aiosmtplib_rate(port: int) -> float:
    """The same number of messages of the same size, built by email.message and sent by send_message."""
    waiting = iter(range(MESSAGES))
    body = "A sentence that tells what happened. " * 120

    async def work() -> None:
        client = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False, local_hostname="localhost")
        async with client:
            for n in waiting:
                message = EmailMessage()
                message["From"], message["To"] = "briefing@news.example.org", f"reader{n}@example.org"
                message["Subject"] = "Headline number 0"
                message.set_content(body)
                message.add_alternative(f"<html><body><p>{body * 6}</p></body></html>", subtype="html")
                await client.send_message(message)

    start = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(CONNECTIONS)))
    return MESSAGES / (time.perf_counter() - start)


@contextmanager
def sink() -> Iterator[int]:
    """A server that takes everything, on a free port of this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    if SMTP_SINK.exists():
        user = ["-u", "nobody"] if os.geteuid() == 0 else []
        command = [str(SMTP_SINK), *user, f"127.0.0.1:{port}", "200"]
        process = subprocess.Popen(command)
        _wait_for(port)
    else:
        told = Path(tempfile.mkdtemp()) / "port"
        log = os.devnull
        process = subprocess.Popen(
            [sys.executable, "-m", "digest.testing", "sink", "--log", log, "--port-file", str(told)]
        )
        while not told.exists():
            time.sleep(0.02)
        port = int(told.read_text())
    try:
        yield port
    finally:
        process.terminate()
        process.wait()


def _wait_for(port: int) -> None:
    for _ in range(500):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise RuntimeError("smtp-sink did not start")


def _seconds(command: list[str], folder: Path) -> float:
    start = time.perf_counter()
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return time.perf_counter() - start
