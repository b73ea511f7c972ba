"""Every rule that machines are told is explained on one page, and the page names no other."""

import re

NAMED = re.compile(r'(?:rule=|(?:Note|warning|self\.note|_ruled)\(\s*)"([a-z0-9-]+)"')
BUILT = {"unsubscribe-link", "preferences-link", "web-link", "mjml-depth"}  # named by a variable, or by position


def test_every_rule_is_explained_and_no_other(root):
    source = "\n".join(path.read_text() for path in (root / "digest").rglob("*.py"))
    page = (root / "docs" / "reference" / "rules.md").read_text()
    rows = "\n".join(line.split("|")[1] for line in page.splitlines() if line.startswith("| `"))
    assert set(re.findall(r"`([a-z0-9-]+)`", rows)) == set(NAMED.findall(source)) | BUILT
