"""size_of: what the first bytes of a picture say of its size."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.sources.picture_size import size_of

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + struct.pack(">II", 640, 427)
FRAME = b"\xff\xc2\0\x11\x08" + struct.pack(">HH", 427, 640) + bytes(9)
EXIF = b"\xff\xe1" + struct.pack(">H", 2 + len(FRAME)) + FRAME  # a thumbnail's frame within is not the picture's
JPEG = b"\xff\xd8" + EXIF.replace(b"\x01\xab", b"\0\x50") + b"\xff\xff" + FRAME[1:]
WEBP = b"RIFF\0\0\0\0WEBP"
LOSSY = WEBP + b"VP8 " + bytes(7) + b"\x9d\x01\x2a" + struct.pack("<HH", 640 | 0x4000, 427)
LOSSLESS = WEBP + b"VP8L" + bytes(4) + b"\x2f" + (639 | 426 << 14).to_bytes(4, "little")
EXTENDED = WEBP + b"VP8X" + bytes(8) + (639).to_bytes(3, "little") + (426).to_bytes(3, "little")


@pytest.mark.parametrize("data", [PNG, b"GIF89a" + struct.pack("<HH", 640, 427), JPEG, LOSSY, LOSSLESS, EXTENDED])
def test_each_form_says_its_size(data):
    assert size_of(data) == (640, 427)


@pytest.mark.parametrize("data", [b"", PNG[:20], b"GIF89a\1", JPEG[:12], b"<svg width=640>", b"\xff\xd8\xff"])
def test_what_is_cut_off_or_no_picture_says_nothing(data):
    assert size_of(data) == (0, 0)


@given(st.sampled_from([b"", b"\xff\xd8", b"RIFF\0\0\0\0WEBP", b"GIF89a", PNG[:16]]), st.binary(max_size=200))
def test_no_bytes_are_too_odd(start, rest):
    width, height = size_of(start + rest)
    assert (width > 0) == (height > 0)
