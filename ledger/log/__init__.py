"""The transparency log's life outside the append: tiles, checkpoints, publishing, witnesses, export, recovery."""
