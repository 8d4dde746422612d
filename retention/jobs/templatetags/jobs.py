"""Jobs as operators call them, in any template."""

from django import template

from retention.jobs.admin.words import title_of

register = template.Library()
register.filter("title_of", title_of)
