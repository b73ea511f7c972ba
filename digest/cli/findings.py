"""What `digest check` found, for machines: JSON of our own, SARIF 2.1.0 for code hosts, JUnit for CI.

The shapes are stable: `rule` ids and keys are only ever added to.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from xml.etree import ElementTree as ET

from digest import __version__
from digest.errors import Mistake

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


def said(form: str, found: Sequence[Mistake], *, checked: str) -> str:
    """`found` in one of json, sarif, junit; `checked` is the file that was looked at."""
    return {"json": _json, "sarif": _sarif, "junit": _junit}[form](found, checked)


def _json(found: Sequence[Mistake], checked: str) -> str:
    findings = [
        {
            "file": one.file,
            "line": one.line,
            "rule": one.rule,
            "severity": _severity(one),
            "key": one.key,
            "why": one.why,
            "mend": one.mend,
        }
        for one in found
    ]
    errors = sum(not one.warning for one in found)
    return _dumped({"checked": checked, "errors": errors, "warnings": len(found) - errors, "findings": findings})


def _sarif(found: Sequence[Mistake], checked: str) -> str:
    rules = sorted({one.rule for one in found})
    driver = {"name": "digest", "version": __version__, "rules": [{"id": rule} for rule in rules]}
    results = [
        {
            "ruleId": one.rule,
            "level": _severity(one),
            "message": {"text": _text(one)},
            "locations": [{"physicalLocation": _place(one)}],
        }
        for one in found
    ]
    run = {"tool": {"driver": driver}, "artifacts": [{"location": {"uri": checked}}], "results": results}
    return _dumped({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _place(one: Mistake) -> dict[str, Any]:
    place: dict[str, Any] = {"artifactLocation": {"uri": one.file}}
    return {**place, "region": {"startLine": one.line}} if one.line else place


def _junit(found: Sequence[Mistake], checked: str) -> str:
    errors = [one for one in found if not one.warning]
    suite = ET.Element("testsuite", name="digest check", tests=str(max(1, len(found))), failures=str(len(errors)))
    for one in found:
        name = f"{one.file}:{one.line}" if one.line else one.file
        case = ET.SubElement(suite, "testcase", classname=one.rule, name=name)
        told = ET.SubElement(case, "system-out" if one.warning else "failure")
        told.text = _clean(str(one))
        if not one.warning:
            told.set("message", _clean(_text(one)))
            told.set("type", one.rule)
    if not found:
        ET.SubElement(suite, "testcase", classname="digest", name=checked)
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode")


def _severity(one: Mistake) -> str:
    return "warning" if one.warning else "error"


def _text(one: Mistake) -> str:
    """Without the place, which stands beside."""
    key = f"{one.key}: " if one.key else ""
    return f"{key}{one.why}" + (f"; {one.mend}" if one.mend else "")


def _clean(text: str) -> str:
    """XML 1.0 has no controls."""
    return "".join(sign if sign.isprintable() or sign in "\n\t" else "\ufffd" for sign in text)


def _dumped(value: object) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
