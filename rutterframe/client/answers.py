"""Read an answer to its end, but not without end: neither in bytes nor in time."""

from __future__ import annotations

import time

import httpx

from rutterframe.errors import ResponseTooLarge

#: More than any page needs: 500 orders with the platform's own records are some 25 MB.
LARGEST = 128 * 2**20

# What is asked for. Another coding, or one within another, could unpack a few bytes to gigabytes in one step.
_CODINGS = ("", "identity", "gzip", "deflate")


def read_body(response: httpx.Response, *, seconds: float) -> bytes:
    """Read and unpack the body of an answer.

    Parameters
    ----------
    response : httpx.Response
        An answer whose body has not been read.
    seconds : float
        How long it may take.

    Raises
    ------
    ResponseTooLarge
        If it is larger than 128 MiB, unpacked.
    httpx.DecodingError
        If it is packed otherwise than was asked for.
    httpx.ReadTimeout
        If it trickles in for too long.
    """
    coding = response.headers.get("Content-Encoding", "").strip().lower()
    if coding not in _CODINGS:
        raise httpx.DecodingError(f"the answer is packed as {coding[:40]!r}, which was not asked for")
    deadline = time.monotonic() + seconds
    chunks, size = [], 0
    for chunk in response.iter_bytes():
        chunks.append(chunk)
        size += len(chunk)
        if size > LARGEST:
            raise ResponseTooLarge(f"The answer is larger than {LARGEST / 2**20:,.0f} MiB")
        if time.monotonic() > deadline:
            raise httpx.ReadTimeout(f"the answer was not complete after {seconds:,.0f} seconds")
    return b"".join(chunks)


def without_length(response: httpx.Response) -> list[tuple[bytes, bytes]]:
    """Give the headers of an answer without those that tell how its body travelled: it is unpacked by now."""
    travel = {b"content-encoding", b"content-length", b"transfer-encoding"}
    # As bytes: a header may hold what is not ASCII.
    return [(name, value) for name, value in response.headers.raw if name.lower() not in travel]
