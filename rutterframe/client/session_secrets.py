"""The secrets of a session: credentials and access tokens, masked in whatever a server sends back."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

from pydantic import SecretStr

from rutterframe.client.connection_list import LINK
from rutterframe.client.redaction import MASK, mask, mask_error, mask_parameter, mask_refusals
from rutterframe.client.request import RequestSpec
from rutterframe.client.secret_index import SecretIndex
from rutterframe.client.signing import basic_pair
from rutterframe.dialects import Dialect
from rutterframe.errors import APIError, InvalidRows, Refusal, RutterframeError

# The most secrets that a text is searched for: each takes some 0.05 s for the longest text.
_MAX_SECRETS = 25


class SessionSecrets:
    """The secrets that a client knows.

    Parameters
    ----------
    credentials : tuple of SecretStr
        Client id and client secret.
    dialect : Dialect
        Names the parameter of the access token.
    """

    def __init__(self, credentials: tuple[SecretStr, SecretStr], dialect: Dialect) -> None:
        self._credentials = credentials
        self._dialect = dialect
        self._always = [*credentials, basic_pair(*credentials)]
        self._tokens = SecretIndex()

    def add(self, tokens: Iterable[SecretStr]) -> None:
        """Add access tokens of connections: no error shows them, of whichever connection it is."""
        self._tokens.add(tokens)

    def exchange_body(self, public_token: SecretStr) -> SecretStr:
        """Return the body of a token exchange; the live service wants the credentials in it as well."""
        parts = {"public_token": public_token}
        if self._dialect.is_live:
            client_id, client_secret = self._credentials
            parts = {"client_id": client_id, "secret": client_secret, **parts}
        return SecretStr(json.dumps({name: part.get_secret_value() for name, part in parts.items()}))

    def mask(self, text: str, request: RequestSpec) -> str:
        """Mask the secrets in a text of a response; a list of tokens is not searched for each of them."""
        for name in (self._dialect.token_parameter, LINK):
            text = mask_parameter(text, name)
        secrets = self._of(request, text)
        return MASK if len(secrets) > _MAX_SECRETS else mask(text, secrets)

    def mask_error(self, error: RutterframeError, request: RequestSpec) -> None:
        """Mask the secrets in all texts of an error that may have been quoted from a response."""
        secrets = self._of(request, *_texts(error))
        mask_error(error, secrets)
        if isinstance(error, APIError):
            error.error_type = error.error_type and mask(error.error_type, secrets)
            error.error_code = error.error_code and mask(error.error_code, secrets)
        if error.context.request_id is not None:
            masked = mask(error.context.request_id, secrets)
            error.context = replace(error.context, request_id=masked)

    def mask_refusals(self, refusals: Iterable[Refusal], request: RequestSpec) -> tuple[Refusal, ...]:
        """Mask the secrets in the descriptions of rows that cannot be read."""
        refusals = tuple(refusals)
        return mask_refusals(refusals, self._of(request, *map(str, refusals)))

    def _of(self, request: RequestSpec, *texts: str) -> list[SecretStr]:
        """Return what must not be shown in texts about a request: also tokens that a server mixes up."""
        secrets = [*self._always, *request.all_secrets, *self._tokens.of("\n".join(texts))]
        return list(dict.fromkeys(secrets))


def _texts(error: RutterframeError) -> list[str]:
    """Return the texts of an error that may have been quoted from a response."""
    texts = [error.message, error.hint, error.context.request_id]
    if isinstance(error, APIError):
        texts += [error.error_type, error.error_code]
    if isinstance(error, InvalidRows):
        texts += map(str, error.refused)
    return [text for text in texts if text]
