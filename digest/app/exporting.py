"""An issue as a folder that another machine can verify, with nothing of any subscriber in it.

issue.json          the frozen issue: picks, and each variant cut at its holes
variants/NN-KEY.*   each variant as MJML, HTML and text, holes as [[name]]
sample.eml          one message, for somebody made up
manifest.json       what it is, its fingerprint, and what it was made with
SHA256SUMS          a hash of each of these, as `sha256sum -c` reads them
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from digest.app.files import write_files
from digest.app.making import differences, versions
from digest.composer import fingerprint, html_of
from digest.errors import DigestError, TemplateError, wrong
from digest.model import Issue, IssueRow, Variant
from digest.store import read_document, write_document

FORMAT = 1
_SUMS = "SHA256SUMS"
_SUM = re.compile(r"([0-9a-f]{64}) [ *]((?:variants/)?[A-Za-z0-9][A-Za-z0-9._+-]{0,120})")
_UNSAFE = re.compile(r"[^A-Za-z0-9]+")
_LARGEST = 1 << 26  # octets of one file


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether an issue is what it says. `looked` says at what, `differs` what is not so, `notes` what may be why; for people."""

    key: str
    looked: str = "rendered again"
    fingerprint: str
    differs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Nothing differs."""
        return not self.differs


def export(issue: Issue, row: IssueRow, folder: Path, *, sample: bytes) -> tuple[Path, ...]:
    """Write the folder, made when missing; its files. Raises DigestError when it holds something else already."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise wrong(f"{folder} exists already and is not empty")
    manifest = {
        "format": FORMAT,
        "key": issue.key,
        "number": issue.number,
        "subject": issue.subject,
        "theme": issue.theme,
        "cutoff": issue.cutoff.isoformat(),
        "composed_at": row.composed_at,
        "recipients": row.recipients,
        "fingerprint": issue.fingerprint.hex(),
        "made_with": dict(issue.made_with),
    }
    files = {"issue.json": write_document(issue).encode(), **_shown(issue), "sample.eml": sample}
    files["manifest.json"] = (json.dumps(manifest, indent=2) + "\n").encode()
    sums = "".join(f"{hashlib.sha256(content).hexdigest()}  {name}\n" for name, content in sorted(files.items()))
    return write_files({**files, _SUMS: sums.encode()}, folder)


def read_export(folder: Path) -> tuple[Issue, Verdict]:
    """The issue in an exported folder, and whether the folder is whole and its parts fit: needs no config.

    Hashes of all files, the fingerprint over the variants, the files of each variant, and the HTML that its MJML gives
    here. Raises DigestError (exit 2) where there is no export.
    """
    sums = dict(_sums(folder))
    contents = {name: _read(folder / name) for name in sums}
    differs = [
        f"{name} is missing" if content is None else f"{name} was changed"
        for name, content in contents.items()
        if content is None or hashlib.sha256(content).hexdigest() != sums[name]
    ]
    differs += [
        f"{name} is not in {_SUMS}" for name in ("issue.json", "manifest.json", "sample.eml") if name not in sums
    ]
    try:
        issue = read_document(Issue, contents.get("issue.json") or b"")
        manifest = json.loads(contents.get("manifest.json") or b"{}")
        told = str(manifest["fingerprint"])
    except (DigestError, ValueError, KeyError, TypeError) as error:
        raise wrong(f"{folder}: {'; '.join(differs) or 'not an exported issue'}") from error
    differs += _misfits(issue, contents, told)
    notes = differences(issue.made_with, versions())
    differs += _rendered_otherwise(issue)
    looked = "hashes, fingerprint, HTML from its MJML"
    return issue, Verdict(key=issue.key, looked=looked, fingerprint=told, differs=tuple(differs), notes=notes)


def _misfits(issue: Issue, contents: Mapping[str, bytes | None], told: str) -> Iterator[str]:
    found = fingerprint(issue.variants)
    if found != issue.fingerprint or found.hex() != told:
        yield "the fingerprint is not the variants'"
    for name, content in _shown(issue).items():
        if contents.get(name) != content:
            yield f"{name} is not what issue.json holds"


def _rendered_otherwise(issue: Issue) -> Iterator[str]:
    """Variants whose HTML is not what their MJML gives here."""
    for variant in issue.variants:
        try:
            html = html_of(variant.mjml)
        except TemplateError as error:
            yield f"variant {variant.audience.key}: {error}"
            continue
        if html != variant.html.shown():
            yield f"variant {variant.audience.key}: its MJML gives other HTML here"


def _shown(issue: Issue) -> dict[str, bytes]:
    files: dict[str, bytes] = {}
    for n, variant in enumerate(issue.variants, 1):
        stem = f"variants/{n:02}-{_slug(variant)}"
        files[f"{stem}.mjml"] = variant.mjml.encode()
        files[f"{stem}.html"] = variant.html.shown().encode()
        files[f"{stem}.txt"] = variant.text.shown().encode()
    return files


def _slug(variant: Variant) -> str:
    return _UNSAFE.sub("-", variant.audience.key).strip("-")[:80] or "variant"


def _sums(folder: Path) -> Iterator[tuple[str, str]]:
    """(file, hash) of each line; names lead nowhere else."""
    content = _read(folder / _SUMS)
    if content is None:
        raise wrong(f"{folder}: no {_SUMS} in it; digest issues export makes such a folder")
    for line in content.decode("utf-8", "replace").splitlines():
        match = _SUM.fullmatch(line)
        if match is None or ".." in match[2]:
            raise wrong(f"{folder}/{_SUMS}: no line of ours: {line[:80]!r}")
        yield match[2], match[1]


def _read(path: Path) -> bytes | None:
    """A file's content; None where there is none, or no plain one."""
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _LARGEST:
            return None
        return path.read_bytes()
    except OSError:
        return None
