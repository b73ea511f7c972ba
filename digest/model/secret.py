"""A value that is kept out of sight."""

from __future__ import annotations


class Secret:
    """A value that never shows itself: repr, str and format are `***`, and it cannot be pickled.

    `origin` says where it came from ("env SMTP_PASSWORD") and may be shown.
    """

    __slots__ = ("_value", "origin")

    def __init__(self, value: str, *, origin: str) -> None:
        """Keep `value` out of sight."""
        self._value = value
        self.origin = origin

    def reveal(self) -> str:
        """The value itself, for the one place that needs it."""
        return self._value

    def __repr__(self) -> str:
        """Three stars."""
        return "***"

    def __reduce__(self) -> tuple[object, ...]:
        """Refuse to be pickled or copied."""
        raise TypeError("a Secret cannot be pickled")
