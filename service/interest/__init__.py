"""Who wants which feature: one Redis set of account ids a feature, and its trend by day."""
