"""The tracker API's payment links: an address under which a cart can be paid, for a store to send to its customer."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from dialects.guest import moment
from dialects.idempotent import idempotent
from dialects.schema import responses
from dialects.tracker import CART_ID, NOT_FOUND_TOO, TRACKER, TrackerViewSet, cart_number, success
from payments import links
from payments.api import tracker_docs as docs
from payments.link_orders import DraftOf, goods_of
from payments.models import PaymentLink

_LINK = "link"  # the number of the link, in an answer that is not finished


class PaymentLinks(TrackerViewSet):
    draft_of: DraftOf = staticmethod(goods_of)  # the path table gives one that knows checkouts, too

    @extend_schema(
        operation_id="tracker_create_payment_link",
        summary="Generate payment link",
        tags=["tracker"],
        parameters=[CART_ID],
        request=None,
        responses=responses(TRACKER, {200: docs.LinkAnswer, 201: docs.LinkAnswer}, {**NOT_FOUND_TOO, 409: docs.CLOSED}),
        examples=docs.CREATE_LINK,
    )
    @idempotent
    def create(self, request: Request, cart_id: str) -> Response:
        """The cart's payment link: 201 where it is a new one, 200 where the cart has not changed since its link was
        made. A link of a cart that changed asks for what is no longer owed: the new one ends it. A body is not needed.
        """
        number = cart_number(cart_id)
        _ = request.data  # what is no JSON is refused here as everywhere
        caller: Any = request.user
        link, is_new = links.for_cart(number, draft_of=self.draft_of, created_by=caller.text)
        return Response({_LINK: link.pk}, status=201 if is_new else 200)

    def finalize_response(self, request: Any, response: Any, *args: Any, **kwargs: Any) -> Any:
        """The address is put in after the answer was stored to be repeated: whoever has it may pay."""
        data = getattr(response, "data", None) or {}
        if _LINK in data:
            response.data = success(_body(PaymentLink.objects.get(pk=data[_LINK]))).data
        return super().finalize_response(request, response, *args, **kwargs)


def _body(link: PaymentLink) -> dict[str, str]:
    return {"paymentLink": links.address_of(link), "expiresAt": moment(link.expires_at)}
