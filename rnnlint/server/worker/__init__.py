"""The process that analyses for the language server: its own protocol, what is open, and the answers."""
