"""A made shop's events, and the ways they may be stored, to be measured."""
