// SPDX-License-Identifier: GPL-3.0-or-later
#include "engine/core/error.h"
#include "engine/core/utf8.h"
#include "engine/schedule/apportion.h"
#include "engine/schedule/step_schedule.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace steploom {

namespace {

constexpr auto kRemedy = "Write segments as in (L125,H750,L125)";

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
        return m_fractions ? fromFractions() : fromCounts();
    }

private:
    struct Segment {
        char letter;
        double amount; ///< steps, or a share of them
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
        const std::size_t begin = m_at;
        while (!atEnd() && isDigit(peek()))
            ++m_at;
        bool fraction = false;
        if (!atEnd() && peek() == '.') {
            fraction = true;
            ++m_at;
            while (!atEnd() && isDigit(peek()))
                ++m_at;
        }
        const std::string_view number = m_text.substr(begin, m_at - begin);
        if (number.empty() || number == ".")
            refuse(begin, fmt::format("expected a number of steps after {}, found {}", letter,
                                      number.empty() ? found() : "\".\""));
        if (m_segments.empty())
            m_fractions = fraction;
        else if (m_fractions != fraction)
            refuse(begin, fmt::format("{} is a {}, but the segments before it are {}", number,
                                      fraction ? "fraction" : "step count",
                                      m_fractions ? "fractions" : "step counts"));
        double amount = 0;
        // Digits and at most one point: the only failure left is a number too large for a double.
        if (std::from_chars(number.data(), number.data() + number.size(), amount).ec != std::errc{})
            amount = HUGE_VAL;
        if (amount == 0)
            refuse(begin, fmt::format("{} has no steps", letter));
        if (!fraction && amount > StepSchedule::kMaximumSteps)
            refuse(begin, fmt::format("{} steps of {} are more than the {} a schedule can have",
                                      quoted(number), letter, StepSchedule::kMaximumSteps));
        return amount;
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
        if (m_steps == 0)
            throw Error(ErrorKind::Schedule, {"cannot read the schedule", quoted(m_text),
                                              "it gives fractions, and the number of steps is not known",
                                              "Say how many steps there are, or write step counts"});
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
    bool m_fractions = false;
    std::vector<Segment> m_segments;
};

} // namespace

std::string printSchedule(const StepSchedule& schedule) {
    std::string text = "(";
    for (const StepSchedule::Segment& segment : schedule.segments())
        text += fmt::format("{}{}{}", text.size() > 1 ? "," : "", segment.letter, segment.steps);
    return text + ')';
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
