"""The guest checkout API: a cookie, a checkout, an order. Nobody signs in."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from checkouts import completion, services
from checkouts.api import guest_examples as examples
from checkouts.api import guest_inputs as inputs
from checkouts.api.guest_docs import CheckoutBody, CompletionBody
from checkouts.api.guest_shapes import checkout_body, completion_body
from checkouts.completion import Completion, PaymentChoice
from checkouts.queries import CheckoutView
from common import redirects
from common.client import address_of
from common.errors import DomainError, ErrorCode
from dialects.fields import MAX_ID, StrictSerializer
from dialects.guest import COOKIE, GUEST, GuestViewSet, session_from, set_session
from dialects.idempotent import idempotent
from dialects.parameters import ID_IN_PATH, whole_number
from dialects.schema import answer_header, responses
from payments.instruments import instrument_for

SESSION = OpenApiParameter(
    COOKIE,
    OpenApiTypes.STR,
    OpenApiParameter.COOKIE,
    description="The shopper's session, a UUID: HttpOnly, good for seven days from the last answer. One that we did "
    "not issue is not adopted.",
)
SESSION_SET = answer_header("Set-Cookie", [200], f"{COOKIE}: the session, for seven more days.", required=True)
PRODUCT_ID = OpenApiParameter("product_id", ID_IN_PATH, OpenApiParameter.PATH, description="The product's id.")
LINE_VARIANT = OpenApiParameter(
    "variant_id",
    {"type": "integer", "minimum": 1, "maximum": MAX_ID},
    OpenApiParameter.QUERY,
    description="Which line is meant, where several variants of the product are in the checkout.",
)
Body = TypeVar("Body", bound=StrictSerializer)
_NO_CHECKOUT = "Checkout not found"
_PAID_OR_BUSY = "The checkout is being paid, or the shop is busy"


def _documented(
    summary: str,
    *,
    errors: Mapping[int, str],
    success: Mapping[int, Any] | None = None,
    parameters: Sequence[OpenApiParameter] = (SESSION_SET,),
    **more: Any,
) -> Any:
    return extend_schema(
        summary=summary,
        tags=["guest"],
        auth=[],
        responses=responses(GUEST, success or {200: CheckoutBody}, errors),
        parameters=[SESSION, *parameters],
        **more,
    )


@functools.cache
def _reader(kind: type[StrictSerializer]) -> StrictSerializer:
    """One for all requests: making one copies all its fields, reading with it changes nothing in it."""
    return kind()


def _read(kind: type[StrictSerializer], request: Request) -> dict[str, Any]:
    """The body's values. Raises ValidationError."""
    return _reader(kind).run_validation(request.data)


def _shown(view: CheckoutView) -> Response:
    """The checkout whole, and the cookie that leads back to it for seven more days."""
    response = Response(checkout_body(view))
    set_session(response, view.checkout.session_key)
    return response


class CurrentCheckout(GuestViewSet):
    @_documented("Get current checkout", operation_id="guest_get_checkout", errors={}, examples=examples.GET_CHECKOUT)
    def retrieve(self, request: Request) -> Response:
        """Get the current checkout, or a fresh one."""
        return _shown(services.find_or_begin(session_from(request)))

    @_documented(
        "Clear checkout",
        operation_id="guest_clear_checkout",
        request=None,
        errors={404: _NO_CHECKOUT, 409: _PAID_OR_BUSY},
        examples=examples.CLEAR_CHECKOUT,
    )
    @idempotent
    def destroy(self, request: Request) -> Response:
        """Clear the checkout: lines, shipping method and discount go, who and where stay."""
        return _shown(services.clear(session_from(request)))


class Items(GuestViewSet):
    @_documented(
        "Add item to checkout",
        operation_id="guest_add_item",
        request=inputs.AddItem,
        errors={
            400: "Invalid request body or product: not for sale, not enough in stock, or a variant must be named",
            404: "Product or variant not found",
            409: _PAID_OR_BUSY,
        },
        examples=examples.ADD_ITEM,
    )
    @idempotent
    def create(self, request: Request) -> Response:
        """Add pieces of a variant. The same variant again grows its line."""
        body = _read(inputs.AddItem, request)
        return _shown(
            services.add_item(
                session_from(request),
                product_id=body["product_id"],
                variant_id=body.get("variant_id"),
                quantity=body["quantity"],
            )
        )


class Item(GuestViewSet):
    @_documented(
        "Update checkout item",
        operation_id="guest_change_item",
        request=inputs.ChangeItem,
        parameters=[SESSION_SET, PRODUCT_ID, LINE_VARIANT],
        errors={
            400: "Invalid request body, not enough in stock, or not clear which line is meant",
            404: "Checkout, or product in checkout, or variant not found",
            409: _PAID_OR_BUSY,
        },
        examples=examples.CHANGE_ITEM,
    )
    @idempotent
    def update(self, request: Request, product_id: int) -> Response:
        """Change quantity, variant or both. The line meant holds `?variant_id`, else the body's variant, else it is
        the product's only line; otherwise 400."""
        body = _read(inputs.ChangeItem, request)
        return _shown(
            services.change_item(
                session_from(request), product_id=product_id, line_variant_id=_line_variant(request), **body
            )
        )

    @_documented(
        "Remove item from checkout",
        operation_id="guest_remove_item",
        request=None,
        parameters=[SESSION_SET, PRODUCT_ID, LINE_VARIANT],
        errors={404: "Checkout, or product in checkout, not found", 409: _PAID_OR_BUSY},
        examples=examples.REMOVE_ITEM,
    )
    @idempotent
    def destroy(self, request: Request, product_id: int) -> Response:
        """Remove a product: all its lines, or only that of `?variant_id`."""
        return _shown(
            services.remove_item(session_from(request), product_id=product_id, line_variant_id=_line_variant(request))
        )


def _line_variant(request: Request) -> int | None:
    return whole_number(request, "variant_id", minimum=1, maximum=MAX_ID)


class ShippingAddress(GuestViewSet):
    @_documented(
        "Set shipping address",
        operation_id="guest_set_shipping_address",
        request=inputs.Address,
        errors={400: "Invalid address data", 404: _NO_CHECKOUT, 409: _PAID_OR_BUSY},
        examples=examples.SET_SHIPPING_ADDRESS,
    )
    @idempotent
    def update(self, request: Request) -> Response:
        """Set where the goods go."""
        return _shown(services.set_shipping_address(session_from(request), _read(inputs.Address, request)))


class BillingAddress(GuestViewSet):
    @_documented(
        "Set billing address",
        operation_id="guest_set_billing_address",
        request=inputs.Address,
        errors={400: "Invalid address data", 404: _NO_CHECKOUT, 409: _PAID_OR_BUSY},
        examples=examples.SET_BILLING_ADDRESS,
    )
    @idempotent
    def update(self, request: Request) -> Response:
        """Set who pays. Without one the shipping address counts."""
        return _shown(services.set_billing_address(session_from(request), _read(inputs.Address, request)))


class CustomerDetails(GuestViewSet):
    @_documented(
        "Set customer details",
        operation_id="guest_set_customer_details",
        request=inputs.CustomerDetails,
        errors={400: "Invalid customer data", 404: _NO_CHECKOUT, 409: _PAID_OR_BUSY},
        examples=examples.SET_CUSTOMER_DETAILS,
    )
    @idempotent
    def update(self, request: Request) -> Response:
        """Set who buys."""
        return _shown(services.set_customer(session_from(request), **_read(inputs.CustomerDetails, request)))


class ShippingMethod(GuestViewSet):
    @_documented(
        "Set shipping method",
        operation_id="guest_set_shipping_method",
        request=inputs.ChooseShippingMethod,
        errors={
            400: "Invalid shipping method",
            404: "Checkout or shipping method not found",
            409: _PAID_OR_BUSY,
        },
        examples=examples.SET_SHIPPING_METHOD,
    )
    @idempotent
    def update(self, request: Request) -> Response:
        """Choose how the goods travel."""
        body = _read(inputs.ChooseShippingMethod, request)
        return _shown(services.set_shipping_method(session_from(request), body["shipping_method_id"]))


class Discount(GuestViewSet):
    @_documented(
        "Apply discount",
        operation_id="guest_apply_discount",
        request=inputs.ApplyDiscount,
        errors={400: "Invalid or expired discount code", 404: _NO_CHECKOUT, 409: _PAID_OR_BUSY},
        examples=examples.APPLY_DISCOUNT,
    )
    @idempotent
    def create(self, request: Request) -> Response:
        """Apply a discount code."""
        return _shown(
            services.apply_discount(session_from(request), _read(inputs.ApplyDiscount, request)["discount_code"])
        )

    @_documented(
        "Remove discount",
        operation_id="guest_remove_discount",
        request=None,
        errors={404: _NO_CHECKOUT, 409: _PAID_OR_BUSY},
        examples=examples.REMOVE_DISCOUNT,
    )
    @idempotent
    def destroy(self, request: Request) -> Response:
        """Remove the discount code."""
        return _shown(services.remove_discount(session_from(request)))


class Complete(GuestViewSet):
    @_documented(
        "Complete checkout",
        operation_id="guest_complete_checkout",
        request=inputs.CompleteCheckout,
        success={201: CompletionBody},
        parameters=[],
        errors={
            400: "Invalid request body, or the checkout is not complete yet",
            402: "Payment failed: the checkout stays open; or, to a late repeat, its order came to nothing meanwhile",
            404: "Checkout not found or expired",
            409: "Already completed, being paid, sold out, or the total is not the one last shown; or busy",
            422: "Invalid payment data; or this Idempotency-Key was used with another body",
            429: "Too many payments of this address, e-mail, card or checkout were declined",
        },
        examples=examples.COMPLETE_CHECKOUT,
    )
    @idempotent(claim_first=True)
    def create(self, request: Request) -> Response:
        """Place the order and pay. 402: declined, the checkout stays open. `action_required`: send the shopper to
        `redirect_url`. `payment_status: processing`: the gateway gave no clear answer yet; do not pay again."""
        session_key = session_from(request)
        body = _read(inputs.CompleteCheckout, request)
        choice = _choice(body, client_address=address_of(request._request))
        done = completion.complete(session_key, choice=choice, request_id=_request_id(request, session_key))
        return Response(completion_body(done), status=201, headers=_who_plays(done))


def _who_plays(done: Completion) -> dict[str, str]:
    """Says where a payment is only simulated; the document's body has no place for it."""
    return {"Payment-Played-By": "test"} if done.payment and done.payment.gateway == "test" else {}


def _choice(body: dict[str, Any], *, client_address: str) -> PaymentChoice:
    data = body.get("payment_data", {})
    card = data.get("card_details", {})
    redirect_url = body["redirect_url"]
    if redirect_url and not redirects.is_allowed(redirect_url):
        raise DomainError(ErrorCode.INVALID_VALUE, field="redirect_url", reason="must be an https address we may use")
    return PaymentChoice(
        provider=body["payment_provider"],
        instrument=instrument_for(
            body["payment_provider"],
            token=card.get("token", ""),
            card_number=card.get("card_number", ""),
            phone_number=data.get("phone_number", ""),
        ),
        redirect_url=redirect_url,
        client_address=client_address,
    )


def _request_id(request: Request, session_key: UUID | None) -> str:
    """Recognises the repeat of a request that completed the checkout and died before its answer was kept."""
    key = request.headers.get("Idempotency-Key", "")
    return hashlib.sha256(f"{session_key}:{key}".encode()).hexdigest() if key else ""
