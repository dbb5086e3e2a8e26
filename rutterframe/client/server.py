"""Which API is spoken to."""

from __future__ import annotations

from dataclasses import dataclass

from rutterframe.dialects import Dialect


@dataclass(frozen=True, slots=True)
class Server:
    """Which API is spoken to.

    Attributes
    ----------
    environment : str
        What to call it: "production", "sandbox", "demo" or its address.
    base_url : str
        Where it is.
    dialect : Dialect
        How it is spelt.
    version : str
        The API version to ask for.
    """

    environment: str
    base_url: str
    dialect: Dialect
    version: str
