"""Themes that break: nothing unsound is sent, the line is named, and one bad article never holds up the others."""

import json
from datetime import timedelta

import pytest

from tests.end_to_end.situation import AS_OF, CONFIG, FOLDER, NOW, day

KEY = "morning@2026-03-10"


@pytest.fixture
def theme(project):
    """An owner's theme `mine`, in use; `theme(old, new)` spoils a part of it."""
    project.digest("theme", "new", "mine", "--from", "plain")
    folder = project.folder / "templates" / "email" / "mine"
    project.write(
        "config.toml", CONFIG.format(site="", transport=FOLDER, newsletter="").replace('"briefing"', '"mine"')
    )

    def spoil(old, new, file="issue.mjml"):
        source = (folder / file).read_text("utf-8")
        assert old in source
        (folder / file).write_text(source.replace(old, new, 1), "utf-8")

    return spoil


def send(project, code=0):
    return project.digest("send", "morning", "--as-of", NOW, code=code)


def test_a_new_theme_is_sound_listed_and_sends(project, theme):
    assert "no mistakes" in project.digest("check")
    (mine,) = [one for one in json.loads(project.digest("theme", "list", "--json")) if one["name"] == "mine"]
    assert (mine["own"], mine["newsletters"]) == (True, ["morning"])
    assert "yours" in project.digest("theme", "list")
    send(project)
    assert project.counts(KEY) == {"sent": 3}


def test_theme_new_refuses_a_taken_name_and_an_unknown_origin(project, theme):
    assert "already" in project.digest("theme", "new", "mine", code=2)
    assert 'did you mean "briefing"' in project.digest("theme", "new", "other", "--from", "brefing", code=2)
    assert "would be written" in project.digest("theme", "new", "other", "--dry-run")
    assert not (project.folder / "templates" / "email" / "other").exists()


def test_row61_a_broken_theme_sends_nothing_names_its_line_and_is_mended(project, theme):
    theme("</mj-body>", "<mj-txt>x</mj-txt>\n</mj-body>")
    lines = (project.folder / "templates/email/mine/issue.mjml").read_text().splitlines()
    place = (
        f"templates/email/mine/issue.mjml:{lines.index('<mj-txt>x</mj-txt>') + 1}: no MJML element is called <mj-txt>"
    )
    assert place in project.digest("check", code=2)
    assert place in send(project, code=1)
    assert project.messages(KEY) == []
    theme("<mj-txt>x</mj-txt>\n", "")
    send(project)
    assert project.counts(KEY) == {"sent": 3}


def test_row61_a_loop_without_end_is_stopped_and_named(project, theme):
    theme("<mj-body", "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}<mj-body")
    template = (project.folder / "templates" / "email" / "mine" / "issue.mjml").read_text().splitlines()
    line = next(n for n, text in enumerate(template, 1) if "{% for a in range(99999) %}" in text)
    assert f"issue.mjml:{line}: the template ran for more than 2 s" in send(project, code=1)
    assert project.messages(KEY) == []


@pytest.mark.parametrize("what", ["</b>", "{{ 1 // 0 }}", "<script>x</script>"])
def test_row62_an_article_that_breaks_the_theme_is_left_out_and_the_issue_goes(project, theme, what):
    news = [{"title": "The odd one out", "date": AS_OF - timedelta(minutes=20)}, *day(4)]
    project.news(news)
    theme(
        "{{ story.headline }}",
        f"{{{{ story.headline }}}}{{% if 'odd' in story.headline %}}{what}{{% endif %}}",
        "blocks.mjml",
    )
    said = send(project)
    assert "render_refused 1: 'The odd one out'" in said
    assert "templates/email/mine/blocks.mjml:" in said
    assert project.counts(KEY) == {"sent": 3}
    assert all("odd one" not in message.as_string() for message in project.messages(KEY))
    assert "render_refused" in project.digest("explain", "morning", "odd one", "--slot", "2026-03-10", "--as-of", NOW)


def test_row63_elements_nested_by_the_thousand_end_no_process(project, theme):
    project.news([{"title": "The odd one out", "date": AS_OF - timedelta(minutes=20)}, *day(4)])
    nested = "{% if 'odd' in story.headline %}{% for n in range(9500) %}<b>{% endfor %}{% for n in range(9500) %}</b>{% endfor %}{% endif %}"
    theme("{{ story.headline }}", "{{ story.headline }}" + nested, "blocks.mjml")
    assert "nested more than 100 deep" in send(project)
    assert project.counts(KEY) == {"sent": 3}


def test_too_few_articles_left_make_no_issue(project, theme):
    project.configure(newsletter="minimum = 4")
    project.write("config.toml", (project.folder / "config.toml").read_text().replace('"briefing"', '"mine"'))
    project.news([{"title": "The odd one out", "date": AS_OF - timedelta(minutes=20)}, *day(3)])
    theme("{{ story.headline }}", "{{ story.headline }}{% if 'odd' in story.headline %}</b>{% endif %}", "blocks.mjml")
    assert "too little news: 3 of at least 4" in send(project)
    assert project.messages(KEY) == []


def test_the_real_issue_is_linted_as_a_message_too(project, theme):
    theme(
        "</mj-body>",
        "<mj-section><mj-column><mj-text><p style='color:#EEEEEE'>faint</p></mj-text></mj-column></mj-section></mj-body>",
    )
    assert "#eeeeee on #ffffff: a contrast of 1.16:1" in send(project, code=1)
    assert project.messages(KEY) == []


@pytest.mark.parametrize("form", ["json", "sarif", "junit"])
def test_check_tells_machines_file_line_and_rule(project, theme, form):
    theme('mute = "#595650"', 'mute = "#AAAAAA"', "theme.toml")
    said = project.digest("check", "--format", form, code=2)
    for word in ("templates/email/mine/theme.toml", "contrast", "10"):
        assert word in said


# Variants and links.


def test_topics_and_language_choose_what_a_reader_gets(project):
    project.configure(newsletter='[[newsletters.morning.sections]]\nname = "Later"\nsources = ["world"]\nmax = 1')
    people = "\n".join(
        f'[[subscribers]]\nemail = "{name}@example.org"\n{extra}'
        for name, extra in (("ada", ""), ("bo", 'topics = ["Later"]'), ("cy", 'language = "de"'))
    )
    project.write("subscribers/readers.toml", people)
    project.news(day(5))
    send(project)
    texts = {
        message["To"].addresses[0].username: message.get_body(("plain",)).get_content()
        for message in project.messages(KEY)
    }
    assert "Abbestellen" in texts["cy"]
    assert "Unsubscribe" in texts["ada"]
    assert len(texts["bo"]) < len(texts["ada"])
    assert "== World ==" not in texts["bo"]


def test_parameters_are_added_to_our_own_links_and_not_to_the_way_out(project):
    project.configure(
        site='base_url = "https://news.example.org"',
        newsletter='link_params = { utm_source = "{newsletter}", utm_campaign = "{slot}" }',
    )
    project.news([{**one, "link": f"https://www.example.org/{n}"} for n, one in enumerate(day(3))])
    send(project)
    (message, *_) = project.messages(KEY)
    for kind in ("plain", "html"):
        text = message.get_body((kind,)).get_content().replace("&amp;", "&")
        assert "https://www.example.org/1?utm_source=morning&utm_campaign=2026-03-10" in text
        assert "/u/" in text
        assert "utm" not in text.partition("/u/")[2][:200]


def test_a_long_issue_is_shortened_and_says_so(project):
    project.configure(newsletter="limit = 60", site="")
    config = (project.folder / "config.toml").read_text().replace("max = 10", "max = 60")
    project.write("config.toml", config + "\n[composer]\nsoft_bytes = 20000\nhard_bytes = 60000\n")
    teasers = [" ".join(f"Matter{n}x{word} goes on." for word in range(8)) for n in range(23)]  # 23 stories, not one
    project.news([{**one, "description": teaser} for one, teaser in zip(day(23), teasers, strict=True)])
    said = send(project)
    assert "shortened to" in said
    assert "rows moved to more headlines" in said
    assert "as a headline and a link" in project.digest("explain", "morning", "--slot", "2026-03-10", "--as-of", NOW)
