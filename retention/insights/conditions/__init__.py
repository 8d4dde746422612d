"""Rules for segments: what they may say, how they are read, asked and put into words.

`tree` reads a rule, `asking` compiles and asks it, `wording` says it. What can be said stands in
`orders`, `goods`, `people`, `expected`, `scores`, `timing`, and the module `conditions` of any app
above.
"""

from . import expected, goods, orders, people, scores, timing

__all__ = ["expected", "goods", "orders", "people", "scores", "timing"]
