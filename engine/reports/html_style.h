// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <string_view>

namespace steploom {

// Neither holds "<" or "&": the page is well-formed XML as well.

/// The colours are the window's (app/widgets/theme.cc): heavy and light, third and fourth of the Okabe-Ito
/// set.
inline constexpr std::string_view kReportStyle = R"css(
:root { color-scheme: light dark; --background: #F4F6F8; --card: #FFFFFF; --line: #E2E6EC; --ink: #1B2430;
  --dim: #667085; --member-0: #2B5FB3; --member-1: #E69F00; --member-2: #009E73; --member-3: #CC79A7;
  --masked: #D5DAE1; --heat: #B33A3A; --good: #2E7D5B; }
@media (prefers-color-scheme: dark) { :root { --background: #13161B; --card: #1B1F26; --line: #2B313B;
  --ink: #E6EAF0; --dim: #98A2B3; --member-0: #6C9BEB; --member-1: #F0B429; --masked: #343B47; --heat: #E07070;
  --good: #58B88C; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 40px 24px; max-width: 1120px; background: var(--background); color: var(--ink);
  font: 14px/1.55 Inter, system-ui, sans-serif; font-variant-numeric: tabular-nums; }
h1 { font-size: 26px; line-height: 1.25; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 17px; margin: 0 0 12px; } h3 { font-size: 13px; margin: 20px 0 8px; color: var(--dim); }
h4 { font-size: 13px; margin: 0 0 4px; }
p { margin: 0 0 12px; max-width: 78ch; white-space: pre-line; overflow-wrap: anywhere; }
.dim { color: var(--dim); } p.dim { font-size: 12.5px; }
nav ol { display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 16px 0 0; padding: 0; list-style: none; }
a { color: var(--member-0); text-decoration: none; } a:hover, a:focus { text-decoration: underline; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 20px 24px;
  margin: 16px 0; }
.wide { overflow-x: auto; margin: 0 0 16px; }
table { border-collapse: collapse; width: 100%; font-size: 13px; }
caption { text-align: left; font-weight: 600; padding: 0 0 6px; }
th, td { padding: 6px 14px 6px 0; text-align: left; border-bottom: 1px solid var(--line); vertical-align: top; }
th { font-weight: 500; } thead th { color: var(--dim); vertical-align: bottom; }
tbody th { min-width: 150px; } td { min-width: 72px; max-width: 420px; overflow-wrap: anywhere; }
tbody tr:last-child th, tbody tr:last-child td { border-bottom: 0; }
.number { text-align: right; } td.number { white-space: nowrap; }
[aria-sort="ascending"]::after { content: " \2191"; } [aria-sort="descending"]::after { content: " \2193"; }
.sorts { cursor: pointer; }
figure { margin: 0 0 20px; } figcaption { color: var(--dim); font-size: 12.5px; margin: 6px 0 0; max-width: 78ch; }
svg { display: block; width: 100%; max-width: 860px; height: auto; }
.ink { color: var(--ink); } svg .dim { color: var(--dim); } svg .line { color: var(--line); }
svg .card { color: var(--card); } svg .member-0 { color: var(--member-0); } svg .member-1 { color: var(--member-1); }
svg .member-2 { color: var(--member-2); } svg .member-3 { color: var(--member-3); }
svg .masked { color: var(--masked); } svg .heat { color: var(--heat); } svg .good { color: var(--good); }
.code { margin: 0 0 16px; } .code h3 { margin-top: 0; }
pre { margin: 0; padding: 12px 14px; border: 1px solid var(--line); border-radius: 6px; white-space: pre-wrap;
  overflow-wrap: anywhere; font: 12px/1.5 ui-monospace, SFMono-Regular, monospace; background: var(--background); }
.texts { display: grid; gap: 12px; grid-template-columns: repeat(auto-fit, minmax(280px, 1fr)); }
.texts article { border: 1px solid var(--line); border-radius: 6px; padding: 10px 14px; min-width: 0; }
.sample { white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: isolate; }
.sample bdi { unicode-bidi: isolate; }
@page { size: A4; margin: 16mm 14mm; }
@media print {
  :root { color-scheme: light; --background: #FFFFFF; --card: #FFFFFF; --line: #C9CFD8; --ink: #000000; --dim: #4A5360;
    --member-0: #2B5FB3; --member-1: #E69F00; --masked: #D5DAE1; --heat: #B33A3A; --good: #2E7D5B; }
  body { padding: 0; max-width: none; font-size: 10pt; }
  nav { display: none; }
  section { border: 0; border-radius: 0; padding: 0; margin: 0 0 14pt; }
  h2, h3, h4, caption { break-after: avoid; }
  .wide { overflow: visible; break-inside: avoid; }
  table { font-size: 7.5pt; } th, td { padding: 2pt 6pt 2pt 0; }
  tbody th { min-width: 44pt; } td { min-width: 30pt; }
  thead { display: table-header-group; } tr, figure, article { break-inside: avoid; }
  td.number { white-space: normal; } pre { font-size: 7.5pt; }
}
)css";

/// Sorts a table by a column: numbers with their units by size, all else as text.
inline constexpr std::string_view kReportScript = R"js(
"use strict";
(function () {
  const powers = " kMGTPE";
  function size(text) {
    const time = /^(?:(\d+) h ?)?(?:(\d+) min ?)?(?:([\d.]+) s)?$/.exec(text);
    if (text !== "" ? time : false)
      return (time[1] || 0) * 3600 + (time[2] || 0) * 60 + Number(time[3] || 0);
    const number = /^-?[\d.]+(?:e[+-]?\d+)?/.exec(text);
    if (!number)
      return NaN;
    const unit = /^ ?([kMGTPE])(?:FLOP|B)?/.exec(text.slice(number[0].length));
    return Number(number[0]) * Math.pow(1000, unit ? powers.indexOf(unit[1]) : 0);
  }
  function order(a, b, direction) {
    const x = size(a), y = size(b);
    if (isNaN(x) || isNaN(y))
      return isNaN(x) ? (isNaN(y) ? direction * a.localeCompare(b) : 1) : -1;
    return direction * (x - y);
  }
  document.querySelectorAll("table").forEach(function (table) {
    const body = table.tBodies[0], headings = Array.from(table.tHead.rows[0].cells);
    headings.forEach(function (heading, column) {
      heading.tabIndex = 0;
      heading.className += " sorts";
      heading.title = "Sort by this column";
      function sort() {
        const direction = heading.getAttribute("aria-sort") === "ascending" ? -1 : 1;
        headings.forEach(function (other) { other.removeAttribute("aria-sort"); });
        heading.setAttribute("aria-sort", direction === 1 ? "ascending" : "descending");
        Array.from(body.rows).sort(function (a, b) {
          return order(a.cells[column].textContent, b.cells[column].textContent, direction);
        }).forEach(function (row) { body.appendChild(row); });
      }
      heading.addEventListener("click", sort);
      heading.addEventListener("keydown", function (event) {
        if (event.key === "Enter" || event.key === " ") {
          event.preventDefault();
          sort();
        }
      });
    });
  });
})();
)js";

} // namespace steploom
