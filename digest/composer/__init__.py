"""From picks to a frozen issue: themes are folders of Jinja and MJML, and nothing personal is rendered twice."""

from digest.composer.audiences import audience_of, audiences_of, check_variants
from digest.composer.compose import compose, fingerprint
from digest.composer.copying import copy_theme
from digest.composer.folders import theme_files, theme_names, theme_roots
from digest.composer.said import name_fill
from digest.composer.sample import check_subject, check_theme, sample_issue
from digest.composer.theme import FolderTheme, html_of, mjml_child

__all__ = [
    "audience_of",
    "audiences_of",
    "check_variants",
    "compose",
    "copy_theme",
    "fingerprint",
    "theme_files",
    "theme_names",
    "theme_roots",
    "name_fill",
    "check_subject",
    "check_theme",
    "sample_issue",
    "FolderTheme",
    "html_of",
    "mjml_child",
]
