// Filters: what of the data a view shows, and what that comes to.

const PROPERTIES = {
  "@environment": ["environment", (target) => target.environment],
  "@workload": ["workload", (target) => target.workload.join(", ")],
  "@version": ["server version", version],
  "@role": ["role", (target) => target.role || ""],
  "@mode": ["persistence mode", (target) => target.persistence ? target.persistence.mode : ""],
  "@kind": ["kind", (target) => target.kind],
};

function groupName(by) {
  return PROPERTIES[by] ? PROPERTIES[by][0] : `tag ${by}`;
}

function groupOf(target, by) {
  if (PROPERTIES[by]) return PROPERTIES[by][1](target);
  return Object.hasOwn(target.tags, by) ? target.tags[by] : "";
}

const STATES = {
  open: (state) => state !== "waived",
  all: () => true,
  new: (state) => state === "new",
  persistent: (state) => state === "persistent",
  flapping: (state) => state === "flapping",
  waived: (state) => state === "waived",
};

let selected = { key: "" };

// The targets and findings that the filters leave. A target stays where it matches itself or
// one of its findings does; filters about findings leave only targets that have such findings.
function select(route) {
  const { q, sev, rule, state, status, env, by, group } = route;
  const key = JSON.stringify([q, sev, rule, state, status, env, by, group]);
  if (selected.key === key) return selected;
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  const ofState = STATES[state] || STATES.open;
  const strict = Boolean(sev.length || rule || !["open", "all"].includes(state));
  const targets = [];
  const findings = [];
  for (const target of data.targets) {
    if (status && target.status !== status) continue;
    if (env && (target.environment || "-") !== env) continue;
    if (group && (groupOf(target, by) || "-") !== group) continue;
    const rest = words.filter((word) => !target.text.includes(word));
    let matches = 0;
    for (const finding of target.findings) {
      if (sev.length && !sev.includes(finding.severity)) continue;
      if (rule && finding.rule !== rule) continue;
      if (!ofState(finding.state)) continue;
      if (rest.length && !says(finding, rest)) continue;
      findings.push(finding);
      matches++;
    }
    if (matches || (!strict && !rest.length)) targets.push(target);
  }
  selected = { key, targets, findings };
  return selected;
}

function says(finding, words) {
  const text = `${finding.rule} ${finding.name} ${finding.message}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

// Sums over targets and findings. Means are over those that have a value; the others count
// as not known, never as good.
function totals(targets, findings) {
  const sums = {
    targets: targets.length, scored: 0, score: null, coverage: null, fixed: 0,
    audited: 0, partial: 0, unreachable: 0, error: 0, warning: 0, info: 0,
    new: 0, persistent: 0, flapping: 0, waived: 0,
  };
  let points = 0;
  let seen = 0;
  for (const target of targets) {
    sums[target.status]++;
    if (target.score === null) continue;
    sums.scored++;
    points += target.score;
    seen += target.coverage || 0;
  }
  if (sums.scored) {
    sums.score = points / sums.scored;
    sums.coverage = seen / sums.scored;
  }
  for (const finding of findings) {
    if (finding.state) sums[finding.state]++;
    if (finding.state !== "waived") sums[finding.severity]++;
  }
  return sums;
}

// Open findings of each target by severity: [errors, warnings, notes, new].
function perTarget(findings) {
  const found = new Map();
  for (const finding of findings) {
    let own = found.get(finding.target);
    if (!own) found.set(finding.target, (own = [0, 0, 0, 0]));
    own[SEVERITIES.indexOf(finding.severity)]++;
    if (finding.state === "new") own[3]++;
  }
  return found;
}

function rank(severity) {
  return SEVERITIES.indexOf(severity);
}

// Findings that were fixed, as far as the filters say something about them.
function fixedOnes(route) {
  const { q, sev, rule, status, env, by, group } = route;
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  const known = new Map(data.targets.map((one) => [`${one.entry}\n${one.target}`, one]));
  return data.fixed.map((one) => ({ ...one, about: known.get(`${one.entry}\n${one.target}`) }))
    .filter((one) => {
      const { about } = one;
      if (sev.length && !sev.includes(one.severity)) return false;
      if (rule && one.rule !== rule) return false;
      if (status && !(about && about.status === status)) return false;
      if (env && !(about && (about.environment || "-") === env)) return false;
      if (group && !(about && (groupOf(about, by) || "-") === group)) return false;
      const text = `${about ? about.text : ""}\n${one.entry}\n${one.target}\n${one.rule} ${one.name} `;
      const whole = (text + one.message).toLowerCase();
      return words.every((word) => whole.includes(word));
    });
}
