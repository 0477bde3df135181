"""/api/schema and /api/docs: always an answer in the caller's form, whatever Accept says."""

from __future__ import annotations

import functools
from http import HTTPStatus
from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from drf_spectacular.views import SpectacularSwaggerView
from rest_framework.renderers import TemplateHTMLRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from common.errors import DomainError, ErrorCode
from dialects.base import DialectMixin
from dialects.guest import GuestMixin
from dialects.rendering import JSONOnly, JSONRenderer

_RENDERERS = {"json": OpenApiJsonRenderer, "yaml": OpenApiYamlRenderer}


class ByFormat(JSONOnly):
    """`?format=` decides, then an Accept that speaks of YAML and not of JSON; else it is JSON."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> tuple[Any, str]:
        accept = request.headers.get("Accept", "").lower()
        wants_yaml = ("yaml" in accept or OpenApiYamlRenderer.media_type in accept) and "json" not in accept
        name = request.query_params.get("format", "yaml" if wants_yaml else "json")
        renderer = _RENDERERS.get(name, JSONRenderer)()
        return renderer, renderer.media_type


class RefusesInJSON(GuestMixin, DialectMixin):
    """For views whose good answers are something else."""

    schema = None

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        if response.status_code != HTTPStatus.OK:
            request.accepted_renderer = JSONRenderer()
            request.accepted_media_type = JSONRenderer.media_type
        return super().finalize_response(request, response, *args, **kwargs)


class SchemaView(RefusesInJSON):
    """The OpenAPI document of everything served: JSON, or YAML by `?format=yaml`."""

    content_negotiation_class = ByFormat

    def get(self, request: Request) -> Response:
        if request.query_params.get("format", "json") not in _RENDERERS:
            raise DomainError(ErrorCode.INVALID_VALUE, field="format", reason="must be json or yaml")
        return Response(document())


@functools.cache
def document() -> dict[str, Any]:
    """The same for everybody and for as long as the process lives: making it takes a quarter of a second."""
    return SchemaGenerator().get_schema(request=None, public=True)


class AlwaysThePage(JSONOnly):
    """HTML whatever Accept says."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> tuple[Any, str]:
        return TemplateHTMLRenderer(), TemplateHTMLRenderer.media_type


class DocsView(RefusesInJSON, SpectacularSwaggerView):  # type: ignore[misc]  # which renderers: AlwaysThePage knows
    """Swagger UI from our own static files."""

    content_negotiation_class = AlwaysThePage
