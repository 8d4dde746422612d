"""How answers are written."""

from datetime import UTC, datetime

from rest_framework.renderers import JSONRenderer
from rest_framework.utils.encoders import JSONEncoder


class UtcEncoder(JSONEncoder):
    def default(self, obj: object) -> object:
        if isinstance(obj, datetime) and obj.tzinfo:
            obj = obj.astimezone(UTC)
        return super().default(obj)


class UtcJSONRenderer(JSONRenderer):
    """Moments in UTC, whatever the shop's clock: engineers' machines are anywhere."""

    encoder_class = UtcEncoder
