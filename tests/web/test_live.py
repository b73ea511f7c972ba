"""What is shown follows the files, and a mistake never takes the last good rendering away."""

import asyncio

import pytest

from digest.web.live import Live
from digest.web.watch import changes
from tests.web.desks import FilesDesk


@pytest.fixture
def desk(tmp_path):
    return FilesDesk(tmp_path)


def run(coroutine):
    async def bounded():
        async with asyncio.timeout(20):
            return await coroutine

    return asyncio.run(bounded())


def test_a_mistake_keeps_the_last_good_rendering_until_it_is_mended(desk):
    async def edit(live, text):
        desk.template.write_text(text)
        await live.changed()
        return await live.show("morning")

    async def story():
        live = Live(desk)
        return [await live.show("morning"), await edit(live, "MISTAKE"), await edit(live, "mended")]

    first, broken, mended = run(story())
    assert (broken.mistake, broken.good, broken.made) == ("theme/issue.html:1: unexpected '}'", first.good, first.made)
    assert (mended.mistake, mended.good.html, mended.made) == ("", "mended", 3)


def test_a_mistake_in_the_config_stands_over_everything(desk):
    async def story():
        live = Live(desk)
        await live.show("morning")
        desk.config.write_text("morning x\nMISTAKE y\n")
        await live.changed()
        return await live.show("morning"), await live.upcoming()

    shown, (upcoming, mistake) = run(story())
    assert shown.mistake == mistake == "config.txt:2: newsletters: unknown key <MISTAKE>"
    assert [one.name for one in upcoming] == ["morning", "best"]
    assert shown.good.html == "<!doctype html><h1>First rendering</h1>"


def test_an_unforeseen_failure_is_said_by_type_and_place_only(desk):
    class Broken(FilesDesk):
        async def preview(self, _newsletter):
            raise KeyError("reader@x.test")

        async def upcoming(self):
            raise OSError("disk")

        async def reload(self):
            raise ValueError("secret")

    desk.__class__ = Broken

    async def story():
        live = Live(desk)
        said = [(await live.show("morning")).mistake, (await live.upcoming())[1]]
        await live.changed()
        return [*said, (await live.upcoming())[1]]

    said = run(story())
    assert [words.split(" at ")[0] for words in said] == ["KeyError", "OSError", "ValueError"]
    assert "desks.py" not in said[0]
    assert "test_live.py:" in said[0]


def test_an_old_rendering_is_made_anew_when_asked(desk):
    async def story():
        live = Live(desk)
        await live.show("morning")
        await live.show("morning", max_age=60)
        once = desk.rendered
        await live.show("morning", max_age=-1)
        return once, desk.rendered

    assert run(story()) == (1, 2)


def test_events_tell_the_version_each_change_and_a_farewell(desk):
    async def story():
        live = Live(desk)
        told = []
        async for event in live.events():
            told.append(event.decode())
            if len(told) == 1:
                await live.changed()
            elif len(told) == 2:
                live.farewell()
        return told

    assert run(story()) == [
        "event: version\ndata: 1\n\n",
        "event: version\ndata: 2\n\n",
        "event: farewell\ndata: bye\n\n",
    ]


async def _noticed(paths, act):
    """Whether a change that `act` makes is noticed; `act` is repeated until it is, or `paths` get another change."""
    turns = changes(paths)
    first = asyncio.ensure_future(anext(turns))
    while not first.done():
        act()
        await asyncio.wait({first}, timeout=0.2)
    await turns.aclose()


def test_a_save_by_renaming_is_noticed(desk):
    def save():
        other = desk.folder / "config.new"
        other.write_text("morning Renamed\n")
        other.rename(desk.config)

    run(_noticed([desk.config], save))


@pytest.mark.parametrize("named", ["link.txt", "theme/../config.txt"])
def test_a_file_named_in_a_roundabout_way_is_noticed(desk, named):
    (desk.folder / "elsewhere").mkdir()
    real = desk.config.rename(desk.folder / "elsewhere" / "config.txt") if named == "link.txt" else desk.config
    (desk.folder / "link.txt").symlink_to(real)
    run(_noticed([desk.folder / named], lambda: real.write_text("morning x\n")))


def test_a_file_deep_in_a_watched_folder_is_noticed(desk):
    (desk.folder / "theme" / "_parts").mkdir()
    run(_noticed([desk.folder / "theme"], lambda: (desk.folder / "theme" / "_parts" / "row.mjml").write_text("x")))


def test_a_neighbour_of_a_watched_file_is_not_listened_to(desk):
    database = desk.folder / "digest.db"

    async def story():
        turns = changes([desk.config])
        first = asyncio.ensure_future(anext(turns))
        for n in range(5):
            database.write_text(str(n))
            await asyncio.wait({first}, timeout=0.1)
        quiet = not first.done()
        while not first.done():
            desk.config.write_text("morning x\n")
            await asyncio.wait({first}, timeout=0.2)
        await turns.aclose()
        return quiet

    assert run(story())


def test_a_newly_watched_folder_is_followed(desk):
    extra = desk.folder / "another"

    class Growing(FilesDesk):
        def watched(self):
            return [self.config, extra]

    desk.__class__ = Growing

    async def story():
        live = Live(desk)
        watching = asyncio.create_task(live.watch())
        extra.mkdir()
        while live.version < 2:
            desk.config.write_text("morning x\n")
            await asyncio.sleep(0.1)
        before = live.version
        while live.version <= before + 3:
            (extra / "issue.mjml").write_text(str(live.version))
            await asyncio.sleep(0.1)
        watching.cancel()

    run(story())


def test_what_cannot_be_watched_is_said_in_the_log(tmp_path, caplog):
    class Vanishing(type(tmp_path)):
        """A folder that is removed between the look and the watch."""

        def is_dir(self):
            return True

    async def story():
        first = asyncio.ensure_future(anext(changes([Vanishing(tmp_path / "gone")])))
        while not caplog.messages:
            await asyncio.wait({first}, timeout=0.05)
        first.cancel()
        await asyncio.gather(first, return_exceptions=True)

    run(story())
    assert "start the preview again after one" in caplog.text
