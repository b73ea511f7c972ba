"""What check found, for machines."""

import json
from xml.etree import ElementTree as ET

import pytest

from digest.cli.findings import said
from digest.errors import Mistake

FOUND = (
    Mistake(
        file="config.toml",
        line=31,
        key="[newsletters.morning] theme",
        why='no theme called "x"',
        mend="known: plain",
        rule="config",
    ),
    Mistake(file="templates/email/mine/issue.mjml", line=12, why="no <mj-txt>\x1b[31m & co", rule="mjml-element"),
    Mistake(file="templates/email/mine/theme.toml", why="faint", rule="palette", warning=True),
)


def test_json_names_file_line_rule_and_severity():
    told = json.loads(said("json", FOUND, checked="config.toml"))
    assert (told["checked"], told["errors"], told["warnings"]) == ("config.toml", 2, 1)
    assert [(one["file"], one["line"], one["rule"], one["severity"]) for one in told["findings"]] == [
        ("config.toml", 31, "config", "error"),
        ("templates/email/mine/issue.mjml", 12, "mjml-element", "error"),
        ("templates/email/mine/theme.toml", 0, "palette", "warning"),
    ]


def test_sarif_is_what_code_hosts_read():
    told = json.loads(said("sarif", FOUND, checked="config.toml"))
    assert told["version"] == "2.1.0"
    (run,) = told["runs"]
    assert run["tool"]["driver"]["name"] == "digest"
    assert {rule["id"] for rule in run["tool"]["driver"]["rules"]} == {one["ruleId"] for one in run["results"]}
    first, second, third = run["results"]
    assert first["level"] == "error"
    assert first["message"]["text"] == '[newsletters.morning] theme: no theme called "x"; known: plain'
    assert second["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "templates/email/mine/issue.mjml"},
        "region": {"startLine": 12},
    }
    assert third["level"] == "warning"
    assert "region" not in third["locations"][0]["physicalLocation"]


def test_junit_is_xml_with_a_case_for_each_finding():
    (suite,) = ET.fromstring(said("junit", FOUND, checked="config.toml"))
    assert (suite.get("tests"), suite.get("failures")) == ("3", "2")
    assert [case.get("name") for case in suite] == [
        "config.toml:31",
        "templates/email/mine/issue.mjml:12",
        "templates/email/mine/theme.toml",
    ]
    assert [case[0].tag for case in suite] == ["failure", "failure", "system-out"]


@pytest.mark.parametrize("form", ["json", "sarif", "junit"])
def test_nothing_found_is_said_in_every_form(form):
    text = said(form, (), checked="config.toml")
    if form == "junit":
        (suite,) = ET.fromstring(text)
        assert (suite.get("tests"), suite.get("failures"), suite[0].get("name")) == ("1", "0", "config.toml")
    else:
        assert json.loads(text)
