/* Numbers for many parcels: a scanner's Enter leads to the next, and a column copied from a sheet fills the rows from
   here on. Without scripts Enter does nothing, and each is pasted by itself. */
"use strict";
(() => {
  const numbers = [...document.querySelectorAll(".parcel-number input")];
  const after = (input) => numbers.slice(numbers.indexOf(input));
  for (const input of numbers) {
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") after(input)[1]?.focus();
    });
    input.addEventListener("paste", (event) => {
      const lines = event.clipboardData.getData("text").trim().split(/\r\n|\r|\n/);
      if (lines.length < 2) return;
      event.preventDefault();
      const filled = after(input).slice(0, lines.length);
      filled.forEach((each, place) => { each.value = lines[place].trim(); });
      filled.at(-1).focus();
    });
  }
})();
