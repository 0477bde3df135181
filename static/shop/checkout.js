/* The checkout while it is filled in: the fields of another country in place, and hints at slips of the finger.
   Without this script a button beside the country does the first, and any button of the page the second. */
"use strict";
(() => {
  // --- another country, other fields ---
  const wanted = (select, value) =>
    [...select.options].find((option) => [option.value, option.text].some((text) => text.toLowerCase() === value.toLowerCase()));

  function follow(box) {
    const [select, button, said] = [box.querySelector("select"), box.querySelector("button"), box.querySelector("[data-said]")];
    const fields = box.nextElementSibling;
    const typed = new Map(); // by name, also of fields that this country has not: whoever comes back finds them
    let asked = 0;
    button.hidden = true;

    const inputs = () => [...fields.querySelectorAll("input, select")];
    function remember() {
      for (const input of inputs()) if (input.value) typed.set(input.name, input.value); else if (input.type !== "hidden") typed.delete(input.name);
    }
    function fill() {
      for (const input of inputs()) {
        const value = typed.get(input.name) || "";
        const option = value && input.options && wanted(input, value);
        if (!input.options) input.value = value; else if (option) option.selected = true;
      }
      const shown = new Set(inputs().map((input) => input.name));
      for (const [name, value] of typed) if (!shown.has(name)) carry(name, value);
    }
    function carry(name, value) {
      const input = Object.assign(document.createElement("input"), { type: "hidden", name, value });
      fields.append(input);
    }
    function put(html) {
      const active = fields.contains(document.activeElement) && document.activeElement;
      const at = active && active.selectionStart;
      remember();
      fields.innerHTML = html;
      fill();
      const again = active && document.getElementById(active.id);
      if (!again) return;
      again.focus({ preventScroll: true });
      if (at !== null && at !== undefined && again.setSelectionRange) again.setSelectionRange(at, at);
    }
    select.addEventListener("change", async () => {
      const mine = ++asked;
      try {
        const answer = await fetch(`${box.dataset.address}?country=${encodeURIComponent(select.value)}`);
        if (!answer.ok) throw new Error(answer.statusText);
        const html = await answer.text();
        if (mine !== asked) return;
        put(html);
        // Ways of shipping or their prices are others there: a button of the page that nobody sees asks for them.
        if (select.name === "shipping-country") document.getElementById("other-country")?.click();
        said.textContent = said.dataset.said.replace("{country}", () => select.selectedOptions[0].text);
      } catch {
        if (mine === asked) button.hidden = false; // the way without a script
      }
    });
    // Chosen before this script was there, or put back by the browser on the way back.
    const shown = [...select.options].find((option) => option.defaultSelected) || select.options[0];
    if (select.selectedOptions[0] !== shown) select.dispatchEvent(new Event("change"));
  }
  document.querySelectorAll("[data-address]").forEach(follow);

  // --- hints, which stand in nobody's way ---
  const form = document.querySelector("form[data-hints]");
  const contact = { email: form.elements.email, phone: form.elements.phone };
  function describe(input, has) {
    const id = `${input.id}_doubt`;
    const ids = (input.getAttribute("aria-describedby") || "").split(" ").filter((other) => other && other !== id);
    input.setAttribute("aria-describedby", [...ids, ...(has ? [id] : [])].join(" "));
  }
  async function hint() {
    const body = new URLSearchParams({ country: form.elements["shipping-country"].value });
    for (const [name, input] of Object.entries(contact)) body.set(name, input.value);
    try {
      const answer = await fetch(form.dataset.hints, { method: "POST", body });
      if (!answer.ok) return;
      for (const [name, html] of Object.entries(await answer.json())) {
        const place = contact[name] && contact[name].closest(".field").querySelector(".doubt");
        if (!place || place.innerHTML.trim() === html) continue;
        place.innerHTML = html;
        describe(contact[name], html);
      }
    } catch { /* it is only a hint */ }
  }
  for (const input of [...Object.values(contact), form.elements["shipping-country"]]) input.addEventListener("change", hint);
  form.addEventListener("click", (event) => {
    const button = event.target.closest("[data-meant]");
    if (!button) return;
    event.preventDefault();
    contact.email.value = button.dataset.meant;
    contact.email.focus();
    hint();
  });
})();
