/* Cart and checkout change in place: htmx sends what a button or a field of theirs would have sent, and the parts of
   the page that came back take the place of those that are there. Without scripts the same buttons ask for the page. */
"use strict";
(() => {
  const form = document.querySelector("form[data-offline]");
  const told = document.getElementById("told");
  if (!form || !window.htmx) return;
  let sent; // what the shopper had typed when the parts were asked for
  let part; // the part whose button was pressed: it may be gone afterwards

  const isTypedSince = (input) => Boolean(sent) && input.name && sent.has(input.name) && input.value !== sent.get(input.name);
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
    if (tasks.some((task) => task.target === told)) return;
    // Another page came (the order, "busy", an empty cart): the same button once more, and the browser goes there.
    event.preventDefault();
    const action = Object.assign(document.createElement("input"), { type: "hidden", name: "action", value: ctx.request.body.get("action") });
    form.append(action);
    form.submit();
  });
  document.addEventListener("htmx:after:swap", () => {
    // What is shown is what the shop holds: a code that was taken leaves its field, a quantity is written as it counts.
    for (const input of inputs()) if (!isTypedSince(input)) input.value = input.defaultValue;
    const ways = [...form.querySelectorAll("[name=shipping_method]")];
    if (ways.length && !ways.some((way) => way.checked)) (ways.find((way) => way.defaultChecked) || ways[0]).checked = true;
    const summary = document.querySelector(".problems");
    if (summary && [...summary.querySelectorAll("a")].every(isSettled)) summary.remove();
    if (document.activeElement === document.body && part && part.isConnected) part.focus({ preventScroll: true });
    form.dispatchEvent(new Event("change")); // the card form asks for the amount again
  });
  document.addEventListener("htmx:error", () => { told.textContent = form.dataset.offline; told.className = "notice error"; });
  document.addEventListener("htmx:after:request", () => { told.className = "away"; });
})();
