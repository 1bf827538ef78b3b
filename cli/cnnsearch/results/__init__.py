"""What a run found: its summary, its tables and where its time went."""
