// The trend over runs as lines: told apart by dash and label, not by colour alone, each with
// its numbers in a table.

const WIDTH = 560;
const HEIGHT = 170;
const EDGE = { left: 44, right: 84, top: 12, bottom: 24 };

// series: {name, kind, values}; null values leave a gap. `top` fixes the end of the scale.
function chart(title, points, series, top) {
  const most = top || niceTop(Math.max(1, ...series.flatMap((one) => one.values.map((v) => v || 0))));
  const x = (index) => EDGE.left
    + (points.length < 2 ? 0 : index / (points.length - 1)) * (WIDTH - EDGE.left - EDGE.right);
  const y = (value) => HEIGHT - EDGE.bottom - value / most * (HEIGHT - EDGE.top - EDGE.bottom);
  const ticks = [0, most / 2, most];
  return el("figure", { class: "chart" },
    el("figcaption", null, title),
    svg("svg", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": spoken(title, points, series) },
      ticks.map((value) => [
        svg("line", { class: "grid", x1: EDGE.left, x2: WIDTH - EDGE.right, y1: y(value), y2: y(value) }),
        svg("text", { class: "tick", x: EDGE.left - 6, y: y(value) + 4, "text-anchor": "end" }, whole(value)),
      ]),
      svg("text", { class: "tick", x: EDGE.left, y: HEIGHT - 6 }, day(points[0].started)),
      svg("text", { class: "tick", x: WIDTH - EDGE.right, y: HEIGHT - 6, "text-anchor": "end" },
        day(points[points.length - 1].started)),
      series.map((one) => path(one, points, x, y)),
      labels(series, x(points.length - 1), y)));
}

function path({ name, kind, values }, points, x, y) {
  let text = "";
  let pen = "M";
  values.forEach((value, index) => {
    if (value === null) {
      pen = "M";
      return;
    }
    text += `${pen}${x(index).toFixed(1)} ${y(value).toFixed(1)}`;
    pen = "L";
  });
  const dots = values.map((value, index) => value !== null && svg("circle",
    { class: `dot ${kind}`, cx: x(index), cy: y(value), r: points.length > 40 ? 1.5 : 3 },
    svg("title", null, `${minute(points[index].started)}: ${name} ${whole(value)}`)));
  return [svg("path", { class: `trace ${kind}`, d: text }), dots];
}

// Names at the ends of the lines, moved apart where they would cover each other.
function labels(series, x, y) {
  const ends = series.map((one) => ({ one, value: one.values[one.values.length - 1] }))
    .filter(({ value }) => value !== null)
    .map(({ one, value }) => ({ one, value, at: y(value) + 4 }))
    .sort((a, b) => a.at - b.at);
  ends.forEach((end, index) => {
    if (index) end.at = Math.max(end.at, ends[index - 1].at + 14);
  });
  const over = ends.length ? Math.max(0, ends[ends.length - 1].at - (HEIGHT - 8)) : 0;
  return ends.map(({ one, value, at }) => svg("text",
    { class: `label ${one.kind}`, x: x + 8, y: at - over }, `${one.name} ${whole(value)}`));
}

function niceTop(value) {
  const size = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 4, 6, 10].map((factor) => factor * size).find((top) => top >= value && top % 2 === 0)
    || 10 * size;
}

function spoken(title, points, series) {
  const told = series.map(({ name, values }) => {
    const known = values.filter((value) => value !== null);
    if (!known.length) return `${name}: unknown`;
    return `${name}: from ${whole(known[0])} to ${whole(known[known.length - 1])}`;
  });
  return `${title} over ${count(points.length, "run")}, ${told.join(", ")}. The table below has all numbers.`;
}

function trend() {
  const points = data.trend;
  if (points.length < 2) {
    return el("p", { class: "empty" },
      "There is one run so far. The trend begins with the second run of this inventory.");
  }
  const counts = (name) => points.map((one) => one.findings[name] ?? 0);
  const share = (name, by) => points.map((one) => (one[name] === null ? null : one[name] * by));
  return [
    el("div", { class: "charts" },
      chart("Open findings", points, [
        { name: "errors", kind: "error", values: counts("error") },
        { name: "warnings", kind: "warning", values: counts("warning") },
        { name: "notes", kind: "info", values: counts("info") },
      ]),
      chart("Score, and how much could be seen (percent)", points, [
        { name: "score", kind: "scores", values: share("score", 1) },
        { name: "seen", kind: "seen", values: share("coverage", 100) },
      ], 100)),
    el("details", { class: "more" },
      el("summary", null, "The trend as a table"), trendTable(points)),
  ];
}

function trendTable(points) {
  const number = (id, title, value) => ({ ...numberColumn(id, title, value), value: null });
  return table({
    id: "trend", caption: "Runs", rows: [...points].reverse(), limit: 50,
    columns: [
      { id: "run", title: "Run", cell: (one) => minute(one.started) },
      number("audited", "Audited", (one) => one.targets.audited ?? 0),
      number("partial", "Partly", (one) => one.targets.partial ?? 0),
      number("unreachable", "Unreachable", (one) => one.targets.unreachable ?? 0),
      ...SEVERITIES.map((name) => number(name, capital(SEVERITY_NAMES[name]), (one) => one.findings[name] ?? 0)),
      number("new", "New", (one) => one.new),
      number("fixed", "Fixed", (one) => one.fixed),
      { id: "score", title: "Score and coverage", number: true, cell: scoreCell },
    ],
  });
}
