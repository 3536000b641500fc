"""The commands that people give, and the queries they ask."""
