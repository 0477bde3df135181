/* Numbers for many parcels: a scanner's Enter leads to the next, and a column copied from a sheet fills the rows from
   here on, when it has one for each: else a row left out in the sheet would put numbers on the wrong orders. Without scripts Enter does nothing, and each is pasted by itself. */
"use strict";
(() => {
  const numbers = [...document.querySelectorAll(".parcel-number input")];
  const after = (input) => numbers.slice(numbers.indexOf(input));
  const refused = (copied, fields) =>
    `${copied} numbers were copied, and there ${fields === 1 ? "is 1 field" : `are ${fields} fields`} from here on: ` +
    "nothing was filled in.";
  const told = document.querySelector(".parcels-told");
  for (const input of numbers) {
    input.addEventListener("keydown", (event) => {
      if (event.key === "Enter") after(input)[1]?.focus();
    });
    input.addEventListener("paste", (event) => {
      const lines = event.clipboardData.getData("text").replace(/(\r\n|\r|\n)$/, "").split(/\r\n|\r|\n/);
      if (lines.length < 2) return;
      event.preventDefault();
      const filled = after(input);
      told.textContent = filled.length === lines.length ? "" : refused(lines.length, filled.length);
      if (told.textContent) return;
      filled.forEach((each, place) => { each.value = lines[place].trim(); });
      filled.at(-1).focus();
    });
  }
})();
