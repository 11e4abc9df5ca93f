// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/widgets/number_format.h"

#include <QLocale>

#include <algorithm>
#include <array>
#include <cmath>

namespace steploom {

namespace {

const QString kNone = QStringLiteral("–");
constexpr QChar kMinus(0x2212);

/// Figures are written as in English whatever the system's language, as the field's papers and CSV files are.
QString fixed(double value, int decimals) {
    static const QLocale english(QLocale::English, QLocale::UnitedStates);
    QString text = english.toString(std::abs(value), 'f', std::max(0, decimals));
    const bool isZero =
        std::none_of(text.begin(), text.end(), [](QChar c) { return c >= u'1' && c <= u'9'; });
    if (value < 0 && !isZero) {
        text.prepend(kMinus);
    }
    return text;
}

/// Decimals that show `significant` digits of the value.
int decimalsFor(double value, int significant) {
    if (value == 0 || !std::isfinite(value)) {
        return 0;
    }
    return significant - 1 - static_cast<int>(std::floor(std::log10(std::abs(value)) + 1e-9));
}

QString infinity(double value) {
    return value > 0 ? QStringLiteral("∞") : QString(kMinus) + QStringLiteral("∞");
}

QString scientific(double value, int significant) {
    static const QString digits = QStringLiteral("⁰¹²³⁴⁵⁶⁷⁸⁹");
    const int exponent = static_cast<int>(std::floor(std::log10(std::abs(value))));
    QString text = fixed(value / std::pow(10.0, exponent), significant - 1) + QStringLiteral("×10");
    if (exponent < 0) {
        text += QStringLiteral("⁻");
    }
    for (const QChar digit : QString::number(std::abs(exponent))) {
        text += digits.at(digit.digitValue());
    }
    return text;
}

/// Up to three significant digits without trailing zeros: 9.5, 8.78, 679.
QString compact(double value) {
    QString text = fixed(value, decimalsFor(value, 3));
    if (text.contains(u'.')) {
        while (text.endsWith(u'0')) {
            text.chop(1);
        }
        if (text.endsWith(u'.')) {
            text.chop(1);
        }
    }
    return text;
}

} // namespace

QString formatNumber(double value, int significant) {
    if (std::isnan(value)) {
        return kNone;
    }
    if (std::isinf(value)) {
        return infinity(value);
    }
    const double size = std::abs(value);
    if (size != 0 && (size < 1e-4 || size >= 1e9)) {
        return scientific(value, significant);
    }
    if (value == std::round(value)) {
        return fixed(value, 0);
    }
    return fixed(value, decimalsFor(value, significant));
}

QString formatShare(double share, int decimals) {
    if (std::isnan(share)) {
        return kNone;
    }
    if (std::isinf(share)) {
        return infinity(share);
    }
    return fixed(share * 100, share == 0 ? 0 : decimals) + u'%';
}

QString formatEstimate(const Estimate& estimate) {
    const double margin = estimate.margin();
    if (estimate.n < 2 || !std::isfinite(margin) || !std::isfinite(estimate.value) || margin <= 0) {
        return formatNumber(estimate.value);
    }
    const int decimals = std::clamp(decimalsFor(margin, 2), 0, 6);
    // The interval of a perplexity lies off its middle (it is the exponential of a symmetric one): ± would
    // lie.
    if (std::abs((estimate.high - estimate.value) - (estimate.value - estimate.low)) > 0.1 * margin) {
        return fixed(estimate.value, decimals) + QStringLiteral(" (") + fixed(estimate.low, decimals) + u'–' +
               fixed(estimate.high, decimals) + u')';
    }
    return fixed(estimate.value, decimals) + QStringLiteral(" ± ") + fixed(margin, decimals);
}

QString formatCount(double count) {
    if (!std::isfinite(count)) {
        return formatNumber(count);
    }
    struct Unit {
        double size;
        const char* suffix;
    };
    static constexpr std::array<Unit, 4> units{{{1e12, "T"}, {1e9, "B"}, {1e6, "M"}, {1e3, "k"}}};
    for (const Unit& unit : units) {
        // 999,950 would print as "1000k": the next unit takes over half a digit early.
        if (std::abs(count) >= unit.size * 0.9995) {
            return compact(count / unit.size) + QLatin1String(unit.suffix);
        }
    }
    return compact(count);
}

QString formatFlops(double flops) {
    if (!std::isfinite(flops)) {
        return formatNumber(flops);
    }
    struct Unit {
        double size;
        const char* name;
    };
    static constexpr std::array<Unit, 6> units{
        {{1e18, "EFLOP"}, {1e15, "PFLOP"}, {1e12, "TFLOP"}, {1e9, "GFLOP"}, {1e6, "MFLOP"}, {1e3, "kFLOP"}}};
    for (const Unit& unit : units) {
        if (std::abs(flops) >= unit.size * 0.9995) {
            return formatNumber(flops / unit.size) + u' ' + QLatin1String(unit.name);
        }
    }
    return formatNumber(flops) + QStringLiteral(" FLOP");
}

QString formatMemory(double bytes) {
    if (!(bytes > 0))
        return kNone;
    static constexpr std::array<const char*, 5> names{" B", " kB", " MB", " GB", " TB"};
    std::size_t unit = 0;
    for (; unit + 1 < names.size() && bytes >= 999.5; ++unit)
        bytes /= 1000;
    return compact(bytes) + QLatin1String(names[unit]);
}

QString formatDuration(double seconds, bool about) {
    if (!std::isfinite(seconds) || seconds < 0) {
        return kNone;
    }
    QString text;
    if (seconds == 0) {
        text = QStringLiteral("0 s");
    } else if (seconds < 0.0995) {
        text = compact(seconds * 1e3) + QStringLiteral(" ms");
    } else if (seconds < 9.95) {
        text = fixed(seconds, 1) + QStringLiteral(" s");
    } else if (seconds < 59.5) {
        text = fixed(seconds, 0) + QStringLiteral(" s");
    } else {
        struct Pair {
            double limit, unit, part;
            const char *unitName, *partName;
        };
        static constexpr std::array<Pair, 3> pairs{
            {{3570, 60, 1, "min", "s"}, {86400 - 30, 3600, 60, "h", "min"}, {1e300, 86400, 3600, "d", "h"}}};
        const Pair& pair =
            *std::find_if(pairs.begin(), pairs.end(), [&](const Pair& p) { return seconds < p.limit; });
        const double rounded = std::round(seconds / pair.part) * pair.part;
        const double whole = std::floor(rounded / pair.unit);
        const double rest = std::round((rounded - whole * pair.unit) / pair.part);
        text = fixed(whole, 0) + u' ' + QLatin1String(pair.unitName);
        if (rest > 0) {
            text += u' ' + fixed(rest, 0) + u' ' + QLatin1String(pair.partName);
        }
    }
    return about ? QStringLiteral("about ") + text : text;
}

} // namespace steploom
