"""Which registry each worker of every host serves, as the workers themselves say in Redis."""
