"""What changed in the registry, recorded once for all workers on all hosts as each edit comes into force."""
