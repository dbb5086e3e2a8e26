"""Refusals: every error of the API has a status and the same three words in its body."""

from __future__ import annotations


class ApiError(Exception):
    """A request that is refused.

    Parameters
    ----------
    status
        The HTTP status.
    code
        The error_code, safe to branch on.
    message
        The error_message, for people.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers: dict[str, str] = {}

    @property
    def type(self) -> str:
        """The error_type: the broad class of the error."""
        if self.code in _CONNECTION_CODES:
            return "CONNECTION_ERROR"
        if self.status in {429, 452}:
            return "RATE_LIMIT_ERROR"
        return "API_ERROR" if self.status >= 500 else "INVALID_REQUEST_ERROR"

    @property
    def body(self) -> dict[str, str]:
        """The body of the answer."""
        return {"error_type": self.type, "error_code": self.code, "error_message": self.message}


_CONNECTION_CODES = frozenset(
    {"INVALID_CREDENTIALS", "INVALID_ACCESS_TOKEN", "NEEDS_UPDATE", "CONNECTION_DISABLED"}
)
