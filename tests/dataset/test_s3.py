"""A dataset in a bucket, on an S3-compatible server."""

from __future__ import annotations

import rutterframe as rf


def test_a_refresh_into_a_bucket_is_loaded_from_it(client: rf.Client, s3_bucket: str) -> None:
    """The frame of a dataset in a bucket has the rows and the receipt of the loader."""
    ledger = client.connection("roaster-quickbooks")
    rf.refresh(ledger, f"{s3_bucket}/books", resources=["accounts"])
    stored = rf.Dataset(f"{s3_bucket}/books").load("accounts")
    assert stored.attrs["receipt"]["complete"] is True
    assert stored.equals(rf.load_accounts(ledger))
