// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/cli/html.h"

#include "engine/core/html_text.h"

#include <fmt/format.h>

#include <algorithm>

namespace steploom::cli {

namespace {

// The colours of the window: heavy, light, third and fourth from the colour-blind-safe Okabe-Ito set.
constexpr std::string_view kStyle = R"css(
:root { color-scheme: light dark; --background: #F4F6F8; --card: #FFFFFF; --line: #E2E6EC; --ink: #1B2430;
  --dim: #667085; --member-0: #2B5FB3; --member-1: #E69F00; --member-2: #009E73; --member-3: #CC79A7; }
@media (prefers-color-scheme: dark) { :root { --background: #13161B; --card: #1B1F26; --line: #2B313B; --ink: #E6EAF0;
  --dim: #98A2B3; --member-0: #6C9BEB; --member-1: #F0B429; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 32px 24px; max-width: 1120px; background: var(--background); color: var(--ink);
  font: 14px/1.5 Inter, system-ui, sans-serif; font-variant-numeric: tabular-nums; }
h1 { font-size: 24px; margin: 0 0 4px; } h2 { font-size: 16px; margin: 0 0 12px; }
p { margin: 0 0 12px; } .dim { color: var(--dim); }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 16px 20px;
  margin: 16px 0; overflow-x: auto; }
table { border-collapse: collapse; width: 100%; } th, td { padding: 6px 12px 6px 0; text-align: right;
  border-bottom: 1px solid var(--line); white-space: nowrap; vertical-align: top; }
th { color: var(--dim); font-weight: 500; } tr:last-child td { border-bottom: 0; } .left { text-align: left; }
.wrap { white-space: normal; overflow-wrap: anywhere; }
pre { margin: 0 0 12px; padding: 12px; border: 1px solid var(--line); border-radius: 6px; white-space: pre-wrap;
  overflow-wrap: anywhere; font: 12px/1.5 ui-monospace, monospace; }
.samples { display: grid; gap: 12px; grid-auto-flow: row; } .samples > div { min-width: 220px; white-space: pre-wrap;
  overflow-wrap: anywhere; border-top: 1px solid var(--line); padding-top: 8px; }
.samples > .head { border: 0; font-weight: 600; padding: 0; }
svg { display: block; max-width: 100%; } svg text { fill: var(--ink); font-size: 12px; } svg .dim { fill: var(--dim); }
@media print { body { background: none; padding: 0; } section { break-inside: avoid; } }
)css";

} // namespace

std::string escaped(std::string_view text) { return escapedHtml(text); }

std::string htmlDocument(std::string_view title, std::string_view body) {
    return fmt::format("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                       "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                       "<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n{}</body>\n</html>\n",
                       escaped(title), kStyle, body);
}

std::string memberColour(int index) { return fmt::format("var(--member-{})", std::clamp(index, 0, 3)); }

} // namespace steploom::cli
