"""The engine of the reports: frames of any library, exact sums, group by, dates, buckets and periods."""
