// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/bridge/run_table_columns.h"

#include "engine/schedule/presets.h"

#include <QCoreApplication>
#include <QDateTime>
#include <QStringList>

#include <algorithm>
#include <limits>
#include <map>
#include <string_view>

namespace steploom {
namespace {

constexpr double kAbsent = std::numeric_limits<double>::quiet_NaN();

QString text(std::string_view view) {
    return QString::fromUtf8(view.data(), static_cast<qsizetype>(view.size()));
}

QString translated(const char* text) {
    return QCoreApplication::translate("steploom::RunTableColumns", text);
}

/// Whether the schedule goes by its notation, which tells its steps itself.
bool isNotation(const GenerationRequest& request) { return scheduleLabel(request).startsWith(u'('); }

/// "32 vectors"
QString stepsText(const RunSummary& run) {
    const char* const words = run.kind == GenerationKind::Calm             ? "%1 vectors"
                              : run.kind == GenerationKind::Autoregressive ? "%1 tokens"
                                                                           : "%1 steps";
    return translated(words).arg(run.request.schedule.steps());
}

QString scheduleText(const RunSummary& run) {
    QString label = scheduleLabel(run.request);
    if (!isNotation(run.request))
        label += QStringLiteral(" · %1").arg(stepsText(run));
    if (run.request.branch && run.request.branch->parent > 0)
        label += QStringLiteral(" · %1").arg(translated("branch of %1").arg(run.request.branch->parent));
    return label;
}

QStringList tagsOf(const RunSummary& run) {
    QStringList tags;
    for (const std::string& tag : run.tags)
        tags << QString::fromStdString(tag);
    return tags;
}

using Value = QVariant (*)(const RunSummary&);

/// The figures of the columns that show no measure, by key.
const std::map<std::string_view, Value>& values() {
    static const std::map<std::string_view, Value> values = {
        {"starred", [](const RunSummary& run) { return QVariant(run.starred); }},
        {"started",
         [](const RunSummary& run) {
             return QVariant(
                 QDateTime::fromString(QString::fromStdString(run.started), Qt::ISODate).toLocalTime());
         }},
        {"schedule", [](const RunSummary& run) { return QVariant(scheduleText(run)); }},
        {"samples", [](const RunSummary& run) { return QVariant(run.finishedSamples); }},
        {"sampler",
         [](const RunSummary& run) { // what is written in order has no order of reveal
             return QVariant(text(run.kind == GenerationKind::MaskedDiffusion
                                      ? samplerName(run.request.sampler)
                                      : generationKindName(run.kind)));
         }},
        {"length", [](const RunSummary& run) { return QVariant(run.request.length); }},
        {"seed", [](const RunSummary& run) { return QVariant::fromValue<qulonglong>(run.request.seed); }},
        {"saved", [](const RunSummary& run) { return QVariant(run.cost.executedSaving); }},
        {"flops", [](const RunSummary& run) { return QVariant(run.executedFlops); }},
        {"seconds", [](const RunSummary& run) { return QVariant(run.seconds); }},
        {"state", [](const RunSummary& run) { return QVariant(text(runStateName(run.state))); }},
        {"tag", [](const RunSummary& run) { return QVariant(tagsOf(run)); }},
        {"note", [](const RunSummary& run) { return QVariant(QString::fromStdString(run.note)); }},
        {"id", [](const RunSummary& run) { return QVariant::fromValue<qlonglong>(run.id); }},
        {"pool", [](const RunSummary& run) { return QVariant(poolLabel(run.request)); }},
        {"light", [](const RunSummary& run) { return QVariant(run.cost.lightShare); }},
        {"steps", [](const RunSummary& run) { return QVariant(run.request.schedule.steps()); }},
        {"temperature", [](const RunSummary& run) { return QVariant(run.request.temperature); }},
        {"top_p", [](const RunSummary& run) { return QVariant(run.request.topP); }},
    };
    return values;
}

std::vector<RunTableColumn> makeColumns() {
    using F = RunTableColumn::Figure;
    std::vector<RunTableColumn> columns = {
        {"starred", {}, translated("Starred: click, or S"), F::Star, 34, true},
        {"started", translated("started"), {}, F::Time, 120, true},
        {"schedule", translated("schedule"), {}, F::Text, 262, true},
        {"samples", translated("samples"), translated("Finished samples"), F::Count, 72, true},
        {"sampler", translated("sampler"),
         translated("Order of reveal; CALM and autoregressive models write from the beginning on"), F::Text,
         86},
        {"length", translated("length"), translated("Tokens of a sample"), F::Count, 66},
        {"seed", translated("seed"), {}, F::Count, 54, true},
        {"saved", translated("saved"),
         translated("Executed FLOPs saved against the same steps on the first member alone"), F::Share, 66,
         true},
        {"flops", translated("executed"),
         translated("FLOPs that ran for the finished samples, after the exact savings"), F::Flops, 106, true},
        {"seconds", translated("time"), translated("Wall time of generation"), F::Seconds, 78, true},
        {"generative_perplexity", translated("gen. perplexity"),
         translated("exp of the token-weighted mean negative log-likelihood under the evaluator"),
         F::Estimate, 152, true, "generative_perplexity"},
        {"entropy", translated("entropy"),
         translated("Unigram entropy per sample in nats, −Σ f log f; falls when text repeats itself"),
         F::Estimate, 112, true, "entropy"},
        {"state", translated("state"), {}, F::Text, 74, true},
        {"tag", translated("tags"), translated("Words that runs are found by: double click, or T"), F::Tags,
         100, true},
        {"note", translated("note"), translated("Anything worth knowing: double click, or F2"), F::Text, 104,
         true},
        {"id", translated("run"), translated("Its number, as the command line knows it"), F::Count, 64},
        {"pool", translated("pool"), translated("The models, in the order of their letters"), F::Text, 130},
        {"light", translated("light steps"), translated("Share of steps not done by the first member"),
         F::Share, 84},
        {"steps", translated("steps"),
         translated("Denoising steps; vectors of CALM, tokens of an autoregressive model"), F::Count, 66},
        {"temperature", translated("temperature"),
         translated("Logits are divided by it; CALM: draws from P^(1/T)"), F::Number, 92},
        {"top_p", translated("top-p"), translated("Smallest set of tokens with at least this probability"),
         F::Number, 66},
    };
    const auto measure = [&](const char* name, const QString& title, const QString& meaning) {
        columns.push_back({name, title, meaning, F::Estimate, 120, false, name});
    };
    measure("brier_lm", translated("BrierLM"),
            translated("Geometric mean of Brier-1 … Brier-4 on a text, in per cent; higher is better"));
    measure("distinct_1", translated("distinct-1"), translated("Different tokens over all tokens"));
    measure("distinct_2", translated("distinct-2"), translated("Different pairs of tokens over all pairs"));
    measure("distinct_3", translated("distinct-3"), translated("Different triples of tokens over all"));
    measure("repeated_4", translated("repeated-4"),
            translated("Share of runs of four tokens that came before in the sample"));
    measure("self_bleu", translated("self-BLEU"),
            translated("BLEU of each sample against the others; low: the samples differ"));
    return columns;
}

} // namespace

const std::vector<RunTableColumn>& runTableColumns() {
    static const std::vector<RunTableColumn> columns = makeColumns();
    return columns;
}

QVariant runFigure(const RunSummary& run, int column) {
    const RunTableColumn& of = runTableColumns()[static_cast<std::size_t>(column)];
    if (of.figure == RunTableColumn::Figure::Estimate) {
        const Measure* measure = run.measure(of.measure);
        return measure ? measure->estimate.value : kAbsent;
    }
    return values().at(of.key)(run);
}

std::string poolLetters(const GenerationRequest& request) {
    std::string letters;
    for (const PoolMemberSpec& member : request.pool)
        letters += member.letter;
    return letters;
}

QString scheduleLabel(const GenerationRequest& request) {
    const std::string letters = poolLetters(request);
    if (!letters.empty() && !request.schedule.empty()) {
        const char light = letters.size() > 1 ? letters[1] : letters[0];
        const std::string_view preset = nameOfSchedule(request.schedule, letters[0], light);
        if (!preset.empty())
            return text(preset);
    }
    return QString::fromStdString(printSchedule(request.schedule));
}

QString poolLabel(const GenerationRequest& request) {
    QStringList names;
    for (const PoolMemberSpec& member : request.pool)
        names << QString::fromStdString(member.name.empty() ? std::string(1, member.letter) : member.name);
    return names.join(QStringLiteral(" + "));
}

} // namespace steploom
