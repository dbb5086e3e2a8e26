"""Responses as no server should send them, from a seed: status lines, headers, framing, encodings, bodies."""

from __future__ import annotations

import gzip
import json
import random
import re
import zlib
from dataclasses import dataclass
from typing import Any

STATUSES = (
    *(200,) * 50, 201, 202, 203, 204, 205, 206, 226, 299, 300, 301, 302, 303, 304, 307, 308, 399,
    400, 401, 403, 404, 405, 407, 408, 409, 410, 413, 414, 422, 425, 429, 429, 431, 451, 452, 452, 459, 499,
    500, 501, 502, 503, 503, 504, 511, 529, 599, 600, 999,
)  # fmt: skip
STATUS_LINES = (
    b"", b"HTTP/1.1", b"HTTP/1.1 ", b"HTTP/1.1 20", b"HTTP/1.1 2000 OK", b"HTTP/1.1 -1 OK",
    b"HTTP/1.1 099 Low",
    b"HTTP/1.1 101 Switching Protocols", b"HTTP/1.1 199 Odd", b"HTTP/1.1 2OO OK", b"HTTP/1.1  200 OK",
    b"HTTP/1.1 200", b"HTTP/1.1 200 OK\xe9\xff", "HTTP/1.1 503 Indisponible après midi".encode(),
    b"HTTP/1.1 200 " + b"x" * 120_000, b"HTTP/1.0 200 OK", b"HTTP/0.9 200 OK", b"HTTP/2 200",
    b"HTTP/9.9 200 OK",
    b"http/1.1 200 ok", b"ICY 200 OK", b"\r\nHTTP/1.1 200 OK", b"\0", b"HTTP/1.1 200 O\0K", b"GET / HTTP/1.1",
    b"<html>", b"SSH-2.0-OpenSSH_9.6", b"\x16\x03\x01\x02\x00\x01", "HTTP/1.1 \uff12\uff10\uff10 OK".encode(),
)  # fmt: skip
DATES = (
    b"Tue, 30 Jun 2026 12:00:00 GMT", b"Tue, 30 Jun 2026 14:00:00 GMT", b"Tue, 30 Jun 99999 12:00:00 GMT",
    b"Tue, 30 Jun 0001 00:00:00 +2359", b"Fri, 31 Dec 9999 23:59:59 -2359",
    b"Tue, 30 Jun 2026 12:00:00 +99999999",
    b"Tuesday, 30-Jun-26 12:00:00 GMT", b"Tue Jun 30 12:00:00 2026", b"Tue, 99 Foo 2026 25:61:61 XYZ", b"0",
    b"",
    "mardi, 30 juin 2026 à midi".encode(), b"Tue, 30 Jun 2026 12:00:00 " + b"+" * 5000,
)  # fmt: skip
WAITS = (
    b"0", b"1", b"2.0", b" 3 ", b"-1", b"+5", b"1e3", b"1e400", b"inf", b"nan", b"NaN", b"0x10", b"1_0",
    b"1,2",
    "٣".encode(), "½".encode(), b"9" * 400, b"9" * 5000, b"120.0000001", b"\xff", b"soon", *DATES,
)  # fmt: skip
LENGTHS = (
    b"0", b"1", b"-1", b"+1", b"abc", b"1, 1", b"1, 2", b"0x10", b"1e3", b" 7 ", b"99999999", b"9" * 19,
    b"9" * 5000,
    "٣".encode(), b"1\0", b"",
)  # fmt: skip
ENCODINGS = (
    b"gzip", b"deflate", b"identity", b"br", b"zstd", b"gzip, gzip", b"deflate, gzip", b"compress", b"", b",",
    b"GZIP", b"x-gzip", b"gz\xefp", "gzîp".encode(), b"aws-chunked", b"utf-8", b"gzip;q=1", b"a" * 5000,
)  # fmt: skip
CHARSETS = (
    b"utf-8", b"utf-16", b"latin-1", b"idna", b"base64", b"rot13", b"punycode", b"undefined", b"hex",
    b"\xff", b'"',
    b"utf-8; charset=utf-7", b"x" * 5000, "ütf-8".encode(), b"mbcs", b"oem", b"unicode_escape",
)  # fmt: skip
CODINGS = (b"chunked", b"Chunked", b"gzip, chunked", b"chunked, chunked", b"identity", b"gzip", b"x\xff", b"")
HEADERS = (
    "X-Via: café".encode(), "Café: x".encode(), b"X-\xff: \xfe", b": no name", b"no colon", b"X Y: z",
    b"X-Nul: a\0b",
    b"X-Fold: a\r\n  folded", b" X: folded from nothing", b"X-Esc: \x1b[2J", b"X-CR: a\rb",
    b"X:" + b"y" * 120_000,
    b"Set-Cookie: a=b; Domain=\xff; Max-Age=abc", b"Link: <\xff>; rel=preload",
    b"X-Rutter-Request-ID: r-\xe9\x1b[0m",
    b"X-Rutter-Request-ID: " + b"r" * 9000, b"Location: http://[::1", b"Location: \xff", b"Upgrade: h2c",
    b"Location: http://127.0.0.1:1/elsewhere", b"Trailer: X-Late", b"Connection: close",
    b"Connection: keep-alive",
    b"Connection: upgrade", b"Keep-Alive: timeout=-1, max=\xff", b"Proxy-Authenticate: \xff", b"Vary: *",
    b'WWW-Authenticate: Basic realm="\xff', b"Strict-Transport-Security: max-age=\xff", b"Age: -1",
    b"Alt-Svc: \xff",
)  # fmt: skip
INTERIM = (
    b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 Early Hints\r\nLink: <\xff>\r\n\r\n",
    b"HTTP/1.1 102 \xff\r\n\r\n",
    b"HTTP/1.1 100 Continue\r\nContent-Length: 5\r\n\r\n", b"\r\n", b"HTTP/1.1 100\r\n\r\n" * 50,
)  # fmt: skip
#: JSON values that stand where others are expected.
VALUES = (
    "null", "true", "0", "-0", "-0.0", "1", "1.0", "1e2", "1e400", "-1E-400", "NaN", "Infinity", "01", "1.",
    ".5",
    "0.30000000000000004", "9007199254740993", "9" * 30, "9" * 5000, '""', '"x"', '"0"', '"12.34"', '"1e2"',
    '"1,5"',
    '" 1 "', '"NaN"', '"inf"', '"٣"', '"\\ud800"', '"\\u0000"', '"é😀"', '"\\x"', "'x'", "[]", "{}", "[null]",
    '[{"id":1}]', '{"id":"a","id":"b"}', "[" * 90 + "]" * 90, "[" * 3000, '"2026-06-30"',
    '"2026-06-30T00:00:00Z"',
    '"2026-06-30T12:34:56+0530"', '"2026-06-30T12:34:56.123456789Z"', '"2026-06-30 00:00:00+00"',
    '"2026-02-30"',
    '"0000-00-00"', '"9999-12-31T23:59:59-23:59"', '"30/06/2026"', "1782777600", '"' + "x" * 9000 + '"', "",
)  # fmt: skip
ROWS = {
    "accounts": '{"id":"a%d","name":"Bank","type":"asset","currency":"USD","balance":12.34}',
    "invoices": (
        '{"id":"i%d","number":"N-1","customer_id":"c1","status":"open","currency":"USD","total_amount":12.34,'
        '"amount_due":12.34,"issue_date":"2026-06-01","due_date":"2026-06-30","line_items":[{"quantity":2,'
        '"unit_price":6.17,"total_amount":12.34}],"created_at":"2026-06-01T08:00:00Z"}'
    ),
    "connections": '{"id":"books","platform":"quickbooks","created_at":"2026-06-01T08:00:00Z"}',
}
_VALUE = re.compile(r'(?<=:)(?:"[^"]*"|[-0-9.e]+|null)')


@dataclass(frozen=True)
class Fuzzed:
    """A response: its bytes, and the status that they state as a whole; None if they were damaged."""

    raw: bytes
    status: int | None

    def may_say(self, statuses: range) -> bool:
        """Return whether a reader could take one of these statuses from the response."""
        texts = re.findall(rb"HTTP/\d\.\d +(\d{3})", self.raw)
        return any(int(text) in statuses for text in texts)


class Fuzzer:
    """Draws responses from a seed."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)  # noqa: S311 - a test, which must repeat

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def page(self, key: str) -> bytes:
        """Return a page of a list, mostly valid, with odd values, keys twice, or bytes changed."""
        rows = [
            ROWS[key] % number if "%d" in ROWS[key] else ROWS[key]
            for number in range(self.random.randrange(4))
        ]
        for index, row in enumerate(rows):
            if self.chance(0.4):
                rows[index] = self._with_odd_value(row)
        members = [
            f'"{key}":[{",".join(rows)}]',
            f'"next_cursor":{self._cursor()}',
            '"connection":{"id":"books"}',
        ]
        if self.chance(0.3):
            self.random.shuffle(members)
        if self.chance(0.1):
            members.append(self.random.choice([*members, f'"{key}":{self.random.choice(VALUES)}', '"x":1']))
        if self.chance(0.1):
            members.pop(self.random.randrange(len(members)))
        return self._damaged(("{" + ",".join(members) + "}").encode(), 0.2)

    def record(self) -> bytes:
        """Return one record, mostly valid."""
        row = ROWS["invoices"] % 1
        return self._damaged((self._with_odd_value(row) if self.chance(0.4) else row).encode(), 0.15)

    def response(self, body: bytes) -> Fuzzed:
        """Return a response with this body, or another one."""
        status = self.random.choice(STATUSES)
        if status >= 300 or self.chance(0.1):
            body = self._odd_body(status)
        line, whole = b"HTTP/1.1 %d Reason" % status, True
        headers = [self.random.choice(HEADERS) for _ in range(self.random.choice((0, 0, 0, 1)))]
        if self.chance(0.08):
            line, whole = self.random.choice(STATUS_LINES), False
        headers += self._headers_of_time(status)
        if self.chance(0.3):
            headers.append(b"Content-Type: application/json; charset=" + self.random.choice(CHARSETS))
        if self.chance(0.25):
            body, encoding = self._encoded(body)
            headers.append(b"Content-Encoding: " + encoding)
        framing, framed = self._framed(body)
        self.random.shuffle(headers)
        raw = b"\r\n".join([line, *headers, *framing, b"", b""]) + framed
        if self.chance(0.08):
            raw = self.random.choice(INTERIM) * self.random.randrange(1, 3) + raw
        damaged = self._damaged(raw, 0.12)
        return Fuzzed(damaged, status if whole and damaged == raw else None)

    def _headers_of_time(self, status: int) -> list[bytes]:
        headers = []
        if status >= 400 and self.chance(0.6):
            headers.append(b"Retry-After: " + self.random.choice(WAITS))
        if self.chance(0.4):
            headers.append(b"Date: " + self.random.choice(DATES))
        return headers

    def _cursor(self) -> str:
        return self.random.choice(["null"] * 12 + ['""', '"c1"', '"a b"', *VALUES])

    def _with_odd_value(self, row: str) -> str:
        spans = [match.span() for match in _VALUE.finditer(row)]
        start, end = self.random.choice(spans)
        return row[:start] + self.random.choice(VALUES) + row[end:]

    def _odd_body(self, status: int) -> bytes:
        codes: list[Any] = ["NEEDS_UPDATE", "x", "é", "\ud800", "\x1b[2J", "a" * 5000, 1, None, [], {}]
        code = self.random.choice(codes)
        error: Any = {"error_type": code, "error_code": code, "error_message": code, "status": status}
        return self.random.choice([
            json.dumps(error).encode(), json.dumps(error).encode(), json.dumps([error]).encode(), b"",
            b"null", b"[]",
            b"{}", b'"text"', b"<html><h1>Bad Gateway \xff</h1></html>",
            '{"error_message":"é"}'.encode("utf-16"),
            b"\xef\xbb\xbf{}", b"\xff\xfe\x00", self.random.randbytes(50), b"[" * 100_000,
            b'{"error_message":' * 3000,
            b"9" * 5000, b"NaN", b" " * 10_000, b"{" + b'"k":1,' * 2000 + b'"k":1}',
        ])  # fmt: skip

    def _encoded(self, body: bytes) -> tuple[bytes, bytes]:
        """Return a body with its encoding: right, cut short, damaged, or another one than stated."""
        packed = self.random.choice([
            (gzip.compress(body, 1), b"gzip"), (zlib.compress(body), b"deflate"),
            (zlib.compress(body)[2:-4], b"deflate"),
            (gzip.compress(gzip.compress(body)), b"gzip"),
            (gzip.compress(b"")[:10] + b"\0\0\0\xff\xff" * 500, b"gzip"),
            (gzip.compress(body) + gzip.compress(body), b"gzip"), (gzip.compress(body) + b"trailing",
            b"gzip"),
            (gzip.compress(body)[: self.random.randrange(1, 30)], b"gzip"), (body, b"gzip"), (b"", b"gzip"),
            (body, self.random.choice(ENCODINGS)), (gzip.compress(body), self.random.choice(ENCODINGS)),
        ])  # fmt: skip
        return self._damaged(packed[0], 0.2), packed[1]

    def _framed(self, body: bytes) -> tuple[list[bytes], bytes]:
        """Return the headers that delimit a body, and the body as they say, or not."""
        kind = self.random.random()
        if kind < 0.5:
            return [b"Content-Length: %d" % len(body)], body
        if kind < 0.6:
            return [b"Connection: close"], body
        if kind < 0.7:
            wrong = [b"%d" % (len(body) + self.random.randrange(-3, 4)), *[self.random.choice(LENGTHS)] * 3]
            return [b"Content-Length: " + self.random.choice(wrong)] * self.random.choice((1, 1, 2)), body
        chunked = self._chunked(body)
        if kind < 0.9:
            return [b"Transfer-Encoding: chunked"], chunked
        headers = [b"Transfer-Encoding: " + self.random.choice(CODINGS)]
        if self.chance(0.5):
            headers.append(b"Content-Length: " + self.random.choice([b"%d" % len(body), *LENGTHS]))
        return headers, self.random.choice([body, chunked])

    def _chunked(self, body: bytes) -> bytes:
        """Return a body in chunks, some with extensions, trailers or nonsense."""
        half = len(body) // 2
        extension = self.random.choice([b""] * 8 + [b";x=\xff", b" ; x", b";" * 3000])
        chunks = [
            b"%x%s\r\n%s\r\n" % (len(part), extension, part) for part in (body[:half], body[half:]) if part
        ]
        end = self.random.choice([b"0\r\n\r\n"] * 8 + [
            b"0\r\nX-Late: \xff\r\n\r\n", b"0\r\n", b"", b"-1\r\n\r\n", b"zz\r\n", b"f" * 30 + b"\r\n",
            b"0\r\nno colon\r\n\r\n",
            b"0;\0\r\n\r\n", b"5\r\nab\r\n", b"0\r\n" + b"X: y\r\n" * 20_000 + b"\r\n", b"0\n\n",
        ])  # fmt: skip
        return b"".join(chunks) + end

    def _damaged(self, text: bytes, share: float) -> bytes:
        """Return the bytes, a share of the time cut short, changed, or with others in between."""
        if not text or not self.chance(share):
            return text
        at, noise = self.random.randrange(len(text)), self.random.randbytes(self.random.randrange(1, 4))
        return self.random.choice(
            [text[:at], text[:at] + noise + text[at:], text[:at] + noise + text[at + len(noise) :]]
        )
