"""The page and the schema say what the code does."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from digest.config import json_schema, reference
from digest.config.familiar import FAMILIAR
from digest.config.reference import TABLES
from digest.config.schema import (
    KINDS,
    SINGLE,
    ConfigTable,
    NewsletterTable,
    RankTable,
    SectionTable,
    SourceTable,
    keys_of,
)
from digest.model import Newsletter, Rank, Section, Source

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "config.md"
REMAKE = ".venv/bin/python -c 'import digest.config as c; print(c.reference(), end=\"\")' > docs/reference/config.md"


def test_the_page_is_what_the_schema_says():
    assert PAGE.read_text("utf-8") == reference(), f"make it anew: {REMAKE}"


@pytest.mark.parametrize(("heading", "table"), TABLES)
def test_the_page_names_every_key_with_its_meaning(heading, table):
    page = PAGE.read_text("utf-8")
    assert f"## `{heading}`" in page
    for key, field in zip(keys_of(table), table.model_fields.values(), strict=True):
        assert re.search(rf"^\| `{key}` \| [^|]+ \| [^|]+ \| {re.escape(field.description)} \|", page, re.MULTILINE)


def test_every_table_of_the_schema_is_on_the_page():
    tables = {table.__name__ for _, table in TABLES}
    assert tables == {*json_schema()["$defs"]}


@pytest.mark.parametrize(
    ("table", "model"),
    [(SourceTable, Source), (NewsletterTable, Newsletter), (SectionTable, Section), (RankTable, Rank)],
)
def test_defaults_are_those_of_the_types(table, model):
    types = {field.name: field.default for field in dataclasses.fields(model)}
    for name, field in table.model_fields.items():
        if name in types and name != "rank" and not field.is_required() and field.default is not None:
            assert field.default == types[name]


def test_the_json_schema_has_nothing_that_toml_cannot_say():
    text = str(json_schema())
    assert "'null'" not in text
    assert "None" not in text
    assert "PT" not in text
    assert json_schema()["$schema"].startswith("http://json-schema.org/draft-07")
    assert json_schema()["$defs"]["SourceTable"]["properties"]["every"]["default"] == "30m"


def test_familiar_names_lead_to_keys_that_exist():
    known = {
        "": {*keys_of(ConfigTable)},
        "transports": {key for kind in KINDS.values() for key in keys_of(kind)},
        "sources": {*keys_of(SourceTable)},
        "newsletters": {*keys_of(NewsletterTable)},
        "sections": {*keys_of(SectionTable)},
        **{name: {*keys_of(table)} for name, table in SINGLE.items()},
    }
    for table, names in FAMILIAR.items():
        assert {*names.values()} <= known[table]
