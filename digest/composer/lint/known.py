"""Which elements MJML has, what may stand in them, and which values their attributes take.

From the components of npm mjml 5.4 (allowedAttributes and dependencies, which its `--validate` reports by), less what
our renderer cannot do (MAIL.md C). HTML is what may stand in an element that ends in HTML (mj-text, mj-table ...).
"""

from __future__ import annotations

import re

from digest.model.rules import words

_SIZE = r"(?:\d+(?:\.\d+)?(?:px|%)|0)"
# What a value must look like, by kind. `unit` is one size alone: our renderer ignores a bare number, even 0.
KINDS = {
    "unit": re.compile(r"\d+(?:\.\d+)?(?:px|%)"),
    "units": re.compile(rf"{_SIZE}(?: {_SIZE}){{0,3}}"),
    "px": re.compile(r"\d+(?:\.\d+)?px"),
    "line": re.compile(r"\d+(?:\.\d+)?(?:px|%)?"),
    "spacing": re.compile(r"-?\d*\.?\d+(?:px|em)|0|normal"),
    "height": re.compile(r"\d+(?:\.\d+)?px|auto"),
    "width": re.compile(r"\d+(?:\.\d+)?(?:px|%)|auto"),
    "integer": re.compile(r"\d+"),
    "colour": re.compile(r"#[0-9A-Fa-f]{6}|rgba?\([\d., %]+\)|[A-Za-z]+"),
}
WANTED = {
    "unit": "a size with its unit, such as 24px or 50%",
    "units": "one to four sizes with their units, such as 0 24px",
    "px": "a size in px, such as 17px",
    "line": "a size such as 26px, or a factor",
    "spacing": "a size such as 1px",
    "height": "a size in px, or auto",
    "width": "a size with its unit, or auto",
    "integer": "a whole number",
    "colour": "# and six hexadecimal digits (Outlook needs six)",
}

_PADDING = "padding:units padding-top:unit padding-bottom:unit padding-left:unit padding-right:unit"
_BORDER = "border border-top border-bottom border-left border-right border-radius"
_INNER = "inner-border inner-border-top inner-border-bottom inner-border-left inner-border-right inner-border-radius"
_TYPE = "color:colour font-family font-size:px font-style font-weight line-height:line text-decoration"
_BOX = (
    f"background-color:colour background-url background-repeat:repeat|no-repeat background-size background-position "
    f"background-position-x background-position-y {_BORDER} direction:ltr|rtl full-width:full-width|false "
    f"gutter:unit {_PADDING} text-align:left|center|right text-padding:units"
)
_MIDDLE = "vertical-align:top|bottom|middle"
_ACROSS = "align:left|center|right"
_AROUND = "container-background-color:colour"
_SPACED = "letter-spacing:spacing text-transform"

_ATTRIBUTES = {
    "mjml": "lang dir:ltr|rtl|auto owa:desktop",
    "mj-head": "",
    "mj-attributes": "",
    "mj-all": "*",
    "mj-class": "name *",
    "mj-breakpoint": "width:px",
    "mj-style": "inline",
    "mj-title": "",
    "mj-raw": "",
    "mj-body": "width:px background-color:colour id",
    "mj-wrapper": _BOX,
    "mj-section": _BOX,
    "mj-group": f"background-color:colour direction:ltr|rtl {_MIDDLE} width:unit",
    "mj-column": f"background-color:colour {_BORDER} direction:ltr|rtl inner-background-color:colour {_INNER} "
    f"{_PADDING} {_MIDDLE} width:unit",
    "mj-hero": "mode:fixed-height height:unit background-url background-width:unit background-height:unit "
    "background-position border-radius inner-background-color:colour inner-padding:units inner-padding-top:unit "
    f"inner-padding-left:unit inner-padding-right:unit inner-padding-bottom:unit {_PADDING} background-color:colour "
    f"{_MIDDLE}",
    "mj-text": "align:left|right|center|justify background-color:colour "
    f"{_AROUND} {_TYPE} height:unit {_SPACED} {_PADDING} {_MIDDLE}",
    "mj-table": f"{_ACROSS} border cellpadding:integer cellspacing:integer {_AROUND} {_TYPE} {_PADDING} "
    f"role:none|presentation table-layout:auto|fixed|initial|inherit {_MIDDLE} width:width",
    "mj-button": f"{_ACROSS} background-color:colour {_BORDER} {_AROUND} {_TYPE} height:unit href name "
    f"inner-padding:units {_SPACED} {_PADDING} rel target {_MIDDLE} text-align:left|right|center width:unit",
    "mj-image": f"alt href name src rel target {_ACROSS} {_BORDER} {_AROUND} fluid-on-mobile:true|false {_PADDING} "
    "width:px height:height max-height:unit font-size:px usemap",
    "mj-divider": f"border-color:colour border-style border-width:px {_AROUND} {_PADDING} width:unit {_ACROSS}",
    "mj-spacer": f"border border-top border-bottom border-left border-right {_AROUND} {_PADDING} height:unit",
    "mj-social": f"{_ACROSS} border border-radius {_AROUND} {_TYPE} icon-size:unit icon-height:unit "
    f"icon-padding:units inner-padding:units mode:horizontal|vertical {_PADDING} table-layout:auto|fixed "
    f"text-padding:units {_MIDDLE}",
    "mj-social-element": f"{_ACROSS} background-color:colour border border-radius {_TYPE} href icon-size:unit "
    f"icon-height:unit icon-padding:units name {_PADDING} text-padding:units rel src alt target {_MIDDLE}",
    "mj-navbar": f"{_ACROSS} base-url {_PADDING}",
    "mj-navbar-link": f"{_TYPE} href name target rel {_SPACED} {_PADDING}",
}


def _table(written: str) -> dict[str, str]:
    """Attribute -> kind: "" for any text, a kind of KINDS, or `one|other` for a closed list."""
    pairs = (word.partition(":") for word in written.split())
    return {name: kind for name, _, kind in pairs}


ATTRIBUTES = {name: {**_table(written), "css-class": "", "mj-class": ""} for name, written in _ATTRIBUTES.items()}
for _name in ("mjml", "mj-head", "mj-attributes", "mj-style", "mj-title", "mj-breakpoint", "mj-raw"):
    ATTRIBUTES[_name] = _table(_ATTRIBUTES[_name])
# In mj-all and mj-class any attribute may be set that some element of the body has.
ANY_ATTRIBUTE = {name: kind for table in reversed(ATTRIBUTES.values()) for name, kind in table.items() if name != "*"}

_LEAVES = {
    "mj-text",
    "mj-table",
    "mj-button",
    "mj-image",
    "mj-divider",
    "mj-spacer",
    "mj-social",
    "mj-navbar",
    "mj-raw",
}
CHILDREN: dict[str, frozenset[str]] = {
    "": frozenset({"mjml"}),
    "mjml": frozenset({"mj-head", "mj-body", "mj-raw"}),
    "mj-head": frozenset({"mj-attributes", "mj-breakpoint", "mj-style", "mj-title", "mj-raw"}),
    "mj-attributes": frozenset({"mj-all", "mj-class", *_ATTRIBUTES} - {"mjml", "mj-head", "mj-attributes", "mj-title"}),
    "mj-body": frozenset({"mj-raw", "mj-section", "mj-wrapper", "mj-hero"}),
    "mj-wrapper": frozenset({"mj-raw", "mj-section", "mj-hero"}),
    "mj-section": frozenset({"mj-column", "mj-group", "mj-raw"}),
    "mj-group": frozenset({"mj-column", "mj-raw"}),
    "mj-column": frozenset(_LEAVES),
    "mj-hero": frozenset(_LEAVES),
    "mj-social": frozenset({"mj-social-element", "mj-raw"}),
    "mj-navbar": frozenset({"mj-navbar-link", "mj-raw"}),
}
# Elements that hold HTML; everything else in CHILDREN holds elements alone, what is in neither is empty.
HTML_INSIDE = frozenset({"mj-text", "mj-table", "mj-button", "mj-raw", "mj-social-element", "mj-navbar-link"})
TEXT_INSIDE = frozenset({"mj-title", "mj-style"})
ELEMENTS = frozenset(_ATTRIBUTES)

REFUSED = {
    "mj-include": 'mj-include loses widths and can end the process: write {% include "_parts/NAME.mjml" %}',
    "mj-preview": "mj-preview makes hidden text that mailbox providers punish: the standfirst is the visible first line",
    "mj-html-attributes": "mj-html-attributes is not known to our MJML: write the attribute where it belongs",
    "mj-font": "mj-font asks a remote host for a font: name the fonts readers have in theme.toml",
    "mj-carousel": "mj-carousel needs <input>, which mail programs take out: show one picture",
    "mj-accordion": "mj-accordion needs <input>, which mail programs take out: show the text",
}
REFUSED_ATTRIBUTES = {
    ("mj-style", "inline"): "our MJML does not inline styles: write them at the element",
    ("mj-raw", "position"): "our MJML does not know it",
    ("mj-wrapper", "gap"): "our MJML ignores it: give the sections padding",
    ("mj-image", "srcset"): "Gmail, Outlook and Yahoo ignore it: use one picture of twice the width",
    ("mj-image", "sizes"): "our MJML ignores it: use one picture of twice the width",
    ("mj-navbar", "hamburger"): "it needs <input>, which mail programs take out",
    ("mj-social-element", "icon-position"): "our MJML ignores it",
}

GLOBAL = words("class style lang dir id title role align valign")
TAG_ATTRIBUTES: dict[str, frozenset[str]] = {
    "a": words("href target rel name"),
    "img": words("src alt width height border hspace vspace"),
    "table": words("width height border cellpadding cellspacing bgcolor summary"),
    "td": words("width height colspan rowspan bgcolor headers nowrap background"),
    "th": words("width height colspan rowspan bgcolor headers scope abbr nowrap"),
    "tr": frozenset({"bgcolor", "height"}),
    "col": frozenset({"span", "width"}),
    "colgroup": frozenset({"span", "width"}),
    "ol": words("start type reversed"),
    "ul": frozenset({"type"}),
    "li": frozenset({"value"}),
    "blockquote": frozenset({"cite"}),
    "q": frozenset({"cite"}),
    "del": frozenset({"cite", "datetime"}),
    "ins": frozenset({"cite", "datetime"}),
    "hr": frozenset({"width", "size", "noshade"}),
    "meta": frozenset({"name", "content", "charset", "http-equiv"}),
}
