"""An Arrow dataset that is read in pieces, when its consumer asks for them, so that memory stays bounded.

The scanner of pyarrow decodes ahead of a slow consumer until a gigabyte waits for it, whatever its settings
for read-ahead are. Here a few row groups at a time are read ahead, each by a scan of its own.
"""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds

#: The most rows of a piece, where row groups are smaller, and how many pieces are read ahead.
_PIECE_ROWS = 50_000
_AHEAD = 3
_ARGUMENTS = ("columns", "filter", "batch_size")


class BoundedDataset(ds.FileSystemDataset):  # type: ignore[misc]
    """A dataset of Parquet files with bounded read-ahead, and verified checksums of pages.

    DuckDB calls `scanner`, and Polars calls `to_batches`. `to_table` and the other methods are pyarrow's.
    """

    def scanner(self, *args: Any, **options: Any) -> Any:
        """Return a scanner, as pyarrow does, with bounded read-ahead of its batches."""
        named = {**dict(zip(_ARGUMENTS, args, strict=False)), **options}
        scanner = super().scanner(**named)
        # What Dataset.filter returns has no fragments.
        return scanner if self._scan_options else _BoundedScanner(self, scanner, named)

    def to_batches(self, *args: Any, **options: Any) -> Iterator[pa.RecordBatch]:
        """Yield the batches in the order of the files and their rows, as they are asked for."""
        batches: Iterator[pa.RecordBatch] = self.scanner(*args, **options).to_batches()
        return batches


class _BoundedScanner:
    """A scanner of pyarrow, but for the methods that return batches."""

    def __init__(self, dataset: BoundedDataset, scanner: ds.Scanner, options: dict[str, Any]) -> None:
        self._dataset, self._scanner = dataset, scanner
        self._options = {**options, "fragment_readahead": 1, "batch_readahead": 1}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._scanner, name)

    def to_reader(self) -> pa.RecordBatchReader:
        """Return a reader that reads as it is asked for batches."""
        return pa.RecordBatchReader.from_batches(self._scanner.projected_schema, self.to_batches())

    def to_batches(self) -> Iterator[pa.RecordBatch]:
        """Yield the batches of one piece after the other, with the next ones being read."""
        pieces, waiting = self._pieces(), deque[Future[pa.Table]]()
        threads = ThreadPoolExecutor(_AHEAD, thread_name_prefix="rutterframe-scan")
        try:
            while True:
                with contextlib.suppress(StopIteration):
                    while len(waiting) < _AHEAD:
                        waiting.append(threads.submit(self._read, next(pieces)))
                if not waiting:
                    return
                yield from waiting.popleft().result().to_batches()
        finally:
            threads.shutdown(wait=False, cancel_futures=True)

    def _pieces(self) -> Iterator[ds.ParquetFileFragment]:
        """Yield parts of files: some row groups that the filter does not rule out."""
        condition, schema = self._options.get("filter"), self._dataset.schema
        for fragment in self._dataset.get_fragments(condition):
            groups: list[int] = []
            rows = 0
            for part in fragment.split_by_row_group(condition, schema=schema):
                (group,) = part.row_groups
                if groups and rows + group.num_rows > _PIECE_ROWS:
                    yield fragment.subset(row_group_ids=groups)
                    groups, rows = [], 0
                groups.append(group.id)
                rows += group.num_rows
            if groups:
                yield fragment.subset(row_group_ids=groups)

    def _read(self, piece: ds.ParquetFileFragment) -> pa.Table:
        return piece.scanner(schema=self._dataset.schema, **self._options).to_table()


def bounded(dataset: ds.FileSystemDataset) -> BoundedDataset:
    """Return a dataset of the same files that is read in pieces."""
    # A piece is read with one request for the ranges of its columns that are near each other.
    options = ds.ParquetFragmentScanOptions(pre_buffer=True, page_checksum_verification=True)
    parquet = ds.ParquetFileFormat(default_fragment_scan_options=options)
    fragments = [
        parquet.make_fragment(
            fragment.path,
            filesystem=dataset.filesystem,
            partition_expression=fragment.partition_expression,
        )
        for fragment in dataset.get_fragments()
    ]
    return BoundedDataset(fragments, dataset.schema, parquet, dataset.filesystem)
