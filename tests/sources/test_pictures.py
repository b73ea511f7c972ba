"""Which picture is shown: of the declared ones and those of the text, by size, never a counter or a logo."""

import pytest

from digest.model import Declared, Image
from digest.sources.body_pictures import pictures_in
from digest.sources.pictures import choose, logos_of

BASE = "https://coast.example/news/"


def image(name, width=0, height=0):
    return Image(url=f"https://img.example/{name}", width=width, height=height)


def chosen(*images, **options):
    found = choose(images, **options)
    return found.url.rpartition("/")[2] if found else None


def test_the_narrowest_that_is_wide_enough_wins():
    assert chosen(image("a.jpg", 140), image("b.jpg", 1600), image("c.jpg", 700)) == "c.jpg"


def test_without_one_wide_enough_the_widest_wins_and_unknown_counts_as_400():
    assert chosen(image("a.jpg", 140), image("b.jpg", 460)) == "b.jpg"
    assert chosen(image("a.jpg", 240), image("b.jpg")) == "b.jpg"


def test_a_size_in_the_address_is_known():
    assert chosen(image("a_142x100.jpg"), image("b.jpg", 300)) == "b.jpg"
    assert chosen(image("a.jpg?width=1200&x=1"), image("b.jpg", 460)) == "a.jpg?width=1200&x=1"


def test_jpeg_png_and_gif_come_before_webp():
    assert chosen(image("a.webp", 640), image("b.jpg", 500)) == "b.jpg"
    assert chosen(image("a.webp", 640)) == "a.webp"


@pytest.mark.parametrize(
    "counter",
    [
        image("a.jpg", 1, 1),
        image("a.jpg", 3, 100),
        image("a.jpg", 100, 100),
        image("banner.jpg", 728, 90),
        image("drawing.svg", 800, 600),
        image("pixel.gif"),
        image("share/facebook.png"),
        Image(url="https://feeds.feedburner.com/~r/Coast/~4/x"),
        Image(url="https://met.vgwort.de/na/0123"),
        Image(url="https://pixel.wp.com/b.gif?x=1"),
        Image(url="http://stats.wordpress.com/b.gif"),
        Image(url="data:image/gif;base64,R0lGOD"),
    ],
)
def test_a_counter_an_icon_or_a_banner_is_no_picture(counter):
    assert choose([counter]) is None
    assert choose([counter, image("real.jpg", 640, 400)]).url.endswith("real.jpg")


def test_a_picture_beside_over_30_percent_of_the_articles_is_a_logo():
    logo = image("logo.png", 640, 400)
    own = [Declared(images=(image(f"{n}.jpg", 640),), pictures=(logo,) if n < 4 else ()) for n in range(10)]
    logos = logos_of(own)
    assert logos == {logo.url}
    assert chosen(logo, logos=logos) is None


def test_two_articles_that_share_a_picture_have_no_logo():
    assert logos_of([Declared(images=(image("a.jpg"),)), Declared(images=(image("a.jpg"),))]) == frozenset()


def test_the_pictures_of_a_text_come_in_its_order_with_every_width():
    raw = (
        '<p>Text</p><figure><img src="/a.jpg" srcset="/a-640.jpg 640w, /a-1280.jpg 1280w" width="320" height="200"'
        " alt='old'><figcaption>The <b>quay</b></figcaption></figure><IMG data-src=b.jpg src=data:image/gif;base64,x>"
    )
    assert [(one.url, one.width, one.height, one.alt) for one in pictures_in(raw, base=BASE)] == [
        ("https://coast.example/a.jpg", 320, 200, "The quay"),
        ("https://coast.example/a-640.jpg", 640, 400, "The quay"),
        ("https://coast.example/a-1280.jpg", 1280, 800, "The quay"),
        ("https://coast.example/news/b.jpg", 0, 0, ""),
    ]


@pytest.mark.parametrize(
    "raw",
    [
        '<img src="/a.jpg" style="display: none">',
        '<img hidden src="/a.jpg">',
        '<img src="javascript:alert(1)">',
        "<img>",
        "<img src=>",
        "&lt;p&gt;none&lt;/p&gt;",
    ],
)
def test_hidden_and_empty_pictures_are_left_out(raw):
    assert pictures_in(raw, base=BASE) == ()


def test_pictures_of_escaped_html_are_seen():
    assert [one.url for one in pictures_in('&lt;img src="/a.jpg?x=1&amp;amp;y=2"/&gt;', base=BASE)] == [
        "https://coast.example/a.jpg?x=1&y=2"
    ]
