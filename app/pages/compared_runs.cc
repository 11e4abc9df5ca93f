// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/pages/compared_runs.h"

#include "app/bridge/run_table_columns.h"
#include "app/widgets/number_format.h"
#include "engine/comparisons/run_tokenizer.h"
#include "engine/comparisons/sample_pairs.h"
#include "engine/comparisons/token_difference.h"

#include <QCoreApplication>

#include <algorithm>
#include <optional>
#include <set>

namespace steploom {
namespace {

QString tr(const char* text) { return QCoreApplication::translate("ComparePage", text); }

/// Whether equal ids mean equal tokens: checkpoints of one tokenizer.
bool samePool(const GenerationRequest& a, const GenerationRequest& b) {
    return a.tokenizer == b.tokenizer && !a.pool.empty() && !b.pool.empty() &&
           a.pool.front().path == b.pool.front().path && a.pool.front().sha256 == b.pool.front().sha256;
}

/// Tokens of each run's sample as numbers that can be compared; nothing where they cannot be.
std::vector<std::optional<std::vector<std::int32_t>>>
comparableTokens(std::span<const Run> runs, std::size_t baseline, int index,
                 std::span<const std::shared_ptr<const Tokenizer>> tokenizers) {
    const bool byText = std::ranges::none_of(tokenizers, [](const auto& each) { return each == nullptr; });
    std::vector<std::optional<std::vector<std::int32_t>>> all(runs.size());
    TokenTexts texts;
    for (std::size_t i = 0; i < runs.size(); ++i) {
        const RunSample* sample = sampleOf(runs[i], index);
        if (!sample)
            continue;
        if (byText)
            all[i] = texts.numbersOf(sample->trace.tokens, *tokenizers[i]);
        else if (samePool(runs[i].summary.request, runs[baseline].summary.request))
            all[i] = sample->trace.tokens;
    }
    return all;
}

} // namespace

QString comparedName(const RunSummary& run) {
    const QString label = scheduleLabel(run.request);
    const bool mixed = run.cost.lightShare > 0 && run.cost.lightShare < 1;
    return label.startsWith(u'(') || !mixed
               ? label
               : QStringLiteral("%1 %2").arg(label, formatShare(run.cost.lightShare, 0));
}

QString comparedOrigin(const RunSummary& run) {
    return tr("run %1 · seed %2").arg(run.id).arg(run.request.seed);
}

QString comparedSummary(std::span<const Run> runs) {
    if (runs.empty())
        return {};
    QStringList parts{runs.size() == 1 ? tr("1 run") : tr("%1 runs").arg(runs.size())};
    QStringList members;
    for (const PoolMemberSpec& member : runs.front().summary.request.pool)
        members << QString::fromStdString(member.name);
    const bool onePool = std::ranges::all_of(
        runs, [&](const Run& run) { return run.summary.request.pool == runs.front().summary.request.pool; });
    parts << (onePool ? tr("pool %1").arg(members.join(QStringLiteral(", "))) : tr("different pools"));
    if (runs.size() > 1) {
        int common = 0;
        for (const int index : sampleIndices(runs))
            common += std::ranges::all_of(runs, [&](const Run& run) { return sampleOf(run, index); });
        parts << (common == 1 ? tr("1 sample in common") : tr("%1 samples in common").arg(common));
    }
    return parts.join(QStringLiteral(" · "));
}

std::vector<qint64> newestComparable(const std::vector<RunSummary>& newestFirst) {
    constexpr std::size_t kLookedAt = 200;
    std::vector<const RunSummary*> withTexts;
    for (const RunSummary& run : newestFirst) {
        if (withTexts.size() == kLookedAt)
            break;
        if (run.finishedSamples > 0)
            withTexts.push_back(&run);
    }
    for (std::size_t newer = 0; newer < withTexts.size(); ++newer)
        for (std::size_t older = newer + 1; older < withTexts.size(); ++older)
            if (whyUnpaired(*withTexts[older], *withTexts[newer]).empty() &&
                withTexts[older]->request.schedule != withTexts[newer]->request.schedule)
                return {withTexts[older]->id, withTexts[newer]->id};
    if (withTexts.size() >= 2)
        return {withTexts[1]->id, withTexts[0]->id};
    return {};
}

std::vector<int> sampleIndices(std::span<const Run> runs) {
    std::set<int> indices;
    for (const Run& run : runs)
        for (const RunSample& sample : run.samples)
            indices.insert(sample.trace.index);
    return {indices.begin(), indices.end()};
}

const RunSample* sampleOf(const Run& run, int index) {
    const auto found =
        std::ranges::find(run.samples, index, [](const RunSample& sample) { return sample.trace.index; });
    return found == run.samples.end() ? nullptr : &*found;
}

std::vector<ColumnDifference>
columnDifferences(std::span<const Run> runs, std::size_t baseline, int sample, TextDifference by,
                  std::span<const std::shared_ptr<const Tokenizer>> tokenizers) {
    std::vector<ColumnDifference> columns(runs.size());
    if (by == TextDifference::Off || runs.size() < 2)
        return columns;
    const auto tokens = comparableTokens(runs, baseline, sample, tokenizers);
    if (!tokens[baseline])
        return columns;
    ColumnDifference& own = columns[baseline];
    own.framed.assign(tokens[baseline]->size(), true);
    for (std::size_t i = 0; i < runs.size(); ++i) {
        if (i == baseline || !tokens[i])
            continue;
        const TokenDifference difference = by == TextDifference::Position
                                               ? differenceByPosition(*tokens[baseline], *tokens[i])
                                               : differenceBySequence(*tokens[baseline], *tokens[i]);
        ColumnDifference& column = columns[i];
        own.known = column.known = true;
        column.equal = difference.equal;
        column.tokens = static_cast<int>(std::max(difference.first.size(), difference.second.size()));
        for (const TokenMatch match : difference.second)
            column.framed.push_back(match != TokenMatch::Equal);
        for (std::size_t at = 0; at < difference.first.size(); ++at)
            own.framed[at] = own.framed[at] && difference.first[at] != TokenMatch::Equal;
    }
    own.equal = own.tokens = static_cast<int>(tokens[baseline]->size());
    if (!own.known)
        own.framed.clear();
    return columns;
}

} // namespace steploom
