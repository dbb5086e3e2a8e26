"""Ways to write a text in URLs, HTML, JSON, Python and base64, and to break its lines."""

from __future__ import annotations

import base64
import html
import json
import textwrap
from collections.abc import Callable
from urllib.parse import quote, quote_plus

Encoder = Callable[[str], str]


def _lower_percent(text: str) -> str:
    """Write the digits of %2F as %2f."""
    parts = quote(text, safe="").split("%")
    return "%".join([parts[0], *(part[:2].lower() + part[2:] for part in parts[1:])])


def _wrapped(text: str, width: int, line_break: str) -> str:
    return line_break.join(text[start : start + width] for start in range(0, len(text), width))


def _base64(shift: int, encode: Callable[[bytes], bytes] = base64.b64encode) -> Encoder:
    return lambda text: encode(b"x" * shift + text.encode() + b"y" * shift).decode()


ENCODERS: dict[str, Encoder] = {
    "as it is": str,
    "percent": lambda text: quote(text, safe=""),
    "percent, but slashes": quote,
    "percent in lower case": _lower_percent,
    "percent twice": lambda text: quote(_lower_percent(text), safe=""),
    "percent, all": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "form": quote_plus,
    "HTML": html.escape,
    "HTML twice": lambda text: html.escape(html.escape(text)),
    "HTML, ASCII": lambda text: html.escape(text).encode("ascii", "xmlcharrefreplace").decode(),
    "HTML with numbers": lambda text: "".join(one if one.isalnum() else f"&#{ord(one)};" for one in text),
    "HTML with hex": lambda text: "".join(one if one.isalnum() else f"&#x{ord(one):X};" for one in text),
    "HTML with padded hex": lambda text: "".join(f"&#x{ord(one):04x};" for one in text),
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON, not ASCII": lambda text: json.dumps(text, ensure_ascii=False)[1:-1],
    "JSON with slashes": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "JSON in JSON": lambda text: json.dumps(json.dumps(text))[1:-1],
    "JSON in JSON in JSON": lambda text: json.dumps(json.dumps(json.dumps(text)))[1:-1],
    "JSON, all": lambda text: json.dumps(text)[1:-1].replace("/", "\\u002f").replace("&", "\\u0026"),
    "repr": lambda text: repr(text)[1:-1],
    "repr in JSON": lambda text: json.dumps(repr(text))[1:-1],
    "repr, ASCII": lambda text: ascii(text)[1:-1],
    "repr of bytes": lambda text: repr(text.encode())[2:-1],
    "Latin-1 for UTF-8": lambda text: text.encode().decode("latin-1"),
    "percent in HTML in JSON": lambda text: json.dumps(html.escape(quote(text, safe="")))[1:-1],
    "HTML in percent": lambda text: quote(html.escape(text), safe=""),
    "JSON in percent": lambda text: quote(json.dumps(text)[1:-1], safe=""),
    "upper case": str.upper,
    "lower case": str.lower,
    "upper case in percent": lambda text: quote(text.upper(), safe=""),
    "percent in upper case": lambda text: quote(text, safe="").upper(),
    **{f"base64 after {shift} bytes": _base64(shift) for shift in range(3)},
    **{
        f"base64 for URLs after {shift} bytes": _base64(shift, base64.urlsafe_b64encode) for shift in range(3)
    },
    "base64 in percent": lambda text: quote(base64.b64encode(text.encode()).decode().rstrip("="), safe=""),
    "percent in base64": lambda text: base64.b64encode(quote(text, safe="").encode()).decode(),
}
WRAPPERS: dict[str, Encoder] = {
    "one line": str,
    "columns": lambda text: _wrapped(text, 7, "\n"),
    "columns with indent": lambda text: _wrapped(text, 5, "\r\n    "),
    "columns in JSON": lambda text: json.dumps(_wrapped(text, 9, "\n"))[1:-1],
    "spaces": lambda text: _wrapped(text, 1, " "),
    "UTF-16": lambda text: text.encode("utf-16-le", "replace").decode("latin-1") if text.isascii() else text,
    "zero-width spaces": lambda text: _wrapped(text, 3, "\u200b"),
    "76 columns": lambda text: "\n".join(textwrap.wrap(text, 76)) or text,
}
