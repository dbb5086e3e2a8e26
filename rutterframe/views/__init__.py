"""What do I see? Tables and charts of the reports; each says the day, the currency and where it is from.

``rutterframe.views.tables`` needs great-tables and ``rutterframe.views.charts`` plotly: import what you use.
"""
