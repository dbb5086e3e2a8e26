"""Ids that look random, are the same in every run, and lead back to their row without an index in memory."""

from __future__ import annotations

from hashlib import blake2b

_MASK = 0xFFFF_FFFF


class Ids:
    """The ids of the rows of one list of one connection.

    The first eight hex digits are the row's number, scrambled; the others are a keyed digest of these, which
    tells an id of another connection, or a made-up one.
    """

    __slots__ = ("_factor", "_inverse", "_key", "_shift")

    def __init__(self, *scope: object) -> None:
        digest = blake2b("/".join(map(str, scope)).encode(), digest_size=24).digest()
        self._key = digest[:16]
        self._factor = int.from_bytes(digest[16:20]) | 1
        self._inverse = pow(self._factor, -1, _MASK + 1)
        self._shift = int.from_bytes(digest[20:])

    def of(self, index: int) -> str:
        """Return the id of a row."""
        head = (index * self._factor + self._shift) & _MASK
        tail = blake2b(head.to_bytes(4), key=self._key, digest_size=12).hexdigest()
        return f"{head:08x}-{tail[:4]}-4{tail[5:8]}-a{tail[9:12]}-{tail[12:]}"

    def index(self, text: str) -> int | None:
        """Return the row that an id belongs to, or None for a foreign one."""
        try:
            head = int(text[:8], 16)
        except ValueError:
            return None
        index = ((head - self._shift) * self._inverse) & _MASK
        return index if self.of(index) == text else None


def secret(*scope: object) -> str:
    """Return a made-up secret of 40 hex digits that is the same in every run."""
    return blake2b("/".join(map(str, scope)).encode(), digest_size=20).hexdigest()
