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
_STATUS = re.compile(r"^\s*([1-5]\d\d [A-Z][A-Za-z ]+?)\s*$", re.MULTILINE)
_TAGS = {tag: re.compile(f"<{tag}>([^<]*)</{tag}>") for tag in ("Code", "Message")}

#: The settings that name the keys and the server, by the kind of store.
_KEYS = {
    "s3": "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    "gs": "GOOGLE_APPLICATION_CREDENTIALS",
    "az": "AZURE_STORAGE_ACCOUNT_NAME and AZURE_STORAGE_ACCOUNT_KEY",
}
_SERVER = {"s3": "AWS_ENDPOINT_URL", "gs": "the network", "az": "AZURE_STORAGE_ACCOUNT_NAME"}
_WHERE = "as storage_options= or in the environment"


class Answer(NamedTuple):
    """What an error of deltalake's object store states.

    Attributes
    ----------
    kind : str
        The kind of the store: s3, gs or az.
    text : str
        The error, without colours.
    method, host, path : str
        The request, and the server that it was sent to.
    status, code, message : str
        What the server answered; empty if it did not.
    """

    kind: str
    text: str
    method: str
    host: str
    path: str
    status: str
    code: str
    message: str

    @property
    def answer(self) -> str:
        """The status and the code that the server answered."""
        return f"{self.status} {self.code}".strip() if self.code not in self.status else self.status

    @property
    def last(self) -> str:
        """The last line of the error, which states the cause."""
        return self.text.strip().splitlines()[-1].strip()


class StoreProblem(NamedTuple):
    """What is wrong with a store, and what to do."""

    reason: str
    hint: str


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
    found = _read(kind, _DECORATION.sub("", str(error)))
    for rule in (_of_settings, _of_keys, _of_network, _of_answer):
        problem = rule(found)
        if problem is not None:
            return StoreProblem(printable(problem.reason), printable(problem.hint))
    return None


@contextmanager
def plain_store_errors(address: str) -> Iterator[None]:
    """Raise errors of writing an object as an OSError in a sentence.

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
            problem = StoreProblem(printable(reason), "check the address, the keys and the network.")
        raise OSError(f"Cannot write {address}: {problem.reason}\nNext: {problem.hint}") from None


def _read(kind: str, text: str) -> Answer:
    request, status = _REQUEST.search(text), _STATUS.search(text)
    method, host, path = (part or "" for part in request.groups()) if request else ("", "", "")
    code, message = (
        found[1] if (found := tag.search(text)) else "" for tag in (_TAGS["Code"], _TAGS["Message"])
    )
    return Answer(kind, text, method, host, path, status[1] if status else "", code, message)


def _of_settings(found: Answer) -> StoreProblem | None:
    """Return a setting that deltalake refuses before any request."""
    if "failed to parse" in found.text.lower() and "config" in found.text.lower():
        what = "a whole number" if "usize" in found.text else "such as '30s' or 'true'"
        return StoreProblem(
            f"a storage option is not {what}",
            "check timeout, connect_timeout, retry_timeout, max_retries and the options that are true or false.",
        )
    if "Account must be specified" in found.text:
        return StoreProblem("the account of Azure is not known", f"pass {_KEYS['az']}, {_WHERE}.")
    if "URL scheme is not allowed" in found.text:
        return StoreProblem(
            f"the server {found.host} is http and not https, which is not allowed unless you say so",
            f"use https, or for a server of your own network pass AWS_ALLOW_HTTP=true, {_WHERE}.",
        )
    return None


def _of_keys(found: Answer) -> StoreProblem | None:
    """Return what is wrong with the keys of a store."""
    name, keys = found.code, _KEYS[found.kind]
    missing = re.search(r"Missing (SecretAccessKey|AccessKeyId)", found.text)
    if missing:
        setting = {"AccessKeyId": "AWS_ACCESS_KEY_ID", "SecretAccessKey": "AWS_SECRET_ACCESS_KEY"}[missing[1]]
        return StoreProblem(f"{setting} is missing", f"pass {keys}, {_WHERE}.")
    metadata = re.search(r"/latest/(api/token|meta-data)|/computeMetadata/|/metadata/identity", found.path)
    if metadata or "no credentials found" in found.text:
        return StoreProblem("no keys are set, and this machine has no role of its own", f"pass {keys}, {_WHERE}.")
    if name in {"InvalidAccessKeyId", "InvalidSecurity"}:
        return StoreProblem(f"{found.host} does not know the access key ({name})", "check AWS_ACCESS_KEY_ID.")
    if name == "SignatureDoesNotMatch":
        return StoreProblem(
            f"the secret key does not belong to the access key ({name})", "check AWS_SECRET_ACCESS_KEY."
        )
    if name in {"ExpiredToken", "InvalidToken", "TokenRefreshRequired"}:
        return StoreProblem(f"the session token is not valid any more ({name})", "renew AWS_SESSION_TOKEN.")
    if name == "RequestTimeTooSkewed":
        return StoreProblem(f"the clock of this machine is wrong ({name})", "set the clock.")
    region = re.search(r"expecting '([\w-]+)'", found.message)
    if region or name in {"AuthorizationHeaderMalformed", "PermanentRedirect", "IllegalLocationConstraintException"}:
        other = f": it is in {region[1]}" if region else ""
        return StoreProblem(
            f"the bucket is in another region than that of AWS_REGION{other}",
            f"pass AWS_REGION={region[1] if region else 'REGION'}, {_WHERE}.",
        )
    return None


def _of_network(found: Answer) -> StoreProblem | None:
    """Return why a server cannot be reached."""
    text, check = found.text, f"check {_SERVER[found.kind]} and the network"
    if "redirect" in text.lower():
        return StoreProblem(
            "the bucket is in another region than that of AWS_REGION", f"pass AWS_REGION=REGION, {_WHERE}."
        )
    if found.status or not found.host:
        return None
    if "dns error" in text:
        return StoreProblem(f"there is no server {found.host}", f"{check}.")
    if "Connection refused" in text:
        return StoreProblem(f"no server listens at {found.host}", f"{check}.")
    if "timed out" in text:
        return StoreProblem(f"{found.host} does not answer", f"{check}; timeout= of storage_options waits longer.")
    if "client error (Connect)" in text:
        return StoreProblem(
            f"{found.host} cannot be reached: {found.last}", f"{check}, and whether it is http or https."
        )
    return StoreProblem(f"the connection to {found.host} failed: {found.last}", f"{check}, then try again.")


def _of_answer(found: Answer) -> StoreProblem | None:
    """Return what a server has answered."""
    if not found.status or found.code in {"NoSuchKey", "BlobNotFound"}:
        return None
    if found.code in {"NoSuchBucket", "ContainerNotFound"}:
        return StoreProblem(
            f"there is no such bucket at {found.host}",
            f"create it, or check its name, {_SERVER[found.kind]} and the region.",
        )
    number = int(found.status[:3])
    verbs = {"GET": "read", "HEAD": "read", "PUT": "write", "POST": "write", "DELETE": "delete"}
    if number in {401, 403}:
        verb = "list" if "list" in found.path or "prefix=" in found.path else verbs.get(found.method, "use")
        return StoreProblem(
            f"the keys may not {verb} here ({found.answer})",
            f"check {_KEYS[found.kind]}, and that they may list, read, write and delete.",
        )
    if number == 501 or found.code == "NotImplemented":
        return StoreProblem(
            f"{found.host} lacks a request of S3 that a dataset needs ({found.answer})",
            "see docs/storage.md on servers without conditional writes.",
        )
    details = f"{found.answer}{': ' if found.message else ''}{found.message}"
    if number == 429 or number >= 500:
        return StoreProblem(f"{found.host} cannot answer now ({details})", "try again later.")
    return StoreProblem(
        f"{found.host} answers {details}",
        f"check {_SERVER[found.kind]} and the address; is it a server of object storage?",
    )
