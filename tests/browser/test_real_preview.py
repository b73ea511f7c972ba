"""`digest preview` itself over the project as it is shipped: edit its files and see the real issue change."""

import re
import shutil
import signal
import subprocess
import sys
import tomllib

import pytest
from playwright.sync_api import expect

FRAME = "#w800"


@pytest.fixture
def folder(tmp_path, root):
    """A copy of the shipped project, with its themes beside it."""
    made = tmp_path / "project"
    shutil.copytree(root / "samples", made / "samples")
    shutil.copytree(root / "subscribers", made / "subscribers")
    shutil.copytree(root / "templates", made / "templates")
    shutil.copy(root / "config.toml", made)
    return made


@pytest.fixture
def shown(page, folder):
    """The morning's page, listening; it must never be reloaded. The command ends cleanly afterwards."""
    command = [sys.executable, "-m", "digest", "preview", "morning", "--no-open"]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        page.goto(re.search(r"http://\S+", process.stdout.readline())[0])
        expect(page.locator("#state.live")).to_be_visible()
        page.evaluate("window.mark = 'never reloaded'")
        yield page
        assert page.evaluate("window.mark") == "never reloaded"
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=20)
        assert (process.returncode, "Traceback" in err) == (0, False), err
    finally:
        process.kill()
        process.communicate()


def change(path, old, new):
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_saving_a_theme_a_template_or_the_config_shows_without_a_reload(shown, folder):
    briefing = folder / "templates" / "email" / "briefing"
    frame = shown.frame_locator(FRAME)
    expect(frame.locator("h1")).to_have_text("The Morning Briefing")
    expect(frame.locator("[style*='#123456']")).to_have_count(0)
    accent = tomllib.loads((briefing / "theme.toml").read_text())["light"]["accent"]
    change(briefing / "theme.toml", accent, "#123456")
    expect(frame.locator("[style*='#123456']").first).to_be_attached()
    change(briefing / "issue.mjml", "</h1>", ", edited</h1>")
    expect(frame.locator("h1")).to_have_text("The Morning Briefing, edited")
    change(folder / "config.toml", 'title = "The Morning Briefing"', 'title = "The Dawn Briefing"')
    expect(frame.locator("h1")).to_have_text("The Dawn Briefing, edited")
    expect(shown.locator("h1")).to_have_text("The Dawn Briefing")


def test_a_mistake_stands_with_file_and_line_over_the_last_good_rendering(shown, folder):
    template = folder / "templates" / "email" / "briefing" / "issue.mjml"
    good = template.read_text()
    frame, mistake = shown.frame_locator(FRAME), shown.locator(".mistake code")
    first, rest = good.split("\n", 1)
    template.write_text(f"{first}\n{{{{ date }}\n{rest}")
    expect(mistake).to_contain_text(re.compile(r"templates/email/briefing/issue\.mjml:2: "))
    expect(frame.locator("h1")).to_have_text("The Morning Briefing")
    template.write_text(good)
    expect(mistake).to_have_count(0)
    change(folder / "config.toml", "limit = ", "limmit = ")
    expect(mistake.first).to_contain_text(re.compile(r'config\.toml:\d+: .*did you mean "limit"'))
    expect(frame.locator("h1")).to_have_text("The Morning Briefing")
    change(folder / "config.toml", "limmit = ", "limit = ")
    expect(shown.locator(".mistake")).to_have_count(0)


def test_a_bad_line_of_a_list_is_shown_and_goes_when_mended(shown, folder):
    people = folder / "subscribers" / "readers.toml"
    good = people.read_text()
    people.write_text(f'{good}\n[[subscribers]]\nemail = "nobody at all"\n')
    expect(shown.locator(".mistake code")).to_contain_text(
        f"subscribers/readers.toml:{len(people.read_text().splitlines())}"
    )
    people.write_text(good)
    expect(shown.locator(".mistake")).to_have_count(0)


def test_the_samples_pictures_are_seen(shown):
    pictures = shown.frame_locator(FRAME).locator("img[alt]:not([alt=''])")
    expect(pictures.first).to_be_attached()
    for picture in pictures.all():
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", value=True)
        assert picture.evaluate("picture => picture.naturalWidth") > 100
