"""What is counted and measured, over all workers of a `serve`, and how a monitoring system reads it.

Each worker writes numbers of its own into memory that all of them share, so whichever is asked can add them up. Pure:
knows no subject, no Flask and no Redis.
"""
