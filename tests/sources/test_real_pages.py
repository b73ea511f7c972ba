"""The publishers' own pages: as many fields right as were seen, compared with what people wrote down."""

import html
import json
import re

import pytest

from digest.sources.page import read_page

pytestmark = pytest.mark.real_data

# Of 16 titles and author sets, 14 dates and 13 descriptions. Wrong in the data themselves are a date for an author,
# whom an article is about for who wrote it, and two values of a page as it was before it was edited.
RIGHT = {"title": 14, "author": 12, "date": 14, "description": 11}


def plain(text):
    without = re.sub(r"<[^>]+>", "", html.unescape(html.unescape(text or "")))
    return " ".join(without.split()).casefold()


def people(said):
    names = [said] if isinstance(said, str) else said or []
    return {plain(re.sub("^By ", "", one)) for name in names for one in name.split(";")}


@pytest.fixture
def pages(real_data):
    folder = real_data / "articles"
    expected = json.loads((folder / "_expected.json").read_text(encoding="utf-8"))
    return [
        (said, read_page((folder / name).read_bytes(), url=said["url"]).declared[0]) for name, said in expected.items()
    ]


def test_the_fields_that_people_wrote_down_are_read(pages):
    right = {
        "title": sum(plain(said["title"]) == plain(page.headline) for said, page in pages),
        "author": sum(people(said.get("author")) == people(list(page.authors)) for said, page in pages),
        "date": sum(said["date"][:10] == f"{page.published}"[:10] for said, page in pages if said.get("date")),
        "description": sum(
            plain(said["description"]) == plain(page.summary) for said, page in pages if said.get("description")
        ),
    }
    assert {field: count >= RIGHT[field] for field, count in right.items()} == dict.fromkeys(RIGHT, True), right


def test_every_real_page_has_a_headline_without_its_site(pages):
    for said, page in pages:
        assert page.headline, said["url"]
        assert not page.headline.endswith(page.outlet or "\0")
