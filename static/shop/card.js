/* Stripe's card form in a page of ours. Without this script, or where Stripe's own cannot be loaded, the same form
   goes out without a card, and the shop leads to Stripe's hosted page. */
"use strict";
(() => {
  const PATIENCE = 15000; // milliseconds for Stripe's script to load, and for a sent form to be answered
  const box = document.querySelector("[data-card-form]");
  if (!box) return;
  const form = box.closest("form");
  const [note, problem] = [box.querySelector("[role=status]"), box.querySelector("[role=alert]")];
  const [holder, card] = [box.querySelector("[data-card]"), box.querySelector("input")];
  const HOSTED = note.textContent;
  let stripe, elements; // set once the shopper can type into the card form
  let shown; // the amount that Stripe's form was told last
  let state = "idle"; // idle, checking (the card), passing (the form, by our own hand), sent

  const amount = () => {
    const method = form.querySelector("[name=shipping_method]:checked");
    return Number(method ? method.dataset.amount : box.dataset.amount);
  };
  const say = (text) => { note.textContent = text; note.hidden = !text; };
  const complain = (text) => { problem.textContent = text; problem.hidden = !text; };

  // --- the card form ---
  function load() {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = box.dataset.script;
      script.onload = () => (window.Stripe ? resolve(window.Stripe) : reject());
      script.onerror = reject;
      setTimeout(reject, PATIENCE);
      document.head.append(script);
    });
  }
  function mount(Stripe) {
    return new Promise((resolve, reject) => {
      const client = Stripe(box.dataset.key, { locale: document.documentElement.lang || "auto" });
      const dark = matchMedia("(prefers-color-scheme: dark)").matches;
      shown = amount();
      const group = client.elements({
        mode: "payment",
        amount: shown,
        currency: box.dataset.currency,
        paymentMethodCreation: "manual",
        appearance: { theme: dark ? "night" : "stripe" },
      });
      const element = group.create("payment");
      element.on("ready", () => resolve([client, group]));
      element.on("loaderror", reject);
      setTimeout(reject, PATIENCE);
      element.mount(holder);
    });
  }
  async function start() {
    if (!amount()) return;
    say(box.dataset.loading);
    try {
      [stripe, elements] = await mount(await load());
      follow();
      say("");
    } catch {
      holder.replaceChildren();
      say(`${box.dataset.notLoaded} ${HOSTED}`);
    }
  }
  function keep() {
    const other = document.createElement("button");
    other.type = "button";
    other.className = "button plain";
    other.textContent = box.dataset.another;
    other.addEventListener("click", () => { card.value = ""; other.remove(); start(); });
    say(box.dataset.kept);
    holder.append(other);
  }
  function follow() {
    if (!elements || !amount() || amount() === shown) return;
    shown = amount();
    elements.update({ amount: shown });
  }
  form.addEventListener("change", follow);

  // --- the button that pays ---
  async function check() {
    const { error } = await elements.submit();
    if (error) return error;
    const made = await stripe.createPaymentMethod({ elements });
    if (!made.error) card.value = made.paymentMethod.id;
    return made.error;
  }
  function label(button, text) {
    const words = [...button.childNodes];
    button.replaceChildren(text);
    button.setAttribute("aria-disabled", "true");
    return () => {
      if (button.textContent === text) button.replaceChildren(...words); // else the button tells a newer total
      button.removeAttribute("aria-disabled");
      state = "idle";
    };
  }
  async function checkThenPay(button) {
    const free = label(button, box.dataset.checking);
    state = "checking";
    complain("");
    let error;
    try {
      error = await check();
    } catch {
      error = { message: box.dataset.unchecked };
    }
    free();
    if (error) {
      complain(error.message);
      box.scrollIntoView({ block: "center" });
      return;
    }
    state = "passing";
    form.requestSubmit(button);
  }
  let wait;
  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button || !button.hasAttribute("data-pays")) return;
    if (state === "checking" || state === "sent") { event.preventDefault(); return; }
    const typed = elements && !card.value && form.querySelector("[name=provider]:checked")?.value === "stripe";
    if (state === "idle" && typed) { event.preventDefault(); checkThenPay(button); return; }
    state = "sent"; // once: a second press waits for the answer to the first
    const free = label(button, box.dataset.sending);
    wait = [setTimeout(free, PATIENCE), free];
  });
  addEventListener("pageshow", (event) => {
    if (!event.persisted || !wait) return;
    clearTimeout(wait[0]);
    wait[1]();
    card.value = "";
  });

  if (card.value) keep(); else start();
})();
