"""A project on disk for what looks at a whole App."""

import pytest

from tests.end_to_end.situation import Project, day


@pytest.fixture
def project(tmp_path):
    made = Project(tmp_path / "project")
    made.folder.mkdir()
    made.configure()
    made.news(day(5))
    made.readers(3)
    return made
