"""HTTP below Flask: `client` sends requests to other servers, `tracing` identifies the request being answered."""
