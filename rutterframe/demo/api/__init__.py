"""The HTTP face of the books: every operation of the contract, its refusals, and its faults on demand."""
