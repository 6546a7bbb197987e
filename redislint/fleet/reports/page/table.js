// Tables: sorted by a button in each heading, a page of rows at a time.

const ROWS = 100;
const PRINTED_ROWS = 200;

let printing = false;

// columns: {id, title, value(row) for sorting, cell(row) for showing, number, first: "desc"}.
// The order stands in the address as TABLE:COLUMN:DIRECTION, the page as TABLE:NUMBER.
function table(options) {
  const { id, caption, columns, rows, empty } = options;
  if (!rows.length) return el("p", { class: "empty" }, empty || "Nothing to show with these filters.");
  const [column, direction] = orderOf(options);
  const sorted = column ? ordered(rows, column, direction) : rows;
  const limit = options.limit || (printing ? PRINTED_ROWS : ROWS);
  const pages = Math.ceil(sorted.length / limit);
  const [pageOf, pageText] = route.page.split(":");
  const page = pageOf === id ? Math.min(Math.max(parseInt(pageText, 10) || 1, 1), pages) : 1;
  const first = (page - 1) * limit;
  const shown = sorted.slice(first, first + limit);
  return el("div", { class: "tabled", id: printing ? null : `table-${id}` },
    el("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": caption },
      el("table", { "aria-rowcount": rows.length + 1 },
        el("caption", null, caption, el("span", { class: "quiet" }, ", ", extent(first, shown, rows))),
        el("thead", null, el("tr", { "aria-rowindex": 1 },
          columns.map((one) => heading(options, one, one === column ? direction : "")))),
        el("tbody", null, shown.map((row, index) => line(columns, row, first + index + 2))))),
    pages > 1 && !options.whole && !printing && pager(id, page, pages, caption));
}

function extent(first, shown, rows) {
  if (shown.length === rows.length) return count(rows.length, "row");
  return `rows ${whole(first + 1)} to ${whole(first + shown.length)} of ${whole(rows.length)}`;
}

function orderOf({ id, columns, order }) {
  const [tableId, columnId, direction] = route.sort.split(":");
  const wanted = tableId === id ? [columnId, direction] : (order || "").split(":");
  const column = columns.find((one) => one.id === wanted[0] && one.value);
  return [column, wanted[1] === "desc" ? "desc" : "asc"];
}

// Unknown values (null) come last whatever the direction; equal ones stay as they were.
function ordered(rows, column, direction) {
  const sign = direction === "desc" ? -1 : 1;
  const keyed = rows.map((row) => {
    const value = column.value(row);
    return [typeof value === "string" ? value.toLowerCase() : value, row];
  });
  keyed.sort(([a], [b]) => {
    if (a === null || b === null) return (a === null) - (b === null);
    return a < b ? -sign : a > b ? sign : 0;
  });
  return keyed.map(([, row]) => row);
}

function heading({ id, whole: printed }, column, direction) {
  const attributes = { scope: "col", class: column.number && "num" };
  if (!column.value || printed || printing) return el("th", attributes, column.title);
  const next = direction ? (direction === "asc" ? "desc" : "asc") : column.first || "asc";
  const button = el("button", {
    type: "button",
    id: `sort-${id}-${column.id}`,
    on: {
      click: (event) => {
        const { id: focused } = event.currentTarget;
        change({ sort: `${id}:${column.id}:${next}` });
        byId(focused)?.focus();
        announce(`Sorted by ${column.title}, ${next === "asc" ? "ascending" : "descending"}.`);
      },
    },
  }, column.title, el("span", { class: "arrow", "aria-hidden": "true" }));
  const sort = direction && (direction === "asc" ? "ascending" : "descending");
  return el("th", { ...attributes, "aria-sort": sort || "none" }, button);
}

function line(columns, row, index) {
  return el("tr", { "aria-rowindex": index }, columns.map((column, place) => {
    const attributes = { class: [column.number && "num", column.kind].filter(Boolean).join(" ") || null };
    return place === (columns.head || 0)
      ? el("th", { scope: "row", ...attributes }, column.cell(row))
      : el("td", attributes, column.cell(row));
  }));
}

function pager(id, page, pages, caption) {
  const step = (number, text) => {
    if (number < 1 || number > pages) return el("span", { class: "step" }, text); // keeps its room
    const place = { sort: route.sort, page: `${id}:${number}` };
    return el("a", {
      class: "step",
      href: href(route.view, route.args, place),
      "aria-label": `${text} page of ${caption}`,
    }, text);
  };
  return el("nav", { class: "pager", "aria-label": `Pages of ${caption}` },
    step(page > 2 ? 1 : 0, "First"),
    step(page - 1, "Previous"),
    el("span", { class: "quiet" }, `Page ${whole(page)} of ${whole(pages)}`),
    step(page + 1, "Next"),
    step(page < pages - 1 ? pages : pages + 1, "Last"));
}
