"""Counts of customers in a template, the small ones not told."""

from django import template

from retention.present.groups import at_least_few

register = template.Library()
register.filter("at_least_few", at_least_few)
