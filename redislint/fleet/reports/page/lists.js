// Views that are one table: targets, findings, persistence, changes, unknowns, not read.

function targetsView({ targets, findings }) {
  const own = perTarget(findings);
  const counted = (index) => (row) => (row.status === "unreachable" ? null : own.get(row)?.[index] ?? 0);
  return table({
    id: "targets", caption: "Targets", rows: targets, order: "errors:desc",
    columns: [
      targetColumn((row) => row),
      {
        id: "status", title: "Status",
        value: (row) => STATUSES.indexOf(row.status), cell: (row) => statusMark(row.status),
      },
      numberColumn("errors", "Errors", counted(0), "count error"),
      numberColumn("warnings", "Warnings", counted(1)),
      numberColumn("notes", "Notes", counted(2)),
      ...(data.previous ? [numberColumn("new", "New", counted(3))] : []),
      scoreColumn((row) => row),
      numberColumn("unknown", "Facts missing",
        (row) => (row.status === "unreachable" ? null : row.unknown.length)),
      environmentColumn((row) => row),
      ...(route.by === "@environment" ? [] : [groupColumn((row) => row)]),
      {
        id: "server", title: "Server",
        value: (row) => version(row) || null, cell: (row) => version(row) || unknownMark(),
      },
      { id: "role", title: "Role", value: (row) => row.role, cell: (row) => orUnknown(row.role, String) },
    ],
  });
}

function findingsTable(rows, id, caption, columns, empty) {
  return table({
    id, caption, rows, empty, order: "severity:asc",
    columns: named(1, [severityColumn(), ...columns, messageColumn(),
      ...(data.previous || rows.some((row) => row.state) ? pastColumns() : [])]),
  });
}

function findingsView({ findings }) {
  return findingsTable(findings, "findings", "Findings",
    [targetColumn((row) => row.target), ruleColumn(), groupColumn((row) => row.target)]);
}

const MODES = [
  [/^none$/, "nothing is kept: a restart begins empty"],
  [/^rdb$/, "snapshots: what came after the last finished one is lost"],
  [/-no/, "append-only file, written to disk when the kernel does"],
  [/-everysec/, "append-only file, on disk every second"],
  [/-always/, "append-only file, on disk before the answer"],
  [/^managed-snapshot/, "snapshots that the service takes"],
  [/^managed/, "a log that the service keeps"],
];

function modeMeaning(mode) {
  const found = MODES.find(([pattern]) => pattern.test(mode));
  const meaning = found ? found[1] : "";
  return mode.startsWith("hybrid") ? meaning.replace("file,", "file that begins with a snapshot,") : meaning;
}

function persistenceView({ targets }) {
  const rows = targets.filter((target) => target.status !== "unreachable");
  const read = (row) => row.persistence;
  const none = { loss_window_s: { process_crash: null, host_crash: null }, restart_s: null };
  return [
    section("By mode", modesTable(rows)),
    section("By target", table({
      id: "persistence", caption: "Persistence of each target", rows, order: "host:desc",
      columns: [
        targetColumn((row) => row),
        {
          id: "mode", title: "Mode",
          value: (row) => (read(row) ? read(row).mode : null),
          cell: (row) => orUnknown(read(row), (one) => el("code", null, one.mode)),
        },
        ...lossColumns((row) => read(row) || none),
        { id: "rpo", title: "Declared RPO", cell: (row) => row.rpo || el("span", { class: "quiet" }, "none") },
        { id: "rto", title: "Declared RTO", cell: (row) => row.rto || el("span", { class: "quiet" }, "none") },
        { id: "workload", title: "Workload", value: (row) => row.workload.join(" ") || null, cell: (row) => row.workload.join(", ") },
        { id: "role", title: "Role", value: (row) => row.role, cell: (row) => orUnknown(row.role, String) },
        groupColumn((row) => row),
      ],
    })),
    el("p", { class: "quiet" }, "Losses are what the settings are made for; a slow disk or a long save"
      + " makes them longer. The time to restart is the upper end of an estimate. Unbounded: no setting"
      + " limits it. Unknown: too little was read. A replica or a backup may hold what was lost."),
  ];
}

function modesTable(targets) {
  const modes = new Map();
  for (const target of targets) {
    const mode = target.persistence ? target.persistence.mode : null;
    if (!modes.has(mode)) modes.set(mode, []);
    if (target.persistence) modes.get(mode).push(target.persistence);
    else modes.get(mode).push(null);
  }
  const range = (id, title, value) => ({
    id, title, number: true, cell: ([mode, own]) => (mode === null ? unknownMark() : spread(own.map(value))),
  });
  return table({
    id: "modes", caption: "Persistence modes", rows: [...modes], order: "targets:desc", limit: 50,
    columns: [
      {
        id: "mode", title: "Mode", value: ([mode]) => mode,
        cell: ([mode]) => (mode === null ? unknownMark() : link("persistence", [], { by: "@mode", group: mode }, el("code", null, mode))),
      },
      { id: "meaning", title: "What it means", kind: "message", cell: ([mode]) => (mode === null ? "it could not be read" : modeMeaning(mode)) },
      numberColumn("targets", "Targets", ([, own]) => own.length),
      range("process", "Lost when the process dies", (one) => one.loss_window_s.process_crash),
      range("host", "Lost when the host dies", (one) => one.loss_window_s.host_crash),
      range("restart", "Time to restart", (one) => one.restart_s),
    ],
  });
}

// The least and the most of some durations, and how many are unknown.
function spread(values) {
  const known = values.filter((value) => value !== null).sort((a, b) => length(a) - length(b));
  const missing = values.length - known.length;
  if (!known.length) return unknownMark();
  const [least, most] = [known[0], known[known.length - 1]];
  const same = duration(least) === duration(most);
  return [same ? durationCell(least) : `${duration(least)} to ${duration(most)}`,
    missing > 0 && el("span", { class: "sub" }, `${whole(missing)} unknown`)];
}

function changesView({ findings }) {
  if (!data.previous) return el("p", { class: "empty" }, "There is no earlier run to compare with.");
  const columns = () => [targetColumn((row) => row.target), ruleColumn()];
  const since = minute(data.previous.started);
  return [
    section("New", findingsTable(findings.filter((one) => one.state === "new"), "new",
      `New since ${since}`, columns(), "Nothing new with these filters.")),
    section("Fixed", table({
      id: "fixed", caption: `Fixed since ${since}`, rows: fixedOnes(route), order: "severity:asc",
      columns: named(1, [
        severityColumn(),
        { id: "target", title: "Target", value: (row) => row.entry, cell: (row) => (row.about ? targetCell(row.about) : row.entry) },
        ruleColumn(), messageColumn(),
        { id: "first", title: "First seen", value: (row) => row.first_seen, cell: (row) => moment(row.first_seen) },
        { id: "last", title: "Last seen", value: (row) => row.last_seen, cell: (row) => moment(row.last_seen) },
      ]),
      empty: "Nothing fixed with these filters.",
    })),
    section("Flapping", findingsTable(findings.filter((one) => one.state === "flapping"), "flapping",
      "Findings that come and go", columns(), "Nothing flaps with these filters.")),
  ];
}
