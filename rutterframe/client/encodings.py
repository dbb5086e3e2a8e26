"""Find the encodings of a text in URLs, HTML, JSON, Python and base64, also one within another.

A server or proxy that repeats a request escapes it for the page or message that it writes: once, twice, or
only in part. So a text is not compared with a list of its encodings, but character by character with all ways
to write that character.
"""

from __future__ import annotations

import base64
import functools
import html
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.entities import html5
from urllib.parse import quote, unquote_to_bytes

# The least length of a text that is found in every spelling: shorter ones stand in ordinary words.
MIN_LENGTH = 6
# How much of a beginning is found: before the mark of a cut, in base64 before it, and anywhere else. Real
# tokens begin with words such as "production_", which must stay readable.
_MIN_CUT, _MIN_CUT_BASE64, _MIN_PART, _MIN_HALF = 4, 6, 16, 8

# A percent sign, ampersand, semicolon and backslash, each as it is or itself escaped; "%2525" is three times.
_SEMICOLON = r"(?:;|%(?:25){0,9}3[bB])"
_AMPERSAND = (
    r"(?:&|%(?:25){0,9}26|\\{1,4}(?:[uU]00|[xX])26)"
    rf"(?:(?i:amp|#0{{0,6}}38|#x0{{0,6}}26){_SEMICOLON}){{0,9}}"
)
_HASH = r"(?:#|%(?:25){0,9}23)"
_PERCENT = (
    rf"(?:%|{_AMPERSAND}(?:{_HASH}(?:0{{0,6}}37|[xX]0{{0,6}}25)|percnt){_SEMICOLON}|\\{{1,4}}(?:[uU]00|[xX])25)"
    r"(?:25){0,9}"
)
_BACKSLASH = (
    rf"(?:\\|%(?:25){{0,9}}5[cC]|{_AMPERSAND}(?:{_HASH}(?:0{{0,6}}92|[xX]0{{0,6}}5[cC])|(?i:bsol))"
    rf"{_SEMICOLON}){{1,4}}"
)
# White space and characters without width, with which a line is broken; null stands between the letters of
# UTF-16.
_SPACE = r"\s\x00\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufeff"
# What is left out of a text before it is searched: white space, and repeated backslashes but one, which may
# begin an escape; then also white space as JSON writes it, which may as well be a backslash and a letter.
_LEFT_OUT = re.compile(rf"[{_SPACE}]+|\\+(?=\\)")
_LEFT_OUT_OF_JSON = re.compile(rf"[{_SPACE}]+|\\[nrt]|\\+(?=\\(?:[^nrt\\]|$|\\[nrt]))")
# What is left out of the searched text: "+" is a space in a query, a backslash is doubled by each encoder.
NOT_COMPARED = re.compile(rf"[{_SPACE}+\\]+")
# What may stand between the last character and the mark of a cut: a part of an escape, and half a character.
_CUT = re.compile(r"(?:[%&\\][%&\\#;\w]{0,20})?[\ufffd\\\"'=]{0,4}…")
# With these an escape begins.
_AMBIGUOUS = frozenset("%&\\")
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]")
# How often a text is decoded.
_MAX_FORMS = 4
_SHORT_ESCAPES = {0: "0", 7: "a", 8: "b", 11: "v", 12: "f", 27: "e"}


@dataclass(frozen=True, slots=True)
class Squeezed:
    """A text without what encoders and wrappers insert.

    Attributes
    ----------
    text : str
        The text to search.
    positions : list of int, or None
        The position of each of its characters in the original text; None where nothing was left out.
    """

    text: str
    positions: list[int] | None

    @classmethod
    def of(cls, text: str) -> list[Squeezed]:
        """Leave out white space and repeated backslashes, and then also white space as JSON writes it."""
        result = [cls._without(text, _LEFT_OUT)]
        if "\\" in text:
            result.append(cls._without(text, _LEFT_OUT_OF_JSON))
        return result

    @classmethod
    def _without(cls, text: str, left_out: re.Pattern[str]) -> Squeezed:
        squeezed = left_out.sub("", text)
        if len(squeezed) == len(text):
            return cls(text, None)
        positions: list[int] = []
        end = 0
        for match in left_out.finditer(text):
            positions.extend(range(end, match.start()))
            end = match.end()
        positions.extend(range(end, len(text)))
        return cls(squeezed, positions)

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Return the part of the original text from one character to another."""
        if self.positions is None:
            return start, end
        return self.positions[start], self.positions[end - 1] + 1


@dataclass(frozen=True, slots=True, repr=False)
class CharacterSequence:
    """A text as the patterns of its characters, in order."""

    characters: tuple[re.Pattern[str], ...]
    #: What may stand between two characters.
    gap: re.Pattern[str]
    #: How many characters before the mark of a cut are found.
    least: int
    #: Whether a character of base64 before, and one after, hold a part of the text and of its neighbour.
    edges: tuple[bool, bool] = (False, False)
    #: How many characters before the first, and after the last, are like those of the gap.
    around: tuple[int, int] = (0, 0)
    _begin: re.Pattern[str] = field(init=False)

    def __post_init__(self) -> None:
        """Derive the pattern of the beginning, which is searched."""
        begin, before = self.characters[0], self.around[0]
        if before:
            begin = re.compile(rf"(?:{self.gap.pattern}){{0,{before}}}(?:{begin.pattern})")
        object.__setattr__(self, "_begin", begin)

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield the parts of a squeezed text that are this text, or enough of its beginning."""
        position = 0
        while (match := self._begin.search(text, position)) is not None:
            end = self._end(text, match.end())
            if end is None:
                position = match.start() + 1
                continue
            yield self._with_edges(text, match.start(), end)
            position = max(end, match.start() + 1)

    def _end(self, text: str, position: int, count: int = 1, choices: int = 3) -> int | None:
        """Return where a match ends, of which some characters were found; None for no match."""
        length, other, matched = len(self.characters), -1, position
        while count < length:
            match = self.characters[count].match(text, position)
            if match is None:
                match = self.gap.match(text, position)
                if match is None:
                    break
            else:
                if choices and text[position] in _AMBIGUOUS:
                    # "%20" is a percent sign and digits, or a space in the middle: the longer match counts.
                    gap = self.gap.match(text, position)
                    if gap is not None:
                        choices -= 1
                        other = max(other, self._end(text, gap.end(), count, choices) or -1)
                count, matched = count + 1, match.end()
            position = match.end()
        end = self._end_of_part(text, count, matched, position)
        return other if end is None and other >= 0 else end and max(end, other)

    def _end_of_part(self, text: str, count: int, matched: int, position: int) -> int | None:
        """Return where a match of some characters ends; None if they are too few.

        Parameters
        ----------
        text : str
            The text that is searched.
        count : int
            How many characters match.
        matched, position : int
            Where the last of them ends, and where what may stand after it ends.
        """
        length = len(self.characters)
        if count == length:
            for _ in range(self.around[1]):
                if (match := self.gap.match(text, position)) is not None:
                    position = match.end()
            return position
        if count >= least_part(length):
            return position
        cut = _CUT.match(text, matched) or _CUT.match(text, position)
        return cut.end() - 1 if count >= self.least and cut is not None else None

    def _with_edges(self, text: str, start: int, end: int) -> tuple[int, int]:
        before, after = self.edges
        if before and start > 0 and _BASE64.match(text, start - 1):
            start -= 1
        return start, end + 1 if after and _BASE64.match(text, end) else end


def sequences(text: str) -> list[CharacterSequence]:
    """Return what to search for, to find a text in every spelling; nothing for one that is too short."""
    result: list[CharacterSequence] = []
    for form in forms(text):
        compared = NOT_COMPARED.sub("", form)
        if len(compared) >= MIN_LENGTH:
            left_out = "".join(sorted({*"\n\r\t +\\", *(set(form) - set(compared))}))
            around = form.index(compared[0]), len(form) - 1 - form.rindex(compared[-1])
            characters = tuple(map(_spelling, compared))
            result.append(CharacterSequence(characters, _gap(left_out), _MIN_CUT, around=around))
    for data in dict.fromkeys((text, quote(text, safe=""))):
        result += _base64_sequences(data.encode("utf-8", "replace"))
    return result


def _base64_sequences(data: bytes) -> Iterator[CharacterSequence]:
    """Yield the base64 of bytes that begin at any of the three places within three bytes."""
    for shift in range(3):
        encoded = base64.b64encode(bytes(shift) + data).decode()
        # Only the characters that no neighbouring byte decides.
        inner = encoded[(0, 2, 3)[shift] : (shift + len(data)) * 8 // 6]
        if len(inner) >= MIN_LENGTH:
            characters = tuple(_base64_spelling(character) for character in inner)
            edges = (shift > 0, (shift + len(data)) % 3 > 0)
            yield CharacterSequence(characters, _gap("\n\r\t \\"), _MIN_CUT_BASE64, edges)


@functools.cache
def _base64_spelling(character: str) -> re.Pattern[str]:
    """Return the pattern of a character of base64, also of the alphabet for URLs."""
    if character.isalnum():
        return re.compile(character)
    return re.compile(rf"{'-' if character == '+' else '_'}|{_alternatives(character)}")


@functools.lru_cache(maxsize=1024)
def _gap(characters: str) -> re.Pattern[str]:
    """Return the pattern of one of some characters in any spelling, as they may stand between others."""
    line_breaks = rf"{_BACKSLASH}[nrt]"
    return re.compile("|".join([line_breaks, *map(_alternatives, characters)]))


@functools.lru_cache(maxsize=4096)
def _spelling(character: str) -> re.Pattern[str]:
    """Return the pattern of a character in any spelling, in upper or lower case."""
    variants = dict.fromkeys((character, character.lower(), character.upper(), character.title()))
    return re.compile("|".join(_all_alternatives(text) for text in variants))


def _all_alternatives(text: str) -> str:
    """Return the regular expression of all characters of a text, which mostly is one."""
    if len(text) == 1:
        return _alternatives(text)
    return "".join(f"(?:{_alternatives(character)})" for character in text)


def _of_letter(character: str) -> str:
    """Return the regular expression of a letter or digit, which few encoders escape.

    Each alternative begins with a plain character, so that a search for them is fast.
    """
    code, percent = _hex(ord(character), 2), r"%(?:25){0,9}"
    number = rf"(?:0{{0,6}}{ord(character)}|[xX]0{{0,6}}{code})"
    return "|".join(
        [
            character,
            percent + code,
            rf"\\\\{{0,3}}(?:[uU]00|[xX]){code}",
            rf"&(?:amp;){{0,9}}#{number};?",
            # An escape within another
            rf"{percent}26(?:(?:amp|#38){percent}3[bB]){{0,9}}{percent}23{number}{percent}3[bB]",
            rf"{percent}5[cC](?:{percent}5[cC]){{0,7}}(?:[uU]00|[xX]){code}",
            rf"&(?:amp;){{0,9}}#(?:37|[xX]0{{0,6}}25);(?:25){{0,9}}{code}",
        ]
    )


@functools.lru_cache(maxsize=4096)
def _alternatives(character: str) -> str:
    """Return the regular expression of a character: escaped in HTML, JSON, Python or a URL, or as it is."""
    if character.isascii() and character.isalnum():
        return _of_letter(character)
    code, data = ord(character), character.encode("utf-8", "replace")
    numbers = rf"{_HASH}(?:[xX]0{{0,6}}{_hex(code)}|0{{0,6}}{code}(?!\d))"
    entity = "|".join([numbers, *(f"(?i:{name})" for name in _entity_names().get(character, ()))])
    units = _pairs(character.encode("utf-16-be", "replace"))
    result = [
        f"{_AMPERSAND}(?:{entity}){_SEMICOLON}?",
        "".join(rf"(?:{_BACKSLASH}|{_PERCENT})[uU]{_hex(unit, 4)}" for unit in units),
        "".join(rf"(?:{_PERCENT}|{_BACKSLASH}[xX]){_hex(byte, 2)}" for byte in data),
    ]
    if code in _SHORT_ESCAPES:
        result.append(_BACKSLASH + _SHORT_ESCAPES[code])
    if code >= 128:
        result.append(rf"{_BACKSLASH}[uU](?:{_hex(code, 8)}|\{{0{{0,6}}{_hex(code)}\}})")
        # UTF-8 that was read as Latin-1, and what is written for a character that cannot be encoded.
        result += ["".join(map(_as_latin, data)), r"\?{1,4}|\ufffd{1,4}"]
    if 128 <= code < 256:
        result.append(rf"(?:{_PERCENT}|{_BACKSLASH}[xX]){_hex(code, 2)}")
    result.append({"%": _PERCENT, "&": _AMPERSAND, "\\": _BACKSLASH}.get(character, re.escape(character)))
    return "|".join(result)


@functools.cache
def _entity_names() -> dict[str, list[str]]:
    """Return the names of HTML's entities by their characters, the longest first."""
    names: dict[str, list[str]] = {}
    for name in sorted({name.rstrip(";") for name in html5}, key=len, reverse=True):
        names.setdefault(html5.get(f"{name};", ""), []).append(name)
    return names


def _as_latin(byte: int) -> str:
    """Return the regular expression of a byte that was read as a Latin-1 character, and then escaped."""
    return (
        rf"(?:(?:{_BACKSLASH}|{_PERCENT})[uU]{_hex(byte, 4)}|{_BACKSLASH}[xX]{_hex(byte, 2)}"
        rf"|{_AMPERSAND}{_HASH}(?:{byte}|[xX]0{{0,6}}{_hex(byte)}){_SEMICOLON}?|{re.escape(chr(byte))})"
    )


def _hex(number: int, digits: int = 1) -> str:
    """Return the regular expression of a number in hexadecimal, in upper or lower case."""
    return "".join(
        f"[{digit}{digit.upper()}]" if digit.isalpha() else digit for digit in f"{number:0{digits}x}"
    )


def _pairs(data: bytes) -> list[int]:
    return [int.from_bytes(data[index : index + 2]) for index in range(0, len(data), 2)]


_ESCAPED_BYTES = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_ESCAPED = re.compile(r"\\+(?:u([0-9A-Fa-f]{4})|x([0-9A-Fa-f]{2})|[nrt])")


def least_part(length: int) -> int:
    """Return how much of the beginning of a text of this length is found anywhere: of a short one, half."""
    return min(length, max(_MIN_PART, math.ceil(length / 3)), max(_MIN_HALF, math.ceil(length / 2)))


def decodings(text: str, most: int) -> Iterator[str]:
    """Yield a text, and what each kind of escape that it has leaves of it, one after the other."""
    yield text
    for _ in range(most):
        before = text
        for decode in (html.unescape, _decode_percent, _decode_backslash):
            decoded = decode(text)
            if decoded != text:
                yield decoded
            text = decoded
        if text == before:
            return


def forms(text: str) -> list[str]:
    """Return a text, and what is left without the escapes that it seems to have.

    A token that looks escaped itself, such as "a%2Fb", is found as it is and in each of its own encodings.
    """
    forms = [text]
    for _ in range(_MAX_FORMS):
        decoded = _decode_backslash(_decode_percent(html.unescape(forms[-1])))
        if decoded == forms[-1]:
            break
        forms.append(decoded)
    return forms


def _decode_percent(text: str) -> str:
    return _ESCAPED_BYTES.sub(_decode_bytes, text)


def _decode_backslash(text: str) -> str:
    return _ESCAPED.sub(_decode_escape, text)


def _decode_bytes(match: re.Match[str]) -> str:
    data = unquote_to_bytes(match[0])
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _decode_escape(match: re.Match[str]) -> str:
    digits = match[1] or match[2]
    return chr(int(digits, 16)) if digits else " "
