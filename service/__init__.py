"""The module registry: one YAML declaration, served over HTTP, with votes for what comes next."""
