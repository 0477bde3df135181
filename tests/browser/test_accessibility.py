import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.journey import add_shirt, fill_in, place
from tests.checkouts.pages.shopper import SHIRT
from tests.factories import make_product, make_variant

TOO_SMALL = """
() => [...document.querySelectorAll('a, button, input, select')].filter(element => {
  const box = (element.closest('label') || element).getBoundingClientRect();
  const isInText = element.tagName === 'A' && element.parentElement.tagName === 'P';
  const isHidden = box.width <= 1 || box.height <= 1 || element.type === 'hidden' || element.matches('.skip');
  return !isHidden && !isInText && (box.width < 24 || box.height < 24);
}).map(element => element.outerHTML)
"""
OVERFLOWS = "() => document.documentElement.scrollWidth > document.documentElement.clientWidth"


def check(page, seen: list[str], name: str) -> None:
    results = Axe().run(page)
    assert results.violations_count == 0, f"{name}: {results.generate_report()}"
    assert page.evaluate(TOO_SMALL) == [], name
    assert not page.evaluate(OVERFLOWS), name
    seen.append(name)


@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_no_page_breaks_a_rule_of_accessibility(open_page, shop, size, dark):
    for number in range(14):
        make_variant(make_product(f"Mug {number}"), on_hand=3)
    seen: list[str] = []
    with open_page(size, dark=dark) as page:
        for path in ("/", "/products/", "/products/?page=2", SHIRT, "/cart/"):
            page.goto(path)
            check(page, seen, path)
        add_shirt(page)
        check(page, seen, "cart after adding")
        page.fill("#code", "NOPE")
        page.get_by_role("button", name="Apply").click()
        check(page, seen, "cart with an error")
        page.goto("/checkout/")
        check(page, seen, "checkout")
        page.check("[name=billing_differs]")
        page.check("[value=mobilepay]")
        check(page, seen, "checkout with everything shown")
        page.uncheck("[name=billing_differs]")
        page.check("[value=stripe]")
        page.get_by_role("button", name="Place order").click()
        check(page, seen, "checkout with errors")
        fill_in(page)
        place(page, "tok_chargeDeclined")
        check(page, seen, "checkout after a decline")
        place(page, "tok_threeDSecureRequired")
        check(page, seen, "test gateway")
        page.get_by_role("button", name="Decline").click()
        check(page, seen, "order to be paid again")
        page.get_by_role("button", name="Pay ").click()
        page.get_by_text("Your order is confirmed.").wait_for()
        check(page, seen, "order")
    assert len(seen) == 14


@pytest.mark.parametrize("template", ["404.html", "500.html", "403_csrf.html", "checkouts/busy.html"])
def test_no_page_of_trouble_breaks_a_rule_of_accessibility(open_page, shop, template):
    from django.template.loader import render_to_string

    with open_page(PHONE) as page:
        page.goto("/healthz")
        page.set_content(render_to_string(template))
        check(page, [], template)
