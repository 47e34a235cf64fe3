"use strict";
// Keeps what is typed in this browser, and saves it as the table that `coralrun review import` takes.
(() => {
  const body = document.body;
  const itemsOf = (element) => [...element.querySelectorAll("li[data-cells]")];
  const items = itemsOf(document);
  const parts = [...document.querySelectorAll("[data-part]")].map((part) => [part.dataset.part, itemsOf(part)]);
  const annotator = document.getElementById("annotator");
  const done = document.getElementById("done");
  const saved = document.getElementById("saved");
  const key = "coralrun review " + body.dataset.key;
  const values = (item) => [item.querySelector(".label").value.trim(), item.querySelector(".comment").value.trim()];

  const codes = new Set([...document.querySelectorAll("#codes option")].map((option) => option.value.toLowerCase()));

  function counted(name, rows) {
    let labelled = 0;
    let unknown = 0;
    for (const item of rows) {
      const label = values(item)[0];
      const isUnknown = label !== "" && !codes.has(label.toLowerCase());
      item.classList.toggle("done", label !== "");
      item.querySelector(".unknown").hidden = !isUnknown;
      labelled += label !== "";
      unknown += isUnknown;
    }
    const said = name + ": " + labelled + " of " + rows.length + " labelled";
    return said + (unknown ? ", " + unknown + " with a label unknown here" : "");
  }

  function count() {
    done.value = parts.map(([name, rows]) => counted(name, rows)).join("; ");
  }

  function keep() {
    try {
      localStorage.setItem(key, JSON.stringify({ by: annotator.value, rows: items.map(values) }));
    } catch {
      done.value = "this browser keeps nothing: save the table before you leave";
    }
  }

  function restore() {
    let kept = null;
    try {
      kept = JSON.parse(localStorage.getItem(key));
    } catch {
      return;
    }
    if (!kept || kept.rows.length !== items.length) return;
    annotator.value = kept.by;
    items.forEach((item, at) => {
      [item.querySelector(".label").value, item.querySelector(".comment").value] = kept.rows[at];
    });
  }

  const quoted = (cell) => (/[",\r\n]/.test(cell) ? '"' + cell.replaceAll('"', '""') + '"' : cell);

  // As in coralrun's spreadsheet.py: a text that a spreadsheet would run gets an apostrophe, numbers stay.
  const runs = /^'*([\t\r\n]|[\s\u200b\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20])/;
  const number = /^[+-]?(\d+([.,]\d+)?|[.,]\d+)([eE][+-]?\d+)?$/;
  const safePart = (part) => (runs.test(part) && !number.test(part) ? "'" + part : part);
  const safe = (text) => text.split(";").map(safePart).join(";");

  function table() {
    const today = new Date().toISOString().slice(0, 10);
    const lines = [body.dataset.columns.split(",")];
    for (const item of items) {
      const [label, comment] = values(item);
      const said = label === "" ? ["", "", "", comment] : [label, annotator.value.trim(), today, comment];
      lines.push([...JSON.parse(item.dataset.cells), ...said.map(safe)]);
    }
    return lines.map((cells) => cells.map(quoted).join(",") + "\n").join("");
  }

  function save() {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([table()], { type: "text/csv;charset=utf-8" }));
    link.download = body.dataset.file;
    link.click();
    URL.revokeObjectURL(link.href);
    saved.textContent = "Saved as " + body.dataset.file + " where your browser keeps downloads. "
      + (annotator.value.trim() === "" ? "It does not say who labelled: give your name, and save it again. " : "")
      + "It is taken back with: coralrun review import RUN " + body.dataset.file;
    saved.hidden = false;
  }

  document.addEventListener("input", () => { count(); keep(); saved.hidden = true; });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.classList.contains("label")) return;
    event.preventDefault();
    const labels = items.map((item) => item.querySelector(".label"));
    (labels[labels.indexOf(event.target) + 1] || event.target).focus();
  });
  document.addEventListener("click", (event) => {
    const button = event.target.closest(".zoom");
    if (!button) return;
    const large = button.getAttribute("aria-pressed") !== "true";
    button.setAttribute("aria-pressed", String(large));
    (button.closest("li") || button).classList.toggle("large", large);
  });
  document.getElementById("save").addEventListener("click", save);
  window.reviewTable = table;
  restore();
  count();
})();
