"""Which revision of the registry each worker of every host serves. `wait-live` and `status` read it."""
