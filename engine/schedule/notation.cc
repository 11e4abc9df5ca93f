// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/error.h"
#include "engine/core/utf8.h"
#include "engine/schedule/apportion.h"
#include "engine/schedule/noise.h"
#include "engine/schedule/step_schedule.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace steploom {

namespace {

constexpr auto kRemedy = "Write segments as in (L125,H750,L125), as in (L12.5%,H75%,L12.5%), or by the share "
                         "still masked as in (L>87.5%,H>12.5%,L>0%)";
constexpr int kMostDecimals = 7; ///< of a percentage: 10⁻⁹ of a schedule, far below a step

/// `text` in quotation marks, fit for a message: valid, and not longer than a line.
std::string quoted(std::string_view text) {
    constexpr std::size_t kLongest = 60;
    std::string shown = replaceInvalidUtf8(text);
    if (shown.size() > kLongest) {
        shown.resize(validUtf8Prefix(std::string_view(shown).substr(0, kLongest)));
        shown += "…";
    }
    return '"' + shown + '"';
}

bool isDigit(char c) noexcept { return c >= '0' && c <= '9'; }

/// Reads the notation from left to right; every refusal names the character it is about.
class NotationReader {
public:
    NotationReader(std::string_view text, int steps) : m_text(text), m_steps(steps) {}

    StepSchedule read() {
        skipSpaces();
        const std::size_t bracket = m_at;
        const bool bracketed = take('(');
        skipSpaces();
        if (atEnd() || peek() == ')')
            refuse(bracket, "the schedule is empty");
        do
            readSegment();
        while (take(','));
        if (bracketed && !take(')')) {
            if (atEnd())
                refuse(bracket, "the bracket opened here is not closed");
            refuse(m_at, fmt::format("expected a comma or the closing bracket, found {}", found()));
        }
        skipSpaces();
        if (!atEnd())
            refuse(m_at, peek() == ')' ? "this bracket was not opened"
                                       : fmt::format("expected a comma or the end, found {}", found()));
        switch (m_unit) {
        case StepUnit::Fraction:
            return fromFractions();
        case StepUnit::Masked:
            return fromMaskedShares();
        case StepUnit::Step:
            break;
        }
        return fromCounts();
    }

private:
    struct Segment {
        char letter;
        double amount; ///< steps, a share of them, or the share still masked where it ends
    };

    void readSegment() {
        skipSpaces();
        char letter = atEnd() ? '\0' : peek();
        if (letter >= 'a' && letter <= 'z')
            letter = static_cast<char>(letter - 'a' + 'A');
        if (letter < 'A' || letter > 'Z')
            refuse(m_at, fmt::format("expected the letter of a model, found {}", found()));
        ++m_at;
        skipSpaces();
        m_segments.push_back({letter, readAmount(letter)});
        skipSpaces();
    }

    double readAmount(char letter) {
        const bool masked = take('>');
        if (masked)
            skipSpaces();
        const std::size_t begin = m_at;
        while (!atEnd() && isDigit(peek()))
            ++m_at;
        bool share = masked;
        if (!atEnd() && peek() == '.') {
            share = true;
            ++m_at;
            while (!atEnd() && isDigit(peek()))
                ++m_at;
        }
        const std::string_view number = m_text.substr(begin, m_at - begin);
        if (number.empty() || number == ".")
            refuse(begin, fmt::format("expected a {} after {}, found {}",
                                      masked ? "share still masked" : "number of steps", letter,
                                      number.empty() ? found() : "\".\""));
        const bool percent = take('%');
        requireUnit(begin, number,
                    masked             ? StepUnit::Masked
                    : share || percent ? StepUnit::Fraction
                                       : StepUnit::Step);
        double amount = 0;
        // Digits and at most one point: the only failure left is a number too large for a double.
        if (std::from_chars(number.data(), number.data() + number.size(), amount).ec != std::errc{})
            amount = HUGE_VAL;
        if (percent)
            amount /= 100;
        if (masked)
            requireFalling(begin, letter, amount);
        else if (amount == 0)
            refuse(begin, fmt::format("{} has no steps", letter));
        if (m_unit == StepUnit::Step && amount > StepSchedule::kMaximumSteps)
            refuse(begin, fmt::format("{} steps of {} are more than the {} a schedule can have",
                                      quoted(number), letter, StepSchedule::kMaximumSteps));
        return amount;
    }

    /// The first segment decides what all are written in.
    void requireUnit(std::size_t begin, std::string_view number, StepUnit unit) {
        if (m_segments.empty())
            m_unit = unit;
        if (unit == m_unit)
            return;
        const auto name = [](StepUnit each) {
            return each == StepUnit::Step       ? "step count"
                   : each == StepUnit::Fraction ? "fraction"
                                                : "share still masked";
        };
        refuse(begin, fmt::format("{} is a {}, but the segments before it are {}", number, name(unit),
                                  m_unit == StepUnit::Masked ? "shares still masked"
                                                             : std::string(name(m_unit)) + "s"));
    }

    /// Less and less stays masked; a segment that ends where it begins has no steps.
    void requireFalling(std::size_t begin, char letter, double amount) const {
        const double before = m_segments.empty() ? 1 : m_segments.back().amount;
        if (amount > 1)
            refuse(begin, "more than everything cannot be masked: write a share as 0.875 or 87.5%");
        if (amount >= before)
            refuse(begin, fmt::format("{} would have no steps: shares still masked fall from segment to "
                                      "segment, from {:.9g}% here",
                                      letter, before * 100));
    }

    StepSchedule fromCounts() const {
        long long sum = 0;
        for (const Segment& segment : m_segments)
            sum += static_cast<long long>(segment.amount);
        if (m_steps > 0 && sum != m_steps)
            refuseSum(fmt::format("the segments sum to {} steps, but there are {} steps", sum, m_steps));
        if (sum > StepSchedule::kMaximumSteps)
            refuseSum(fmt::format("the segments sum to {} steps, but a schedule has at most {}", sum,
                                  StepSchedule::kMaximumSteps));
        std::string letters;
        for (const Segment& segment : m_segments)
            letters.append(static_cast<std::size_t>(segment.amount), segment.letter);
        return StepSchedule(std::move(letters));
    }

    StepSchedule fromFractions() const {
        double sum = 0;
        for (const Segment& segment : m_segments)
            sum += segment.amount;
        if (!(std::abs(sum - 1) <= 1e-6))
            refuseSum(fmt::format("the fractions sum to {:.9g}, not to 1", sum));
        requireKnownSteps("fractions");
        // Shares in units of 10⁻⁹: integers, so that equal shares are equal and rounding is the same
        // everywhere.
        std::vector<Claim> claims;
        for (const Segment& segment : m_segments)
            claims.push_back({segment.letter, std::llround(segment.amount * 1e9)});
        const std::vector<int> counts = apportion(claims, m_steps);
        std::string letters;
        for (std::size_t i = 0; i < claims.size(); ++i)
            letters.append(static_cast<std::size_t>(counts[i]), claims[i].letter);
        return StepSchedule(std::move(letters));
    }

    StepSchedule fromMaskedShares() const {
        const double last = m_segments.back().amount;
        if (last != 0)
            refuseSum(fmt::format("the last segment ends with {:.9g}% masked, not with 0%", last * 100));
        requireKnownSteps("shares still masked");
        std::string letters;
        for (const Segment& segment : m_segments)
            letters.resize(
                std::max(letters.size(), static_cast<std::size_t>(stepWithMasked(segment.amount, m_steps))),
                segment.letter);
        return StepSchedule(std::move(letters));
    }

    void requireKnownSteps(const char* what) const {
        if (m_steps == 0)
            throw Error(ErrorKind::Schedule,
                        {"cannot read the schedule", quoted(m_text),
                         fmt::format("it gives {}, and the number of steps is not known", what),
                         "Say how many steps there are, or write step counts"});
    }

    bool atEnd() const noexcept { return m_at >= m_text.size(); }
    char peek() const noexcept { return m_text[m_at]; }
    bool take(char c) noexcept {
        if (atEnd() || peek() != c)
            return false;
        ++m_at;
        return true;
    }
    void skipSpaces() noexcept {
        while (!atEnd() && std::string_view(" \t\r\n").find(peek()) != std::string_view::npos)
            ++m_at;
    }
    /// The character at hand, for a message.
    std::string found() const {
        if (atEnd())
            return "the end";
        std::size_t length = 1;
        while (length < 4 && validUtf8Prefix(m_text.substr(m_at, length)) == 0 &&
               m_at + length < m_text.size())
            ++length;
        const std::size_t valid = validUtf8Prefix(m_text.substr(m_at, length));
        return quoted(m_text.substr(m_at, valid ? valid : 1));
    }

    [[noreturn]] void refuse(std::size_t byte, std::string why) const {
        throw Error(
            ErrorKind::Schedule,
            {"cannot read the schedule",
             fmt::format("character {} of {}", characterCount(m_text.substr(0, byte)) + 1, quoted(m_text)),
             std::move(why), kRemedy});
    }
    [[noreturn]] void refuseSum(std::string why) const {
        throw Error(ErrorKind::Schedule, {"cannot read the schedule", quoted(m_text), std::move(why),
                                          "Change a segment so that the sum is right"});
    }

    std::string_view m_text;
    int m_steps;
    std::size_t m_at = 0;
    StepUnit m_unit = StepUnit::Step;
    std::vector<Segment> m_segments;
};

} // namespace

std::string printSchedule(const StepSchedule& schedule) {
    std::string text = "(";
    for (const StepSchedule::Segment& segment : schedule.segments())
        text += fmt::format("{}{}{}", text.size() > 1 ? "," : "", segment.letter, segment.steps);
    return text + ')';
}

std::string printSchedule(const StepSchedule& schedule, StepUnit unit) {
    if (unit == StepUnit::Step || schedule.empty())
        return printSchedule(schedule);
    const std::vector<StepSchedule::Segment> segments = schedule.segments();
    std::string text;
    for (int decimals = 0; decimals <= kMostDecimals; ++decimals) {
        text = "(";
        for (const StepSchedule::Segment& segment : segments) {
            const bool masked = unit == StepUnit::Masked;
            const double share =
                masked
                    ? segment.end() == schedule.steps() ? 0.0 : maskedShare(segment.end(), schedule.steps())
                    : static_cast<double>(segment.steps) / schedule.steps();
            std::string number = fmt::format("{:.{}f}", share * 100, decimals);
            if (decimals > 0) {
                number.erase(number.find_last_not_of('0') + 1);
                if (number.ends_with('.'))
                    number.pop_back();
            }
            text += fmt::format("{}{}{}{}%", text.size() > 1 ? "," : "", segment.letter, masked ? ">" : "",
                                number);
        }
        text += ')';
        try {
            if (parseSchedule(text, schedule.steps()) == schedule)
                return text;
        } catch (const Error&) {
            // Too coarse: segments of 0%, or a sum that is off.
        }
    }
    return printSchedule(schedule); // shares that no decimals tell apart: never lose a step
}

StepSchedule parseSchedule(std::string_view text, int steps) {
    if (steps < 0 || steps > StepSchedule::kMaximumSteps)
        throw Error(ErrorKind::Schedule,
                    {"cannot read the schedule", fmt::format("{} steps", steps),
                     fmt::format("a schedule has 1 to {} steps", StepSchedule::kMaximumSteps),
                     "Choose a number of steps in that range"});
    return NotationReader(text, steps).read();
}

} // namespace steploom
