"""`xueshi chaos`: faults on purpose under load, and the proof that no hour is lost (rule 14)."""
