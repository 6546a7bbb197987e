// Numbers, times and states in words.

const SEVERITIES = ["error", "warning", "info"];
const SEVERITY_NAMES = { error: "errors", warning: "warnings", info: "notes" };
const STATUSES = ["audited", "partial", "unreachable"];
const STATUS_NAMES = { audited: "audited", partial: "partly audited", unreachable: "unreachable" };

const thousands = new Intl.NumberFormat("en");

function whole(number) {
  return thousands.format(number);
}

function count(number, noun, plural) {
  return `${whole(number)} ${number === 1 ? noun : plural || `${noun}s`}`;
}

// Rounded, but what is not all is never said to be all.
function percent(share) {
  if (share === null) return "unknown";
  return `${share < 1 ? Math.min(99, Math.round(share * 100)) : 100} %`;
}

function score(value) {
  if (value === null) return "unknown";
  return (value < 100 ? Math.min(99.9, value) : 100).toFixed(1);
}

// Seconds as a person would say them; "unbounded" and null (unknown) as they are.
function duration(value) {
  if (value === null || value === undefined) return "unknown";
  if (typeof value !== "number") return String(value);
  if (value < 1 && value > 0) return `${Math.round(value * 1000)} ms`;
  for (const [size, unit] of [[86400, "d"], [3600, "h"], [60, "min"]]) {
    if (value >= 2 * size) {
      const short = value / size;
      return `${short < 10 ? Math.round(short * 10) / 10 : Math.round(short)} ${unit}`;
    }
  }
  return `${Math.round(value * 10) / 10} s`;
}

// What a duration sorts by: unbounded is more than any number; unknown has no place.
function length(value) {
  return typeof value === "number" ? value : value === null ? null : Infinity;
}

function day(time) {
  return time ? time.slice(0, 10) : "";
}

function minute(time) {
  return time ? `${time.slice(0, 10)} ${time.slice(11, 16)} UTC` : "";
}

// How long before the run a time was, in days: the page is read later than it is made.
function age(time) {
  const days = Math.floor((Date.parse(data.run.started) - Date.parse(time)) / 864e5);
  if (!Number.isFinite(days) || days < 0) return "";
  return days === 0 ? "today" : count(days, "day");
}

function moment(time) {
  const ago = age(time);
  return el("time", { datetime: time, title: time }, day(time), ago ? ` (${ago})` : "");
}

function severityMark(severity) {
  return el("span", { class: `sev ${severity}` }, severity);
}

function statusMark(status) {
  return el("span", { class: `mark ${status}` }, STATUS_NAMES[status]);
}

function stateMark(state) {
  return state ? el("span", { class: `mark ${state}` }, state) : "";
}

function unknownMark() {
  return el("span", { class: "unknown" }, "unknown");
}

function orUnknown(value, shown) {
  return value === null || value === undefined ? unknownMark() : shown(value);
}
