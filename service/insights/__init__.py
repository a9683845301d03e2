"""What people want, as product managers ask for it: across votes, requests and what was released."""
