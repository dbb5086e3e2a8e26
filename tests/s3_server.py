"""An S3-compatible server (moto) in a process of its own, which writes each request to a file.

A thread of the tests would not do: deltalake holds the interpreter's lock while it waits for an answer. As a
script, ``python tests/s3_server.py REQUESTS``, it prints its port and serves until it is killed.

What S3 answers and moto does not, such as that a bucket is in another region, is the name of a bucket:
``s3://answer-403-AccessDenied/x`` is always answered by that status and code. A bucket
``unconditional-…`` refuses writes with a condition.
"""

from __future__ import annotations

import json
import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

#: What object stores read from the environment; the keys are moto's own, which it does not check.
KEY_ID, SECRET, REGION = "testing", "secret-key-of-the-bucket", "us-east-1"


_REASONS = {"301": "Moved Permanently", "403": "Forbidden", "404": "Not Found", "501": "Not Implemented"}
#: What S3 writes into an error besides its code.
_DETAILS = {
    "AuthorizationHeaderMalformed": "<Message>The region is wrong; expecting 'eu-west-1'</Message>",
    "SignatureDoesNotMatch": f"<Message>It does not match</Message><StringToSign>{SECRET}</StringToSign>",
}


class Request(NamedTuple):
    """A request that the server was sent."""

    method: str
    path: str
    query: str


@dataclass(frozen=True, slots=True)
class S3Server:
    """A running server.

    Attributes
    ----------
    url : str
        Its address.
    requests_file : Path
        Where it writes the requests.
    """

    url: str
    requests_file: Path

    @property
    def environment(self) -> dict[str, str]:
        """The variables that lead deltalake and boto3 to the server."""
        return {
            "AWS_ACCESS_KEY_ID": KEY_ID,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": REGION,
            "AWS_ENDPOINT_URL": self.url,
            "AWS_ALLOW_HTTP": "true",
        }

    @property
    def storage_options(self) -> dict[str, str]:
        """The same as an argument."""
        return self.environment

    def client(self) -> Any:
        """Return boto3's client of the server."""
        import boto3  # noqa: PLC0415 - half a second, of which most tests have no use

        return boto3.client(
            "s3",
            endpoint_url=self.url,
            aws_access_key_id=KEY_ID,
            aws_secret_access_key=SECRET,
            region_name=REGION,
        )

    def create_bucket(self, name: str) -> str:
        """Create a bucket, and return its address."""
        self.client().create_bucket(Bucket=name)
        return f"s3://{name}"

    def refuse_parts(self, address: str) -> None:
        """Refuse every part but the first of uploads to a bucket."""
        with self.requests_file.with_name("refused").open("a", encoding="utf-8") as file:
            file.write(f"/{address.removeprefix('s3://')}/\n")

    def requests(self, start: int = 0) -> list[Request]:
        """Return the requests from a number on."""
        lines = self.requests_file.read_text(encoding="utf-8").splitlines()
        return [Request(*json.loads(line)) for line in lines[start:]]


@contextmanager
def run_s3_server(requests_file: Path) -> Iterator[S3Server]:
    """Run a server on a free port of loopback; it is killed at the end."""
    requests_file.touch()
    command = [sys.executable, __file__, str(requests_file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            assert running.stdout is not None
            yield S3Server(f"http://127.0.0.1:{int(running.stdout.readline())}", requests_file)
        finally:
            running.kill()


def main() -> None:
    from moto.moto_server.werkzeug_app import (  # noqa: PLC0415 - only the script needs it
        DomainDispatcherApplication,
        create_backend_app,
    )
    from werkzeug.serving import make_server  # noqa: PLC0415 - the same

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    application = DomainDispatcherApplication(create_backend_app)
    refused = Path(sys.argv[1]).with_name("refused")
    with Path(sys.argv[1]).open("a", encoding="utf-8", buffering=1) as requests:

        def respond(environ: dict[str, Any], start_response: Any) -> Any:
            request = Request(environ["REQUEST_METHOD"], environ["PATH_INFO"], environ["QUERY_STRING"])
            requests.write(json.dumps(request) + "\n")
            bucket = environ["PATH_INFO"].split("/")[1]
            is_part = "partNumber=" in request.query and "partNumber=1&" not in request.query
            if is_part and refused.exists() and f"/{bucket}/" in refused.read_text().splitlines():
                bucket = "answer-500-InternalError"
            if bucket.startswith("unconditional-") and "HTTP_IF_NONE_MATCH" in environ:
                bucket = "answer-501-NotImplemented"
            if bucket.startswith("answer-"):
                _, status, code = bucket.split("-")
                body = f"<Error><Code>{code}</Code>{_DETAILS.get(code, '')}</Error>" if code else ""
                start_response(f"{status} {_REASONS.get(status, 'Error')}", [("Content-Type", "text/xml")])
                return [body.encode()]
            return application(environ, start_response)

        server = make_server("127.0.0.1", 0, respond, threaded=True)
        sys.stdout.write(f"{server.server_port}\n")
        sys.stdout.flush()
        server.serve_forever()


if __name__ == "__main__":
    main()
