"""Whoever sends in the benchmark, each in a process of its own: `python -m benchmarks.senders NAME ARGS` prints a Run."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from pathlib import Path

import aiosmtplib

from benchmarks.stage import AS_OF, copy_of
from digest.app import open_app

SMTP_SOURCE = Path("/usr/sbin/smtp-source")
_TEXT = "A sentence that tells what happened.\r\n" * 50
_HTML = "<p>A sentence that tells what happened, with its markup.</p>\r\n" * 610
_ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """Messages a second, microseconds of CPU (user and system) of the client for each, its peak memory in MB.

    `steady`: the rate of the middle half, when all connections stand; 0 where it is not looked at.
    """

    rate: float
    cpu: float
    memory: int = 0
    steady: float = 0


def digest(folder: Path, messages: int, preload: Path | None = None) -> Run:
    """The whole durable path: the frozen issue read, every intent and outcome on disk, each message built and sent.

    `preload`: a library that makes the disk slower.
    """
    with copy_of(folder) as copy:
        return _in_a_process("digest", str(copy), str(messages), preload=preload)


def smtp_source(port: int, messages: int, connections: int, size: int) -> Run:
    """Postfix's own load maker: one ready message again and again over connections that stay."""
    command = [str(SMTP_SOURCE), "-d", "-s", str(connections), "-l", str(size), "-m", str(messages)]
    return _timed([*command, "-f", "a@example.org", "-t", "b@example.org", f"127.0.0.1:{port}"], messages)


def aiosmtplib_messages(port: int, messages: int, connections: int) -> Run:
    """email.message built and sent by aiosmtplib.send_message."""
    return _in_a_process("aiosmtplib_messages", str(port), str(messages), str(connections))


def aiosmtplib_bytes(port: int, messages: int, connections: int) -> Run:
    """Ready bytes by aiosmtplib.sendmail."""
    return _in_a_process("aiosmtplib_bytes", str(port), str(messages), str(connections))


def nodemailer(port: int, messages: int, connections: int) -> Run:
    """Nodemailer's pool; its package is put into the user's cache once."""
    script = Path(__file__).with_name("nodemailer.js")
    return _timed(["node", str(script), str(port), str(messages), str(connections)], messages, cwd=nodemailer_folder())


def nodemailer_folder() -> Path | None:
    """Where nodemailer is installed; None without node, npm or the network."""
    folder = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "digest-bench"
    if shutil.which("node") is None or shutil.which("npm") is None:
        return None
    if not (folder / "node_modules" / "nodemailer").is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        install = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), "nodemailer@^7"]
        if subprocess.run(install, check=False, capture_output=True).returncode:
            return None
    return folder


def _in_a_process(*words: str, preload: Path | None = None) -> Run:
    command = [sys.executable, "-m", "benchmarks.senders", *words]
    around = os.environ | ({"LD_PRELOAD": str(preload)} if preload else {})
    done = subprocess.run(command, cwd=_ROOT, check=True, capture_output=True, text=True, env=around)
    return Run(**json.loads(done.stdout.splitlines()[-1]))


def _timed(command: list[str], messages: int, *, cwd: Path | None = None) -> Run:
    before, start = _children(), time.perf_counter()
    subprocess.run(command, cwd=cwd, check=True, capture_output=True)
    seconds = time.perf_counter() - start
    return Run(rate=messages / seconds, cpu=(_children() - before) / messages * 1e6)


def _children() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


async def _digest(folder: str, messages: str) -> Run:
    async with open_app(Path(folder) / "config.toml", as_of=datetime.fromisoformat(AS_OF)) as app:
        settled: list[float] = []
        app.progress = lambda *_: settled.append(time.perf_counter())
        start, cpu = time.perf_counter(), time.process_time()
        report = await app.publish("morning")
        seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    if report.sent_now != int(messages):
        raise RuntimeError(f"{report.sent_now} of {messages} sent: {report.notes}")
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    quarter = len(settled) // 4
    steady = 2 * quarter / (settled[3 * quarter] - settled[quarter])
    return Run(rate=int(messages) / seconds, cpu=cpu / int(messages) * 1e6, memory=memory, steady=steady)


async def _aiosmtplib(
    port: str, messages: str, connections: str, send: Callable[[aiosmtplib.SMTP, int], object]
) -> Run:
    waiting = iter(range(int(messages)))

    async def work() -> None:
        client = aiosmtplib.SMTP(hostname="127.0.0.1", port=int(port), start_tls=False, local_hostname="localhost")
        async with client:
            for number in waiting:
                await send(client, number)  # type: ignore[misc]

    start, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(work() for _ in range(int(connections))))
    seconds, cpu = time.perf_counter() - start, time.process_time() - cpu
    return Run(rate=int(messages) / seconds, cpu=cpu / int(messages) * 1e6)


def _message(number: int) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"] = "briefing@news.example.org", f"reader{number}@example.org"
    message["Subject"] = "Headline number 0"
    message.set_content(_TEXT)
    message.add_alternative(_HTML, subtype="html")
    return message


def main(name: str, *words: str) -> Run:
    """One run."""
    if name == "digest":
        return asyncio.run(_digest(*words))
    if name == "aiosmtplib_messages":
        return asyncio.run(_aiosmtplib(*words, send=lambda client, number: client.send_message(_message(number))))
    ready = _message(0).as_bytes()
    to = ["reader0@example.org"]
    return asyncio.run(_aiosmtplib(*words, send=lambda client, _: client.sendmail("a@example.org", to, ready)))


if __name__ == "__main__":
    found = main(*sys.argv[1:])
    print(json.dumps({"rate": found.rate, "cpu": found.cpu, "memory": found.memory, "steady": found.steady}))
