"""What every report shares: frames of any engine, exact sums of money, groups, dates, buckets and periods."""
