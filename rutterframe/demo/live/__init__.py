"""The live dialect of the demo: the same books under the names, paths and envelopes of the real service."""
