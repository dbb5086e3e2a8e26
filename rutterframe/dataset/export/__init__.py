"""Export a dataset to a database: typed tables that analysts query with SQL, brought up to date by id."""

from rutterframe.dataset.export.export import export_tables

__all__ = ["export_tables"]
