// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/runs/player_page.h"

#include "engine/core/html_text.h"
#include "engine/core/utf8.h"
#include "engine/runs/run_json.h"

#include <fmt/format.h>

#include <cmath>

namespace steploom {

namespace {

constexpr std::string_view kStyle = R"css(
:root { color-scheme: light dark; --background: #F4F6F8; --card: #FFFFFF; --line: #E2E6EC; --ink: #1B2430;
  --dim: #667085; --masked: #D5DAE1; --0: 43 95 179; --1: 230 159 0; --2: 0 158 115; --3: 204 121 167;
  --good: 46 125 91; --heat: 179 58 58; }
@media (prefers-color-scheme: dark) { :root { --background: #13161B; --card: #1B1F26; --line: #2B313B;
  --ink: #E6EAF0; --dim: #98A2B3; --masked: #343B47; --0: 108 155 235; --1: 240 180 41; --good: 88 184 140;
  --heat: 224 112 112; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 24px; max-width: 960px; background: var(--background); color: var(--ink);
  font: 14px/1.5 Inter, system-ui, sans-serif; font-variant-numeric: tabular-nums; }
h1 { font-size: 18px; margin: 0; } p { margin: 4px 0 16px; color: var(--dim); overflow-wrap: anywhere; }
main { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 16px 20px; }
#text { font-size: 16px; line-height: 2; white-space: pre-wrap; overflow-wrap: anywhere; min-height: 6em; }
#text span { border-radius: 4px; padding: 2px 0; }
#text .masked { background: var(--masked); color: transparent; user-select: none; padding: 0; font-size: 11px; }
#text .second { text-decoration: underline; text-decoration-thickness: 1.5px; text-underline-offset: 4px; }
#text .hand { text-decoration: underline dotted; text-underline-offset: 4px; }
#text .now { outline: 1.5px solid var(--ink); }
#controls[hidden] { display: none; }
#controls { display: flex; flex-wrap: wrap; gap: 12px; align-items: center; border-top: 1px solid var(--line);
  margin-top: 16px; padding-top: 12px; color: var(--dim); }
#controls input { flex: 1 1 200px; accent-color: rgb(var(--0)); }
button, select { font: inherit; color: var(--ink); background: var(--background); border: 1px solid var(--line);
  border-radius: 6px; padding: 4px 12px; }
#legend { display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 12px 0 0; }
#legend i { display: inline-block; width: 12px; height: 12px; border-radius: 3px; margin-right: 6px; }
#legend i.scale { width: 72px; }
@media print { #controls { display: none; } }
)css";

// `data`: steps T, what one is called, members [letter, name], tokens, one row a stand: [position, text,
// from, to, member, p, entropy], in the order of the positions; to = null: to the end. A position without a
// row at a step is masked.
constexpr std::string_view kScript = R"js(
'use strict';
const data = JSON.parse(document.getElementById('data').textContent);
const text = document.getElementById('text'), scrubber = document.getElementById('scrubber');
const label = document.getElementById('step'), playButton = document.getElementById('play');
const colour = document.getElementById('colour'), speed = document.getElementById('speed');
const legend = document.getElementById('legend');
text.textContent = '';
const spans = [], stands = [];
for (const row of data.tokens) {
  while (spans.length <= row[0]) {
    spans.push(text.appendChild(document.createElement('span')));
    stands.push([]);
  }
  stands[row[0]].push(row);
}
const mostEntropy = Math.max(1e-9, ...data.tokens.map(row => row[6]));
const letter = member => member >= 0 && data.members[member] ? data.members[member][0] : '';
const tint = (name, share) => `rgb(var(--${name}) / ${0.06 + 0.48 * Math.min(1, Math.max(0, share))})`;
function background(row) {
  if (row[4] < 0) return '';
  switch (colour.value) {
    case 'step': return tint('0', row[2] / data.steps);
    case 'probability': return tint('good', row[5]);
    case 'entropy': return tint('heat', row[6] / mostEntropy);
    default: return `rgb(var(--${row[4] % 4}) / 0.2)`;
  }
}
function show(step) {
  let masked = 0, revealed = 0, member = -1;
  stands.forEach((rows, position) => {
    const span = spans[position];
    const row = rows.find(each => each[2] <= step && (each[3] === null || each[3] > step));
    span.className = '';
    span.style.background = '';
    if (!row) {
      ++masked;
      span.textContent = ' ' + '\u2007'.repeat(3 + position * 7 % 5) + ' ';
      span.className = 'masked';
      span.title = 'masked';
      return;
    }
    span.textContent = row[1];
    span.style.background = background(row);
    if (row[4] > 0 && colour.value === 'model') span.className = 'second';
    if (row[4] < 0 && row[2] >= 0) span.className = 'hand';
    if (row[4] >= 0 && row[2] === step && step < data.steps) span.classList.add('now');
    if (row[2] === step && row[4] >= 0) { ++revealed; member = row[4]; }
    span.title = row[4] < 0 ? (row[2] < 0 ? 'given' : 'written by hand') :
      `${row[2] === data.steps ? 'closing call' : data.word + ' ' + row[2]} \u00b7 ${data.members[row[4]].join(' ')}\n` +
      `probability ${row[5].toPrecision(4)}\nentropy ${row[6].toPrecision(4)} nats`;
  });
  label.textContent = [step === data.steps ? 'end' : step < 0 ? `before ${data.word} 0` : `${data.word} ${step}`, letter(member),
    revealed ? revealed + ' revealed' : '', masked + ' masked'].filter(Boolean).join(' \u00b7 ');
}
function describe() {
  const entries = colour.value === 'model'
    ? data.members.map((member, i) => [member.join(' '), `rgb(var(--${i % 4}))`, false])
    : [[{ step: `${data.word} 0 to ${data.steps}`, probability: 'probability 0 to 1',
          entropy: 'entropy 0 to ' + mostEntropy.toPrecision(3) + ' nats' }[colour.value],
        (name => `linear-gradient(to right, ${tint(name, 0)}, ${tint(name, 1)})`)(
          { step: '0', probability: 'good', entropy: 'heat' }[colour.value]), true]];
  entries.push(['masked', 'var(--masked)', false]);
  legend.replaceChildren(...entries.map(([name, background, scale]) => {
    const entry = document.createElement('span'), swatch = document.createElement('i');
    swatch.style.background = background;
    if (scale) swatch.className = 'scale';
    entry.append(swatch, name);
    return entry;
  }));
}
let timer = 0, from = 0, since = 0;
function stop() { cancelAnimationFrame(timer); timer = 0; playButton.textContent = 'Play'; }
function frame(now) {
  const step = Math.min(data.steps, Math.floor(from + (now - since) / 4000 * data.steps * Number(speed.value)));
  scrubber.value = step;
  show(step);
  if (step >= data.steps) stop(); else timer = requestAnimationFrame(frame);
}
playButton.addEventListener('click', () => {
  if (timer) return stop();
  from = Number(scrubber.value) >= data.steps ? -1 : Number(scrubber.value);
  since = performance.now();
  playButton.textContent = 'Pause';
  timer = requestAnimationFrame(frame);
});
scrubber.addEventListener('input', () => { stop(); show(Number(scrubber.value)); });
colour.addEventListener('change', () => { describe(); show(Number(scrubber.value)); });
speed.addEventListener('change', stop);
document.getElementById('controls').hidden = false;
describe();
show(data.steps);
)js";

/// What each position shows: tokens may hold parts of a character, so the first of those that form one
/// together shows all of it and the others nothing.
std::vector<std::string> textsOf(const SampleTrace& trace, const Tokenizer& tokenizer) {
    std::vector<std::string> texts(trace.tokens.size());
    for (std::size_t first = 0; first < texts.size();) {
        std::string joined(tokenizer.bytesOf(trace.tokens[first]));
        std::size_t next = first + 1;
        while (next < texts.size() && incompleteUtf8Suffix(joined) > 0)
            joined += tokenizer.bytesOf(trace.tokens[next++]);
        texts[first] = replaceInvalidUtf8(joined);
        first = next;
    }
    return texts;
}

nlohmann::json tokensJson(const SampleTrace& trace, const Tokenizer& tokenizer) {
    const auto share = [](float logProbability) { return std::exp(double{logProbability}); };
    const std::vector<std::string> texts = textsOf(trace, tokenizer);
    nlohmann::json rows = nlohmann::json::array();
    for (std::size_t i = 0; i < texts.size(); ++i) {
        for (const RemaskedToken& stood : trace.remasked)
            if (static_cast<std::size_t>(stood.position) == i)
                rows.push_back({i, replaceInvalidUtf8(tokenizer.bytesOf(stood.token)), stood.revealStep,
                                stood.remaskStep, int{stood.member}, share(stood.logProbability),
                                stood.entropy});
        rows.push_back({i, texts[i], trace.revealStep[i], nullptr, int{trace.member[i]},
                        share(trace.logProbability[i]), trace.entropy[i]});
    }
    return rows;
}

/// JSON that may stand in a script element: nothing in it can end the element or begin a comment.
std::string embedded(const nlohmann::json& json) {
    std::string out;
    for (const char c : jsonText(json))
        out += c == '<' ? std::string("\\u003c") : c == '&' ? std::string("\\u0026") : std::string(1, c);
    return out;
}

} // namespace

std::string playerPage(const RunSummary& run, const RunSample& sample, const Tokenizer& tokenizer) {
    nlohmann::json members = nlohmann::json::array();
    for (const PoolMemberSpec& member : run.request.pool)
        members.push_back({std::string(1, member.letter), member.name});
    const int steps = run.request.schedule.steps();
    const nlohmann::json data = {{"steps", steps},
                                 {"word", stepName(run.kind)},
                                 {"members", std::move(members)},
                                 {"tokens", tokensJson(sample.trace, tokenizer)}};
    std::string facts = fmt::format("{} · seed {}", printSchedule(run.request.schedule), run.request.seed);
    if (run.request.branch)
        facts += fmt::format(" · branched from run {} at step {}", run.request.branch->parent,
                             run.request.branch->step);
    if (sample.score && sample.score->tokens > 0)
        facts += fmt::format(" · perplexity {:.4g}", sample.score->perplexity());
    const std::string title = run.id > 0 ? fmt::format("Run {}, sample {}", run.id, sample.trace.index + 1)
                                         : fmt::format("Sample {}", sample.trace.index + 1);
    // A model that can only be drawn from gives no distribution to take the entropy of.
    const char* const entropy =
        run.kind == GenerationKind::Calm ? "" : "<option value=\"entropy\">colour: entropy</option>";
    return fmt::format(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
        "'unsafe-inline'; "
        "script-src 'unsafe-inline'\">\n"
        "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
        "<title>{0} – "
        "Steploom</title>\n<style>{1}</style>\n</head>\n<body>\n<h1>{0}</h1>\n<p>{2}</p>\n<main>\n"
        "<div id=\"text\">{3}</div>\n<div id=\"controls\" hidden>\n<button id=\"play\">Play</button>\n"
        "<select id=\"speed\" aria-label=\"Speed\"><option value=\"0.25\">¼×</option><option value=\"0.5\">½×"
        "</option><option value=\"1\" selected>1×</option><option value=\"2\">2×</option><option "
        "value=\"4\">4×"
        "</option></select>\n"
        "<input id=\"scrubber\" type=\"range\" min=\"-1\" max=\"{4}\" value=\"{4}\" aria-label=\"Step\">\n"
        "<span id=\"step\" aria-live=\"polite\"></span>\n"
        "<select id=\"colour\" aria-label=\"Colour\"><option value=\"model\">colour: model</option>"
        "<option value=\"step\">colour: {7}</option><option value=\"probability\">colour: "
        "confidence</option>{8}</select>\n</div>\n<div id=\"legend\"></div>\n</main>\n"
        "<script type=\"application/json\" "
        "id=\"data\">{5}</script>\n<script>{6}</script>\n</body>\n</html>\n",
        escapedHtml(title), kStyle, escapedHtml(facts), escapedHtml(sample.text), steps, embedded(data),
        kScript, stepName(run.kind), entropy);
}

} // namespace steploom
