"""Files of acts: a whole programme for the demonstration, or commands that a person gives in one go."""
