"""An app that exists only for tests of the workers: jobs whose effects can be counted."""
