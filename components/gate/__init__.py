"""The gate: a written policy, the decision that it leads to, and the verdict that is published with it."""
