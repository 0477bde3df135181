/* Cart and checkout change in place: htmx sends what a button or a field of theirs would have sent, and the parts of
   the page that came back take the place of those that are there. Without scripts the same buttons ask for the page. */
"use strict";
(() => {
  const form = document.querySelector("form[data-offline]");
  const told = document.getElementById("told");
  if (!form || !window.htmx) return;
  history.replaceState(null, ""); // a page that answered a form: whoever comes back to it, or reloads it, sends nothing again
  let sent; // what the shopper had typed when the parts were asked for
  let wasInView; // what has the focus, before the parts change
  let part; // the part whose button was pressed: it may be gone afterwards
  let pressed; // the total on the button that pays, when it was pressed

  const isInView = (box) => box.bottom > 0 && box.top < innerHeight;
  // Of what people type into alone: totals and ways of shipping are the page's own.
  const isTypedSince = (input) => Boolean(sent) && input.type === "text" && sent.has(input.name) && input.value !== sent.get(input.name);
  // A sentence of the summary on top about a field that changes in place and is right now.
  const isSettled = ({ hash }) => /^#(quantity-|code$)/.test(hash) && !form.querySelector(`${hash}[aria-invalid]`);
  const inputs = () => form.querySelectorAll("#lines input, #code-part input");

  htmx.registerExtension("typed", {
    // Whoever types on while the answer is on its way keeps what they typed.
    htmx_before_morph_attr: (input, { attrName }) => !(attrName === "value" && isTypedSince(input)),
  });
  form.addEventListener("htmx:before:request", ({ detail: { ctx } }) => {
    sent = ctx.request.body;
    part = ctx.sourceElement.closest("[id][tabindex]");
  });
  document.addEventListener("htmx:before:swap", (event) => {
    const { ctx, tasks } = event.detail;
    wasInView = isInView(document.activeElement.getBoundingClientRect());
    const speaksAsBefore = ctx.response.headers.get("Content-Language") === document.documentElement.lang;
    if (speaksAsBefore && tasks.some((task) => task.target === told)) return;
    // Another page came (the order, "busy", an empty cart, one in the language that another tab speaks by now): the same
    // button once more, and the browser goes there.
    event.preventDefault();
    const action = Object.assign(document.createElement("input"), { type: "hidden", name: "action", value: ctx.request.body.get("action") });
    form.append(action);
    form.submit();
  });
  function show(way) {
    const place = [...form.querySelectorAll("[name=shipping_method]")].indexOf(way) + 1; // also of those that the stylesheet does not follow
    for (const amount of form.querySelectorAll("[data-when]")) amount.classList.toggle("saved", Number(amount.dataset.when) === place);
  }
  form.addEventListener("change", ({ target }) => { if (target.name === "shipping_method") show(target); });
  document.addEventListener("htmx:after:swap", () => {
    // What is shown is what the shop holds: a code that was taken leaves its field, a quantity is written as it counts.
    for (const input of inputs()) if (!isTypedSince(input)) input.value = input.defaultValue;
    const ways = [...form.querySelectorAll("[name=shipping_method]")];
    if (ways.length && !ways.some((way) => way.checked)) (ways.find((way) => way.defaultChecked) || ways[0]).checked = true;
    const summary = document.querySelector(".problems");
    if (summary && [...summary.querySelectorAll("a")].every(isSettled)) summary.remove();
    if (document.activeElement === document.body && part && part.isConnected) part.focus({ preventScroll: true });
    if (wasInView && document.activeElement !== document.body) document.activeElement.scrollIntoView({ block: "nearest" });
    form.dispatchEvent(new Event("change")); // the card form asks for the amount again
  });
  // Enter in a quantity or a code presses the button beside it, not the form's first, which asks for the page anew.
  form.addEventListener("keydown", (event) => {
    const near = event.key === "Enter" && event.target.matches("#code, #lines input") && event.target.closest("#code, #lines");
    if (!near) return;
    event.preventDefault();
    near.nextElementSibling.click();
  });

  // --- the button that pays, while prices change: what was on it when it was pressed is all that may be charged ---
  const total = () => form.elements[`total-${form.elements.shipping_method?.value}`];
  function press({ target }) {
    if (target.closest("[data-pays]")) pressed = total()?.value;
  }
  form.addEventListener("pointerdown", press);
  form.addEventListener("click", (event) => { if (!event.detail) press(event); }); // by a key
  document.addEventListener("submit", (event) => {
    if (event.defaultPrevented || !event.submitter?.matches("[data-pays]")) return;
    if (pressed && total()) total().value = pressed; // the shop says no to one that is not right any more, and why
  });

  document.addEventListener("htmx:error", () => { told.textContent = form.dataset.offline; told.className = "notice error"; });
  document.addEventListener("htmx:after:request", () => { told.className = "away"; });
})();
