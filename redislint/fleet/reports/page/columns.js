// The columns that several tables have.

function targetColumn(of) {
  return { id: "target", title: "Target", value: (row) => of(row).entry, cell: (row) => targetCell(of(row)) };
}

function targetCell(target) {
  return [targetLink(target), target.target !== target.entry
    && el("span", { class: "sub" }, target.target)];
}

function groupColumn(of) {
  const { by } = route;
  return {
    id: "group",
    title: PROPERTIES[by] ? capital(PROPERTIES[by][0]) : by,
    value: (row) => groupOf(of(row), by) || null,
    cell: (row) => groupOf(of(row), by) || el("span", { class: "quiet" }, "none"),
  };
}

function capital(text) {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function environmentColumn(of) {
  return {
    id: "environment",
    title: "Environment",
    value: (row) => of(row).environment || null,
    cell: (row) => of(row).environment || el("span", { class: "quiet" }, "none"),
  };
}

function numberColumn(id, title, value, kind) {
  return {
    id, title, number: true, first: "desc", value,
    cell: (row) => {
      const number = value(row);
      if (number === null) return unknownMark();
      return number ? el("span", { class: kind || null }, whole(number)) : el("span", { class: "zero" }, "0");
    },
  };
}

// A score never stands without the share of rules that could be decided.
function scoreColumn(of) {
  return {
    id: "score", title: "Score and coverage", number: true, kind: "scored",
    value: (row) => of(row).score,
    cell: (row) => scoreCell(of(row)),
  };
}

function scoreCell({ score: value, coverage }) {
  if (value === null) return unknownMark();
  return [el("span", { class: "score" }, score(value)), " ",
    el("span", { class: "sub" }, `${percent(coverage)} seen`)];
}

function severityColumn() {
  return {
    id: "severity", title: "Severity",
    value: (row) => rank(row.severity),
    cell: (row) => severityMark(row.severity),
  };
}

function ruleColumn() {
  return {
    id: "rule", title: "Rule",
    value: (row) => row.rule,
    cell: (row) => ruleLink(row.rule, row.name),
  };
}

function messageColumn() {
  return {
    id: "message", title: "Finding", kind: "message",
    value: (row) => row.message,
    cell: (row) => row.message || row.name,
  };
}

function pastColumns() {
  return [
    {
      id: "state", title: "State",
      value: (row) => row.state || null,
      cell: (row) => stateMark(row.state),
    },
    {
      id: "since", title: "Since", first: "asc",
      value: (row) => (row.past ? row.past[1] : null),
      cell: (row) => (row.past ? moment(row.past[1]) : ""),
    },
  ];
}

function lossColumns(of) {
  const loss = (id, title, value) => ({
    id, title, number: true, first: "desc",
    value: (row) => length(value(of(row))),
    cell: (row) => durationCell(value(of(row))),
  });
  return [
    loss("process", "Lost when the process dies", (one) => one.loss_window_s.process_crash),
    loss("host", "Lost when the host dies", (one) => one.loss_window_s.host_crash),
    loss("restart", "Time to restart", (one) => one.restart_s),
  ];
}

function durationCell(value) {
  if (value === null) return unknownMark();
  return typeof value === "number" ? duration(value) : el("span", { class: "unbounded" }, value);
}
