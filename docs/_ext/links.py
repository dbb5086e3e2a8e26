"""Resolve the relative links of pages that lead out of docs/: to the repository, or to a notebook's page."""

from __future__ import annotations

import os
import posixpath
import re
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx

_ROOT = Path(__file__).parents[2]
REPOSITORY = "https://github.com/rutterframe/rutterframe"
BINDER = "https://mybinder.org/v2/gh/rutterframe/rutterframe/HEAD?urlpath=lab/tree/notebooks/"
_LINK = re.compile(r"(?<=\]\()(?P<target>[^)\s:#]+)(?P<anchor>#[^)\s]*)?(?=\))")


def resolve(text: str, folder: str, page: str) -> str:
    """Return Markdown with links as the site has them.

    Parameters
    ----------
    text : str
        Markdown with links relative to `folder`.
    folder : str
        The folder of the file that the text is written in, from the root of the repository.
    page : str
        The folder of the page that the text is shown on, from the root of the repository.

    Returns
    -------
    str
        The same; a link to a file outside docs/ is one to the repository, and one to a notebook to its page.
    """

    def replace(match: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join(folder, match["target"]))
        anchor = match["anchor"] or ""
        if target.startswith("notebooks/") and target.endswith(".ipynb"):
            target = f"docs/{target}"
        if target.startswith("docs/"):
            return posixpath.relpath(target, page) + anchor
        path = _ROOT / target
        if not path.exists():
            return match[0]
        kind = "tree" if path.is_dir() else "blob"
        return f"{REPOSITORY}/{kind}/main/{target}{anchor}"

    return _LINK.sub(replace, text)


def _read_source(app: Sphinx, name: str, source: list[str]) -> None:
    """Resolve the links of a page; the changelog's page is the file of that name at the root."""
    path = Path(app.env.doc2path(name))
    folder = posixpath.join("docs", posixpath.dirname(name)).rstrip("/")
    if name == "changelog":
        changelog = _ROOT / "CHANGELOG.md"
        app.env.note_dependency(os.fspath(changelog))
        source[0] = resolve(changelog.read_text(encoding="utf-8"), "", folder)
    elif path.suffix == ".md":
        source[0] = resolve(source[0], folder, folder)


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the rewriting of links."""
    app.connect("source-read", _read_source)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
