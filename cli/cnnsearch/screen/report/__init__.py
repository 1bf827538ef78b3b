"""The report of a run: one HTML page that needs nothing else, and a short form in Markdown."""
