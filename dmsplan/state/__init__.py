"""What has been applied, and who may touch it: JSON documents in DuckDB, a lease, a journal.

In: records. Out: snapshots. Knows neither Plan nor Step. May import: errors, log, failpoint.
"""
