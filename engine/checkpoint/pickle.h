// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace steploom {

/// A node of a PickleDocument, by its number.
using PickleId = std::uint32_t;
inline constexpr PickleId kNoPickle = std::numeric_limits<PickleId>::max();

enum class PickleKind : std::uint8_t {
    None,
    Boolean,
    Integer,
    LargeInteger, ///< more than 64 bits; `text` has its little-endian bytes
    Real,
    Text,
    Bytes,
    Tuple,
    List,
    Set,
    Dictionary,
    Global,     ///< `text` is its full name, "torch.FloatStorage"
    Object,     ///< what a global would have made of its arguments: kept as a record, never made
    Persistent, ///< a reference out of the pickle; `arguments` says to what
};

/// One value. Values name each other by number, so a document may be as deep or as circular as its file
/// likes: nothing here recurses, and a document is released like any array.
struct PickleNode {
    PickleKind kind = PickleKind::None;
    PickleId type = kNoPickle;      ///< Object: the global it was to be made by
    PickleId arguments = kNoPickle; ///< Object: a tuple of what it was to be made from; Persistent: its id
    PickleId state = kNoPickle;  ///< Object: what was to be set on it, mostly a dictionary of its attributes
    std::int64_t integer = 0;    ///< Integer, Boolean
    double real = 0;             ///< Real
    std::string_view text;       ///< Text, Bytes, LargeInteger, Global
    std::vector<PickleId> items; ///< elements; of dictionaries and objects: key, value, key, value, …
};

/// What one pickle may cost at most. Its nodes take some 80 bytes each.
struct PickleLimits {
    std::size_t bytes = 256u << 20;
    std::size_t nodes = 4'000'000;
    std::size_t references =
        32'000'000; ///< values put on the stack, and so into tuples, lists and dictionaries
    std::size_t memo = 4'000'000;
    std::size_t marks = 10'000; ///< unfinished tuples, lists and dictionaries inside each other
};

/// The inert content of a pickle. Text and bytes are views into the pickle's own bytes, which must outlive
/// it.
class PickleDocument {
public:
    const PickleNode& root() const { return m_nodes[m_root]; }
    const PickleNode& at(PickleId id) const { return m_nodes[id]; }
    std::span<const PickleNode> nodes() const noexcept { return m_nodes; }
    /// Bytes up to and with the final opcode.
    std::size_t consumed() const noexcept { return m_consumed; }

    /// The value of a text key of a dictionary, or of an object that is filled like one (OrderedDict); the
    /// last one, as in Python. nullptr when there is none or `mapping` is nullptr.
    const PickleNode* find(const PickleNode* mapping, std::string_view key) const;
    /// An attribute of an object: the value of a key of its state.
    const PickleNode* attribute(const PickleNode* object, std::string_view name) const;
    /// The i-th argument of an object, the i-th element of a tuple or list; nullptr when there is none.
    const PickleNode* argument(const PickleNode& object, std::size_t index) const;
    const PickleNode* element(const PickleNode* sequence, std::size_t index) const;
    /// The full name of the global that an object was to be made by; empty for all else.
    std::string_view typeOf(const PickleNode& node) const;

private:
    friend class PickleReader;
    std::vector<PickleNode> m_nodes;
    std::set<std::string, std::less<>> m_names; ///< of globals; nodes view them
    PickleId m_root = 0;
    std::size_t m_consumed = 0;
};

/// Reads a pickle as pickle protocols 2 to 5 write it. Nothing is executed: there is no code here that could.
/// A pickle may name only globals known to be harmless data (pickle_globals.h), and use only the opcodes that
/// make data; any other is refused by its full name, as are unknown opcodes, and whatever breaks off or
/// passes a limit. `where` names the file in errors. Throws Error(File).
PickleDocument readPickle(std::span<const std::byte> bytes, const std::string& where,
                          const PickleLimits& limits = {});

} // namespace steploom
