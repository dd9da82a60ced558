"""What people register and decide: roster, enrolments, verification, balances, adjustments."""
