"""What the operations of torch do to arrangements: pure functions, with torch's checks and messages."""
