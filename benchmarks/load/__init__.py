"""The dashboard with a crowd before it: how long each waits for a page, what the server needs for them, and that nothing is lost."""
