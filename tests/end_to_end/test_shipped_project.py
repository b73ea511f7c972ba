"""The project as it ships: every slot of every newsletter is full, whatever was sent before."""

import shutil

import pytest

NEWSLETTERS = {"morning": 12, "best": 12, "good-news": 8}


@pytest.fixture
def shipped(project, root):
    for name in ("config.toml", "samples", "subscribers"):
        target = project.folder / name
        if (root / name).is_dir():
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(root / name, target)
        else:
            shutil.copy(root / name, target)
    return project


def chosen(project, key):
    return len(project.json("issues", "show", key)["picks"]["chosen"])


@pytest.mark.parametrize("name", NEWSLETTERS)
def test_three_successive_dates_give_three_full_issues_and_the_preview_after_is_full(shipped, name):
    for date in ("2026-03-10", "2026-03-11", "2026-03-12"):
        shipped.digest("send", name, "--as-of", f"{date}T06:30Z")
        assert chosen(shipped, f"{name}@{date}") == NEWSLETTERS[name]
    for as_of in (["--as-of", "2026-03-12T09:00Z"], ["--as-of", "2026-03-09T09:00Z"], []):
        out = shipped.digest("preview", name, *as_of, "--out", "shown")
        assert f"picked {NEWSLETTERS[name]} of" in out


def test_a_preview_is_full_though_a_later_date_was_sent(shipped):
    shipped.digest("send", "morning", "--as-of", "2099-03-10T06:30Z")
    assert "picked 12 of" in shipped.digest("preview", "morning", "--out", "shown")
    shipped.digest("send", "morning")
    assert [row["standing"]["counts"]["sent"] for row in shipped.json("issues", "list")] == [6, 6]


def test_the_shipped_files_have_no_mistakes(shipped):
    assert "no mistakes" in shipped.digest("check")


def test_every_picture_of_an_issue_is_one_of_the_samples(shipped):
    shipped.digest("send", "morning", "--as-of", "2026-03-10T06:30Z")
    picks = shipped.json("issues", "show", "morning@2026-03-10")["picks"]["chosen"]
    pictures = [pick["article"]["image"]["url"].rpartition("/")[2] for pick in picks if pick["article"]["image"]]
    assert len(pictures) >= 6
    assert all((shipped.folder / "samples" / "pictures" / name).is_file() for name in pictures)
