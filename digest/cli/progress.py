"""A bar with rate and time left for a send that takes a while; on a terminal alone, on stderr."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text


class _Rate(ProgressColumn):
    """Messages per second."""

    def render(self, task: Task) -> Text:
        """`412/s`, empty before it is known."""
        return Text(f"{task.speed:.0f}/s" if task.speed else "")


@contextmanager
def bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """Give what App.progress wants; the bar goes away when the send is over."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what, total=None)

        def told(settled: int, recipients: int) -> None:
            if progress.tasks[task].total is None:
                progress.reset(
                    task, total=recipients, completed=settled
                )  # what an earlier run sent is no speed of this
            progress.update(task, completed=settled)

        yield told
