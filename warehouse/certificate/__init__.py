"""The certificate of rule 23: whose it is, its number, its page, and checking it."""
