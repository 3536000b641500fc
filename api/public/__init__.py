"""The public page: what an employer sees after scanning a certificate. No log-in, no script, no tracking."""
