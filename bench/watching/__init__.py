"""How many events a CPU-second decides: xueshi's worker beside other stream processors."""
