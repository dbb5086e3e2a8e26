"""Errors of object storage in a sentence: what is wrong, what was there, and what to do next."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from rutterframe.notebook.escape import printable
from rutterframe.storage.addresses import SCHEMES

_DECORATION = re.compile(r"\x1b\[[0-9;]*m|\u21b3")
_REQUEST = re.compile(r"performing (\w+) (https?://[^/\s]+)(/\S*)?")
_STATUS = re.compile(r"non-2xx status code[:\s]*(\d\d\d [A-Z][A-Za-z' -]*[a-z])")
_CODE, _MESSAGE = re.compile("<Code>([^<]*)</Code>"), re.compile("<Message>([^<]*)</Message>")
_MISSING = re.compile(r"Object at location (.+?) not found")
_REGION = re.compile(r"expecting '([\w-]+)'")

#: The settings that name the keys and the server, by the kind of store.
_KEYS = {
    "s3": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    "gs": "GOOGLE_APPLICATION_CREDENTIALS",
    "az": "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY",
}
_SERVER = {"s3": "AWS_ENDPOINT_URL", "gs": "the network", "az": "AZURE_STORAGE_ACCOUNT_NAME"}
_CHECK = "check the address, the keys and the network."
#: What a refused request would have done.
_VERBS = {"GET": "read", "HEAD": "read", "PUT": "write", "POST": "write", "DELETE": "delete"}


class StoreProblem(NamedTuple):
    """What is wrong with a store, and what to do; no hint where that depends on who reads a missing file."""

    reason: str
    hint: str


#: By what stands in an error: why a request was not sent, or not answered. The first that fits counts.
_BY_TEXT: tuple[tuple[str, StoreProblem], ...] = (
    (
        r"(?i)config[^\0]*failed to parse|failed to parse config",
        StoreProblem(
            "a storage option is not a number, a time such as '30s', or true or false",
            "check timeout, connect_timeout, retry_timeout, max_retries and AWS_ALLOW_HTTP.",
        ),
    ),
    (r"Account must be specified", StoreProblem("the account of Azure is not known", "{pass_keys}")),
    (
        r"URL scheme is not allowed",
        StoreProblem(
            "{host} is http, which sends everything in the clear and is not allowed by itself",
            "name an address with https://, or for a server of your own network pass AWS_ALLOW_HTTP=true, "
            "{where}.",
        ),
    ),
    (r"Missing AccessKeyId", StoreProblem("AWS_ACCESS_KEY_ID is missing", "{pass_keys}")),
    (r"Missing SecretAccessKey", StoreProblem("AWS_SECRET_ACCESS_KEY is missing", "{pass_keys}")),
    (
        r"/latest/api/token|/latest/meta-data|/computeMetadata/|/metadata/identity|no credentials found",
        StoreProblem("no keys are set, and this machine has no role that grants access", "{pass_keys}"),
    ),
    (
        r"(?i)redirect|<Code>(PermanentRedirect|AuthorizationHeaderMalformed|IllegalLocationConstraint)",
        StoreProblem(
            "the bucket is in another region than AWS_REGION names{region}",
            "pass the bucket's region as AWS_REGION, {where}.",
        ),
    ),
    (r"dns error", StoreProblem("there is no server {host}", "check {server}.")),
    (r"Connection refused", StoreProblem("no server listens at {host}", "check {server}.")),
    (
        r"timed out",
        StoreProblem("{host} does not answer", "check {server}; a longer timeout= in storage_options waits."),
    ),
    (
        r"client error \(Connect\)",
        StoreProblem(
            "{host} cannot be reached: {last}", "check {server}, and whether it is http:// or https://."
        ),
    ),
)
#: By the code of an answer.
_BY_CODE = {
    "InvalidAccessKeyId": StoreProblem("{host} does not know the access key", "check AWS_ACCESS_KEY_ID."),
    "SignatureDoesNotMatch": StoreProblem(
        "the secret key does not belong to the access key", "check AWS_SECRET_ACCESS_KEY."
    ),
    "ExpiredToken": StoreProblem("the session token has expired", "renew AWS_SESSION_TOKEN."),
    "InvalidToken": StoreProblem("the session token is not valid", "check AWS_SESSION_TOKEN."),
    "RequestTimeTooSkewed": StoreProblem("the clock of this machine is wrong", "set the clock."),
    "NoSuchBucket": StoreProblem(
        "there is no bucket {bucket!r} at {host}", "create it, or check its name and {server}."
    ),
    "ContainerNotFound": StoreProblem(
        "there is no container {bucket!r} at {host}", "create it, or check its name and {server}."
    ),
}
#: By the status of an answer without one of these codes; the first that fits counts.
_BY_STATUS: tuple[tuple[str, StoreProblem], ...] = (
    (
        "401|403",
        StoreProblem(
            "the keys may not {verb} there ({answer})",
            "check {keys}, and that they may list, read, write and delete.",
        ),
    ),
    (
        "501",
        StoreProblem(
            "{host} refuses a request that is needed, such as a write on a condition ({answer})",
            "use a server with conditional writes, which commits need: see the page on object storage.",
        ),
    ),
    ("429|5..", StoreProblem("{host} cannot answer now ({answer})", "try again later.")),
    (
        "...",
        StoreProblem("{host} answers {answer}", "check the address and {server}; is it object storage?"),
    ),
)


def store_problem(error: BaseException, address: str) -> StoreProblem | None:
    """Return what is wrong with a store, from an error of deltalake; None if it is another error.

    Parameters
    ----------
    error : BaseException
        The error, of deltalake or Arrow.
    address : str
        The address that was read or written.
    """
    kind = SCHEMES.get(address.partition("://")[0].lower()) if "://" in address else None
    if kind is None:
        return None
    text = _DECORATION.sub("", str(error))
    status, code = _first(_STATUS, text), _first(_CODE, text)
    missing = _first(_MISSING, text)
    if missing and status.startswith("404") and code not in _BY_CODE:
        return StoreProblem(printable(f"the file {missing} is missing"), "")
    problem = _problem_of(text, status, code)
    if problem is None:
        return None
    words = _words(kind, text, status, code)
    words["bucket"] = address.partition("://")[2].partition("/")[0]
    return StoreProblem(*(printable(sentence.format_map(words)) for sentence in problem))


def _problem_of(text: str, status: str, code: str) -> StoreProblem | None:
    by_text = next((problem for pattern, problem in _BY_TEXT if re.search(pattern, text)), None)
    if by_text is not None or not status:
        return by_text
    by_status = next(problem for pattern, problem in _BY_STATUS if re.match(pattern, status))
    return _BY_CODE.get(code, by_status)


def _words(kind: str, text: str, status: str, code: str) -> dict[str, str]:
    """Return what stands in the sentences."""
    request = _REQUEST.search(text)
    method, host, path = request.groups(default="") if request else ("", "the server", "")
    message, region = _first(_MESSAGE, text), _first(_REGION, text)
    where = "as storage_options= or in the environment"
    return {
        "host": host,
        "keys": _KEYS[kind],
        "server": _SERVER[kind],
        "where": where,
        "pass_keys": f"pass {_KEYS[kind]}, {where}.",
        "last": text.strip().splitlines()[-1].strip(),
        "region": f": it is in {region}" if region else "",
        "verb": "list" if "list" in path else _VERBS.get(method, "use"),
        "answer": f"{' '.join(dict.fromkeys((status, code))).strip()}{': ' if message else ''}{message}",
    }


def _first(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match[1] if match else ""


@contextmanager
def plain_store_errors(address: str, verb: str = "write") -> Iterator[None]:
    """Raise errors of writing, or reading, an object as an OSError in a sentence.

    Raises
    ------
    OSError
        If the block raises an error of Arrow or deltalake.
    """
    try:
        yield
    except (ImportError, TypeError, ValueError, MemoryError):
        raise  # our own
    except Exception as error:  # noqa: BLE001 - deltalake, an extra, has its own
        problem = store_problem(error, address)
        if problem is None:
            lines = (_DECORATION.sub("", line).strip() for line in str(error).splitlines())
            reason = ": ".join(dict.fromkeys(line for line in lines if line))
            problem = StoreProblem(printable(reason), "")
        raise OSError(f"Cannot {verb} {address}: {problem.reason}\nNext: {problem.hint or _CHECK}") from None
