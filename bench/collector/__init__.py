"""How many posts the collector takes, what each costs, and how long one waits."""
