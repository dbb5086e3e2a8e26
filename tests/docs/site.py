"""Read the pages of the built site, and serve it as GitHub Pages does."""

from __future__ import annotations

import functools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin, urlsplit

#: Where the site is served: the path of its address on GitHub Pages.
BASE = "/rutterframe/"
REPOSITORY = "https://github.com/rutterframe/rutterframe"
#: Attributes that a browser fetches when it opens a page, by element; of a link element only some kinds.
_FETCHED = {
    "script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "audio": "src",
    "embed": "src", "object": "data",
}  # fmt: skip
_FETCHED_LINKS = {"stylesheet", "icon", "preload", "prefetch", "preconnect", "dns-prefetch", "modulepreload"}


@dataclass
class Parts:
    """What a page has: its titles, headings, ids, and addresses as they are written."""

    titles: list[str] = field(default_factory=list)
    descriptions: list[str] = field(default_factory=list)
    headings: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    links: set[str] = field(default_factory=set)
    fetched: set[str] = field(default_factory=set)
    base: str = ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.parts = Parts()
        self._text: list[str] | None = None
        self._in_svg = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        parts = self.parts
        parts.ids |= {has[name] for name in ("id", "name") if name in has and (name == "id" or tag == "a")}
        self._in_svg += tag == "svg"
        if (tag == "title" and not self._in_svg) or tag == "h1":
            self._text = []
        elif tag == "base":
            parts.base = has["href"]
        elif tag == "meta" and has.get("name") == "description":
            parts.descriptions.append(has["content"])
        if tag == "a" and "href" in has:
            parts.links.add(has["href"])
        elif tag == "link":
            kinds = set(has.get("rel", "").split())
            (parts.fetched if kinds & _FETCHED_LINKS else parts.links).add(has["href"])
        elif has.get(_FETCHED.get(tag, "")):
            parts.fetched.add(has[_FETCHED[tag]])

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        self._in_svg -= tag == "svg"
        if self._text is not None and tag in {"title", "h1"}:
            text = " ".join("".join(self._text).split())
            (self.parts.titles if tag == "title" else self.parts.headings).append(text)
            self._text = None


def read_pages(site: Path) -> dict[str, Parts]:
    """Return the parts of each page that Sphinx wrote, by its path in the site."""
    pages = {}
    for path in sorted(site.rglob("*.html")):
        name = path.relative_to(site).as_posix()
        if name.startswith(
            ("_static/", "notebooks/output/")
        ):  # a template of the theme; what a notebook writes
            continue
        reader = _Reader()
        reader.feed(path.read_text(encoding="utf-8"))
        pages[name] = reader.parts
    return pages


def target_of(page: str, parts: Parts, link: str) -> tuple[str, str] | None:
    """Return the file in the site that a link leads to, with its fragment; None if it leads elsewhere."""
    address, fragment = urldefrag(urljoin(urljoin(f"http://site{BASE}{page}", parts.base), link))
    split = urlsplit(address)
    if split.netloc != "site" or split.scheme != "http":
        return None
    if not split.path.startswith(BASE):
        return f"..{split.path}", fragment
    path = unquote(split.path.removeprefix(BASE))
    return (f"{path}index.html" if not path or path.endswith("/") else path), unquote(fragment)


class _Handler(SimpleHTTPRequestHandler):
    """Serve files below `BASE`, and 404.html for what is missing."""

    def translate_path(self, path: str) -> str:
        """Return the file of an address."""
        return super().translate_path(path.removeprefix(BASE[:-1]) if path.startswith(BASE) else "/absent")

    def send_error(self, code: int, *_: Any) -> None:
        """Answer with the site's own page."""
        body = (Path(self.directory) / "404.html").read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def end_headers(self) -> None:
        """Let the browser keep what pages have in common."""
        self.send_header("Cache-Control", "max-age=600")
        super().end_headers()

    def log_message(self, *_: Any) -> None:
        """Print nothing."""


@contextmanager
def serve(site: Path) -> Iterator[str]:
    """Serve the site on loopback, and yield its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Handler, directory=str(site))) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}{BASE}"
        server.shutdown()
        thread.join()
