"""A stand-in for Stripe's own script and its card form: an input in a frame of the stand-in's origin, as Stripe's is.

The numbers are Stripe's published test numbers; what a shopper types is turned into the stand-in's payment methods.
"""

from __future__ import annotations

from tests.standins.faults import Answer, Asked

SCRIPT, FRAME, METHODS = "/_js/v3/", "/_js/frame", "/_js/methods"
NUMBERS = {
    "4242424242424242": "pm_card_visa",
    "4000000000000002": "pm_card_visa_chargeDeclined",
    "4000000000009995": "pm_card_visa_chargeDeclinedInsufficientFunds",
    "4000002760003184": "pm_card_threeDSecureRequired",
}

_SCRIPT_TEXT = """
(() => {
  const origin = new URL(document.currentScript.src).origin;
  const seen = window.stripeStandIn = { options: null, amounts: [], calls: 0 };
  window.Stripe = (key) => {
    let frame, listeners = {};
    const ask = (question) => new Promise((resolve) => {
      const heard = (event) => {
        if (event.origin !== origin) return;
        removeEventListener("message", heard);
        resolve(event.data);
      };
      addEventListener("message", heard);
      frame.contentWindow.postMessage(question, origin);
    });
    const element = {
      on(name, listener) { listeners[name] = listener; },
      mount(place) {
        frame = document.createElement("iframe");
        frame.src = origin + "%(frame)s";
        frame.title = "Secure payment input frame";
        frame.width = "100%%";
        frame.height = "70";
        frame.onload = () => key.startsWith("pk_") ? listeners.ready?.() : listeners.loaderror?.({});
        place.append(frame);
      },
    };
    return {
      elements(options) {
        seen.options = options;
        seen.amounts.push(options.amount);
        return {
          create: () => element,
          update(changes) { if (changes.amount) seen.amounts.push(changes.amount); },
          async submit() {
            return (await ask("number")) ? {} : { error: { message: "Your card number is incomplete." } };
          },
        };
      },
      async createPaymentMethod() {
        seen.calls += 1;
        const said = await fetch(origin + "%(methods)s", { method: "POST", body: await ask("number") });
        const { id } = await said.json();
        return id ? { paymentMethod: { id } } : { error: { message: "Your card number is invalid." } };
      },
    };
  };
})();
""" % {"frame": FRAME, "methods": METHODS}  # noqa: UP031 - braces are the script's

_FRAME_PAGE = """<!doctype html><html lang="en"><title>Card</title><link rel="icon" href="data:,">
<meta name="color-scheme" content="light dark">
<label>Card number <input inputmode="numeric" autocomplete="cc-number" style="min-height: 24px"></label>
<script>
  const number = document.querySelector("input");
  addEventListener("message", (event) => event.source.postMessage(number.value.replaceAll(" ", ""), event.origin));
</script></html>"""


def answer(asked: Asked) -> Answer:
    if asked.path == SCRIPT:
        return Answer(200, _SCRIPT_TEXT, {"Content-Type": "text/javascript; charset=utf-8"})
    if asked.path == FRAME:
        return Answer(200, _FRAME_PAGE)
    return Answer(200, {"id": NUMBERS.get(asked.body.decode(), "")}, {"Access-Control-Allow-Origin": "*"})
