"use strict";
// Tables of class "sort": a click on a column's heading, or Enter there, sorts by it, a second one the other way round.
for (const table of document.querySelectorAll("table.sort")) {
  const heads = [...table.tHead.rows[0].cells], body = table.tBodies[0];
  const keyOf = (row, i) => { const c = row.cells[i]; return c.dataset.v === undefined ? c.textContent : Number(c.dataset.v); };
  const compare = (a, b) => typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
  const sort = (i) => {
    const up = heads[i].getAttribute("aria-sort") !== "ascending";
    for (const h of heads) h.removeAttribute("aria-sort");
    heads[i].setAttribute("aria-sort", up ? "ascending" : "descending");
    const rows = [...body.rows].map((row) => [keyOf(row, i), row]);
    rows.sort((a, b) => (up ? 1 : -1) * compare(a[0], b[0]));
    body.append(...rows.map((r) => r[1]));
  };
  heads.forEach((h, i) => {
    h.tabIndex = 0;
    h.addEventListener("click", () => sort(i));
    h.addEventListener("keydown", (e) => { if (e.key === "Enter") sort(i); });
  });
}
document.documentElement.dataset.ready = "1";
