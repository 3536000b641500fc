"""The personal store: facts about people outside the log, sealed, findable by keyed tags, and erasable."""
