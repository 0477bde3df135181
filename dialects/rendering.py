"""Answers are JSON, whatever is asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.utils.encoders import JSONEncoder

from dialects.parser import MEDIA_TYPE


class JSONRenderer(BaseRenderer):
    media_type = MEDIA_TYPE
    format = "json"
    charset = None

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        return b"" if data is None else to_json(data).encode()


def to_json(data: Any) -> str:
    return json.dumps(data, cls=JSONEncoder, ensure_ascii=False, allow_nan=False, separators=(",", ":"))


class JSONOnly(BaseContentNegotiation):
    """JSON whatever Accept says: a caller never gets HTML and never 406."""

    def select_parser(self, request: Request, parsers: Any) -> Any:
        kind, _, parameters = (request.content_type or "").lower().partition(";")
        charset = parameters.partition("charset=")[2].partition(";")[0].strip(" \"'")
        return parsers[0] if kind.strip() == MEDIA_TYPE and charset in {"", "utf-8", "utf8"} else None

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> tuple[Any, str]:
        return renderers[0], MEDIA_TYPE
