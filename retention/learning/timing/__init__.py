"""When to write to a customer, and about what they are about to buy."""
