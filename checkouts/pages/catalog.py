"""The shop window: looking changes nothing and leaves no cookie; putting something into the cart begins a checkout."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.templatetags.static import static
from django.utils.functional import lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from carts.services import MAX_PIECES
from catalog.models import Product
from catalog.pictures import draw, png
from catalog.queries import products_for_sale
from checkouts import services
from checkouts.pages.goods import LOW_STOCK, Goods, goods_of, goods_of_all
from checkouts.pages.refusals import WENT_ON, shopper_page
from checkouts.pages.same_origin import same_origin_writes
from checkouts.pages.sentences import words
from checkouts.pages.shop import absolute, page, remember
from common.errors import DomainError, ErrorCode
from common.templatetags.shop import number
from dialects.guest import session_from

ON_THE_FRONT_PAGE, PER_PAGE = 8, 12
_A_DAY = 24 * 60 * 60


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    products = list(products_for_sale()[:ON_THE_FRONT_PAGE])
    return page(request, "checkouts/home.html", {"goods": goods_of_all(products), "canonical": absolute("/")})


@require_safe
def product_list(request: HttpRequest) -> HttpResponse:
    products = Paginator(products_for_sale(), PER_PAGE).get_page(request.GET.get("page"))
    goods = goods_of_all(list(products.object_list))
    return page(request, "checkouts/products.html", {"goods": goods, "page": products})


def _how_many() -> str:
    return gettext("Enter a whole number from 1 to %(most)s.") % {"most": number(MAX_PIECES)}


HOW_MANY = lazy(_how_many, str)()


class AddForm(forms.Form):
    """Which variant and how many of it."""

    variant = forms.TypedChoiceField(
        coerce=int, error_messages={"required": _("Choose one."), "invalid_choice": _("Choose one of these.")}
    )
    quantity = forms.IntegerField(
        min_value=1,
        max_value=MAX_PIECES,
        initial=1,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), HOW_MANY),
    )

    def __init__(self, goods: Goods, data: object = None) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        choices = [(offer.variant_id, offer.variant_name) for offer in goods.buyable]
        self.fields["variant"].choices = choices  # type: ignore[attr-defined]


@same_origin_writes
@require_http_methods(["GET", "HEAD", "POST"])
@shopper_page
def product(request: HttpRequest, slug: str) -> HttpResponse:
    found = Product.objects.filter(slug=slug).first()
    if found is None:
        raise Http404
    goods = goods_of(found)
    if request.method == "POST":
        return _add(request, goods)
    return _product_page(request, goods, AddForm(goods))


def _add(request: HttpRequest, goods: Goods) -> HttpResponse:
    form = AddForm(goods, request.POST)
    if not form.is_valid():
        return _product_page(request, goods, form, status=422)
    chosen = form.cleaned_data
    try:
        view = services.add_item(
            session_from(request),
            product_id=goods.product.pk,
            variant_id=chosen["variant"],
            quantity=chosen["quantity"],
        )
    except DomainError as error:
        if error.code is ErrorCode.BUSY or error.code in WENT_ON:
            raise
        form.add_error("quantity", words(error))
        return _product_page(request, goods, form, status=422)
    messages.success(request, gettext("%(product)s is in your cart.") % {"product": goods.product.name})
    return remember(redirect("cart"), view)


def _product_page(request: HttpRequest, goods: Goods, form: AddForm, *, status: int = 200) -> HttpResponse:
    in_stock = next((offer.variant_id for offer in goods.buyable if offer.available > 0), None)
    context = {
        "goods": goods,
        "product": goods.product,
        "form": form,
        "chosen": form["variant"].value() or _named(request, goods) or in_stock,
        "low_stock": LOW_STOCK,
        "canonical": absolute(goods.product.get_absolute_url()),
    }
    return page(request, "checkouts/product.html", context, status=status)


def _named(request: HttpRequest, goods: Goods) -> int | None:
    """The variant that the address names (`?variant=7`), where it can be had."""
    named = request.GET.get("variant", "")
    there = {str(offer.variant_id): offer.variant_id for offer in goods.buyable if offer.available > 0}
    return there.get(named)


@require_safe
def favicon(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """Asked for by browsers on pages that name none, like the API's."""
    return redirect(static("shop/favicon.svg"))


@require_safe
def picture(request: HttpRequest, slug: str) -> HttpResponse:
    """Drawn from the name alone: no product is read, and browsers keep it for a day."""
    return _kept(HttpResponse(draw(slug, request.GET.get("color", "")), content_type="image/svg+xml"))


@require_safe
def mail_picture(request: HttpRequest, look: str) -> HttpResponse:  # noqa: ARG001
    found = png(look)
    if found is None:
        raise Http404
    return _kept(HttpResponse(found, content_type="image/png"))


def _kept(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = f"public, max-age={_A_DAY}"
    response["Content-Security-Policy"] = "default-src 'none'"
    return response
