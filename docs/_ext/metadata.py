"""Add to each page a description, an address to edit it at, and the page of missing addresses a base."""

from __future__ import annotations

import html
import re
from typing import Any
from urllib.parse import urlsplit

from docutils import nodes
from links import REPOSITORY
from sphinx.application import Sphinx

_LONGEST = 160
#: Pages that Sphinx writes by itself.
_GENERATED = {
    "genindex": "Every public name of rutterframe, with its page.",
    "search": "Search the documentation of rutterframe.",
    "py-modindex": "The modules of rutterframe, with their pages.",
}


def _describe(page: str, doctree: nodes.document | None) -> str:
    """Return the first sentences of a page, as many as fit into a description."""
    if doctree is None:
        return _GENERATED.get(page, "The documentation of rutterframe.")
    paragraphs = (" ".join(node.astext().split()) for node in doctree.findall(nodes.paragraph))
    paragraphs = (text for text in paragraphs if not text.startswith("Open in Binder"))
    text = next((one for one in paragraphs if len(one.split()) > 4), "The documentation of rutterframe.")
    if len(text) <= _LONGEST:
        return text
    end = text.rfind(". ", 0, _LONGEST)
    return text[: end + 1] if end > 0 else text[:_LONGEST].rsplit(" ", 1)[0].rstrip(",;:") + " …"


def _add(app: Sphinx, page: str, _: str, context: dict[str, Any], doctree: nodes.document | None) -> None:
    """Add a page's description; correct where its source stands."""
    tags = f'<meta name="description" content="{html.escape(_describe(page, doctree))}">'
    if page == "404":
        # It is shown at any address of the site: its links need one base, and links to itself have none.
        tags = f'<base href="{urlsplit(app.config.html_baseurl).path}">' + tags
        context["body"] = re.sub(r'<a class="headerlink".*?</a>', "", context["body"])
    if 'name="description"' not in context.get("metatags", ""):
        context["metatags"] = context.get("metatags", "") + tags
    if "/generated/" in page or doctree is None or page == "404":
        context["theme_use_edit_page_button"] = False
    if page.startswith("notebooks/"):  # their tables need the width
        context["meta"] = {**(context.get("meta") or {}), "html_theme.sidebar_secondary.remove": True}
    if page == "changelog":
        context["edit_page_provider_name"] = "GitHub"
        context["edit_page_url_template"] = f"{REPOSITORY}/edit/main/CHANGELOG.md{{# file_name #}}"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register what is added to pages."""
    app.connect("html-page-context", _add, priority=400)  # before the theme reads it
    return {"parallel_read_safe": True, "parallel_write_safe": True}
