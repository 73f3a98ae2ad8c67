"""Count inside TFMA, and read what was counted."""
