"""What is counted and measured, over all workers of a `serve`, and how a monitoring system reads it.

Each worker writes numbers of its own into memory that all share (`counting`), so whichever is asked can add them up
(`exposition`). Pure: knows no subject, no Flask and no Redis. A metric is a `Metric` in METRICS of `definitions`, whose
labels are words of ours, and `counting` where it happens; what Redis or the registry knows anyway is read by
`web/watching.py` instead. docs/metrics.md has a row for it, deploy/prometheus-rules.yaml its alerts.
"""
