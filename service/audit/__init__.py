"""Who did what: each act of an admin, by page or command line, once, in the order in which they were done."""
