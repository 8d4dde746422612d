"""What customers did, counted when asked: who comes back, when, over which steps, and for what.

Each figure comes with the rule that finds the customers behind it (`retention.insights.conditions`)
and counts exactly those: so that it opens them, and can become a segment.
"""
