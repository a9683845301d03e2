"""The personal data of one account, across all subjects: export it, and erase it. Begin with `personal_data`."""
