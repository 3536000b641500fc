"""Where private keys live: who holds them, how they are unlocked, and how they sign."""
