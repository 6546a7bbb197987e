"use strict";

// Elements. Text only ever becomes a text node: nothing of the data is parsed as HTML.

const SVG = "http://www.w3.org/2000/svg";

function el(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function svg(tag, attributes, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") {
      for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    } else {
      node.setAttribute(name, value === true ? "" : String(value));
    }
  }
  append(node, children);
  return node;
}

function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child === null || child === undefined || child === false) continue;
    node.append(child instanceof Node ? child : String(child));
  }
  return node;
}

function replace(node, ...children) {
  node.textContent = "";
  return append(node, children);
}

function byId(id) {
  return document.getElementById(id);
}

// A link to another place: only what a browser may open safely becomes one.
function outside(url) {
  if (!/^https?:\/\/\S+$/i.test(url)) return url;
  return el("a", { href: url, rel: "noopener noreferrer", target: "_blank" }, url);
}

// The Markdown that help texts are written in: paragraphs, lists, code, bold, links.
function prose(text) {
  const blocks = [];
  for (const block of String(text || "").trim().split(/\n\s*\n/)) {
    const lines = block.split("\n");
    if (lines.every((line) => /^\s{4}/.test(line)) || /^```/.test(block)) {
      const code = lines.filter((line) => !/^```/.test(line));
      blocks.push(el("pre", { tabindex: 0 }, code.join("\n")));
    } else if (/^\s*[-*] /.test(block)) {
      const items = block.split(/\n(?=\s*[-*] )/).map((item) => item.replace(/^\s*[-*] /, ""));
      blocks.push(el("ul", null, items.map((item) => el("li", null, marked(item)))));
    } else if (block) {
      blocks.push(el("p", null, marked(block)));
    }
  }
  return blocks;
}

function marked(text) {
  const parts = text.split(/(\*\*[^*]+\*\*|\*[^*\s][^*]*\*|`[^`]+`|\[[^\]]*\]\([^)\s]*\))/);
  return parts.map((part) => {
    if (part.startsWith("**") && part.length > 4) return el("strong", null, part.slice(2, -2));
    if (/^\*[^*].*\*$/s.test(part)) return el("em", null, part.slice(1, -1));
    if (part.startsWith("`") && part.length > 2) return el("code", null, part.slice(1, -1));
    const link = /^\[([^\]]*)\]\(([^)\s]*)\)$/.exec(part);
    if (!link) return part;
    if (!/^https?:\/\//i.test(link[2])) return `${link[1]} (${link[2]})`;
    return el("a", { href: link[2], rel: "noopener noreferrer", target: "_blank" }, link[1]);
  });
}
