"""The HTTP API of the books: every operation of the contract, with its errors and the faults of a plan."""
