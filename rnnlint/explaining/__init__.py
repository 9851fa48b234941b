"""What a finding rests on, for its reader: facts, what arrives and what was wanted, and the other places."""
