# ruff: noqa: RUF001 - letters of other scripts are the subject here
"""A byline's names: what stands around them, in many languages, is taken off."""

import pytest

from digest.sources.page_names import is_desk, names_in


@pytest.mark.parametrize(
    ("byline", "names"),
    [
        ("Автор: Ольга Смирнова", ["Ольга Смирнова"]),
        ("بقلم: ليلى حداد", ["ليلى حداد"]),
        ("מאת: דנה כהן", ["דנה כהן"]),
        ("Haber: Ayşe Yılmaz", ["Ayşe Yılmaz"]),
        ("김철수 기자", ["김철수"]),
        ("山田太郎記者", ["山田太郎"]),
        ("作者：王小明", ["王小明"]),
        ("Eine Rezension von Lena Vogt", ["Lena Vogt"]),
        ("An opinion piece by Ada Marsh", ["Ada Marsh"]),
        ("Propos recueillis par Anne Dubois", ["Anne Dubois"]),
        ("Edited by: Ravi Sharma", ["Ravi Sharma"]),
        ("amarsh@paper.example (Ada Marsh)", ["Ada Marsh"]),
        ("Marsh, Ada; Reed, Tom", ["Ada Marsh", "Tom Reed"]),
    ],
)
def test_what_stands_before_or_behind_a_name_goes(byline, names):
    assert names_in(byline) == names


def test_a_name_that_begins_like_a_month_stays_whole():
    assert names_in("Ada Marsh 11 March 2024") == ["Ada Marsh"]
    assert names_in("By Jan Decker 3 Dec 2024") == ["Jan Decker"]


def test_what_others_did_for_the_article_makes_no_author():
    assert names_in("Ada Marsh & Tom Reed, photos by Sam Poe") == ["Ada Marsh", "Tom Reed"]


@pytest.mark.parametrize("name", ["Redaktion", "Sports Desk", "dpa", "La Redacción", "The Associated Press"])
def test_a_desk_is_no_person(name):
    assert is_desk(name)


@pytest.mark.parametrize("name", ["Ada Marsh", "Desmond Reed", "Agnes Redford"])
def test_a_person_is_no_desk(name):
    assert not is_desk(name)
