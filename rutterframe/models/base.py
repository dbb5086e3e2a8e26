"""The base classes of records and drafts, and how their fields are described."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Record(BaseModel):
    """A record as the API sends it: unknown fields are ignored, missing ones are null."""

    # Most models only define the columns of frames: validators are built on first use.
    model_config = ConfigDict(extra="ignore", frozen=True, defer_build=True)


class Draft(BaseModel):
    """A record to be written: a field that the contract does not have is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


def optional(meaning: str) -> Any:
    """Describe a field that may be missing, and is null then."""
    return Field(default=None, description=meaning)


def required(meaning: str) -> Any:
    """Describe a field without which a write is refused."""
    return Field(description=meaning)
