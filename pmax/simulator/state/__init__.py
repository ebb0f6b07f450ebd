"""What the simulated arrays know: records, tables, transactions. No HTTP, and no rule of the array, belongs here."""
