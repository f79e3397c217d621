"""What lies here as a project of its own is run as one, by the test beside it."""

collect_ignore = ["flows_in_ci"]
