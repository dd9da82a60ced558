"""`xueshi demo`: the whole path on one machine, checked against the truth."""
