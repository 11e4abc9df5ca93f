// SPDX-License-Identifier: GPL-3.0-or-later
// The opcodes are those of Python's pickletools; their names there stand in the messages and comments.
#include "engine/checkpoint/little_endian.h"
#include "engine/checkpoint/pickle.h"
#include "engine/checkpoint/pickle_globals.h"
#include "engine/checkpoint/shown_name.h"
#include "engine/core/error.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <utility>

namespace steploom {
namespace {

constexpr const char* kWhat = "cannot read the pickle";
constexpr const char* kDownloadAgain = "The file is damaged or cut off: download or save it again";

struct OpcodeName {
    unsigned char opcode;
    const char* name;
};

/// Opcodes that Python knows and no checkpoint needs: text forms of protocol 0, old ways to make objects,
/// references into registries and out-of-band buffers.
constexpr std::array kRefusedOpcodes = {
    OpcodeName{'F', "FLOAT"},  OpcodeName{'I', "INT"},          OpcodeName{'L', "LONG"},
    OpcodeName{'P', "PERSID"}, OpcodeName{'S', "STRING"},       OpcodeName{'V', "UNICODE"},
    OpcodeName{'g', "GET"},    OpcodeName{'p', "PUT"},          OpcodeName{'i', "INST"},
    OpcodeName{'o', "OBJ"},    OpcodeName{0x82, "EXT1"},        OpcodeName{0x83, "EXT2"},
    OpcodeName{0x84, "EXT4"},  OpcodeName{0x97, "NEXT_BUFFER"}, OpcodeName{0x98, "READONLY_BUFFER"}};

} // namespace

class PickleReader {
public:
    PickleReader(std::span<const std::byte> bytes, const std::string& where, const PickleLimits& limits)
        : m_bytes(bytes), m_where(where), m_limits(limits) {}

    PickleDocument read() {
        while (step()) {
        }
        if (m_stack.size() != 1 || !m_marks.empty())
            refuse(fmt::format("it ends with {} values, not with one", m_stack.size()));
        m_document.m_root = m_stack.front();
        m_document.m_consumed = m_at;
        return std::move(m_document);
    }

private:
    using Kind = PickleKind;

    [[noreturn]] void refuse(std::string why, std::string remedy = kDownloadAgain) const {
        throw Error(ErrorKind::File, {kWhat, fmt::format("{}, byte {}", m_where, m_opcodeAt), std::move(why),
                                      std::move(remedy)});
    }

    // --- bytes

    std::span<const std::byte> take(std::uint64_t count) {
        if (count > m_bytes.size() - m_at)
            refuse(fmt::format("it asks for {} bytes, {} are left", count, m_bytes.size() - m_at));
        const auto taken = m_bytes.subspan(m_at, static_cast<std::size_t>(count));
        m_at += taken.size();
        return taken;
    }
    template <typename Number>
    Number number() {
        return littleEndian<Number>(take(sizeof(Number)), 0);
    }
    std::string_view text(std::uint64_t count) {
        const auto taken = take(count);
        return {reinterpret_cast<const char*>(taken.data()), taken.size()};
    }
    std::string_view line() {
        const std::string_view rest(reinterpret_cast<const char*>(m_bytes.data()) + m_at,
                                    m_bytes.size() - m_at);
        const std::size_t end = rest.find('\n');
        if (end == rest.npos)
            refuse("a name breaks off");
        m_at += end + 1;
        return rest.substr(0, end);
    }

    // --- nodes and stack

    PickleNode& node(PickleId id) { return m_document.m_nodes[id]; }

    void push(PickleId id) {
        if (++m_references > m_limits.references)
            refuse(fmt::format("it holds more than {} references", m_limits.references));
        m_stack.push_back(id);
    }
    PickleNode& make(Kind kind) {
        if (m_document.m_nodes.size() >= m_limits.nodes)
            refuse(fmt::format("it holds more than {} values", m_limits.nodes));
        m_document.m_nodes.emplace_back().kind = kind;
        push(static_cast<PickleId>(m_document.m_nodes.size() - 1));
        return m_document.m_nodes.back();
    }
    void makeInteger(std::int64_t value) { make(Kind::Integer).integer = value; }
    void makeBoolean(bool value) { make(Kind::Boolean).integer = value; }
    void makeText(Kind kind, std::string_view value) { make(kind).text = value; }

    PickleId pop() {
        if (m_stack.size() <= lowest())
            refuse("it takes a value that is not there");
        const PickleId id = m_stack.back();
        m_stack.pop_back();
        return id;
    }
    PickleId top() {
        const PickleId id = pop();
        m_stack.push_back(id);
        return id;
    }
    void mark() {
        if (m_marks.size() >= m_limits.marks)
            refuse(fmt::format("it nests deeper than {}", m_limits.marks));
        m_marks.push_back(m_stack.size());
    }
    std::vector<PickleId> popMark() {
        if (m_marks.empty())
            refuse("it closes what it has not opened");
        const auto begin = m_stack.begin() + static_cast<std::ptrdiff_t>(m_marks.back());
        std::vector<PickleId> items(begin, m_stack.end());
        m_stack.erase(begin, m_stack.end());
        m_marks.pop_back();
        return items;
    }
    void makeFrom(Kind kind, std::vector<PickleId> items) { make(kind).items = std::move(items); }
    void makeTuple(std::size_t count) {
        std::vector<PickleId> items(count);
        for (std::size_t i = count; i-- > 0;)
            items[i] = pop();
        makeFrom(Kind::Tuple, std::move(items));
    }

    void memoize(std::size_t index) {
        if (index >= m_limits.memo)
            refuse(
                fmt::format("it remembers a value under number {}, the limit is {}", index, m_limits.memo));
        if (index >= m_memo.size())
            m_memo.resize(index + 1, kNoPickle);
        m_memoized += m_memo[index] == kNoPickle;
        m_memo[index] = top();
    }
    void recall(std::size_t index) {
        if (index >= m_memo.size() || m_memo[index] == kNoPickle)
            refuse(fmt::format("it recalls value {}, which it has not remembered", index));
        push(m_memo[index]);
    }

    /// Adds pairs to the dictionary, or to the dictionary-like object, on top of the stack.
    void setItems(std::span<const PickleId> pairs) {
        if (pairs.size() % 2 != 0)
            refuse("a dictionary gets a key without a value");
        PickleNode& mapping = node(top());
        if (mapping.kind != Kind::Dictionary && mapping.kind != Kind::Object)
            refuse("it sets a key of what is no dictionary");
        mapping.items.insert(mapping.items.end(), pairs.begin(), pairs.end());
    }
    /// Adds elements to a list or set. Those of an object (a deque, a list of one's own kind) are of no use
    /// here and let go.
    void addElements(std::span<const PickleId> elements, Kind kind) {
        PickleNode& sequence = node(top());
        if (sequence.kind != kind && sequence.kind != Kind::Object)
            refuse("it adds elements to what is no list or set");
        if (sequence.kind == kind)
            sequence.items.insert(sequence.items.end(), elements.begin(), elements.end());
    }

    // --- globals and objects

    void makeGlobal(std::string_view module, std::string_view name) {
        const std::string full = fmt::format("{}.{}", module, name);
        if (!isHarmlessGlobal(module, name))
            refuse(
                fmt::format("it asks for {}, which is not among the kinds of data that a checkpoint is made "
                            "of; nothing was run",
                            shownName(full)),
                "If you trust where the file is from, save the weights alone: "
                "torch.save(model.state_dict(), …); otherwise delete it");
        makeText(Kind::Global, *m_document.m_names.insert(full).first);
    }
    /// STACK_GLOBAL: module and name as values.
    void makeStackedGlobal() {
        const PickleNode& name = node(pop());
        const PickleNode& module = node(pop());
        if (name.kind != Kind::Text || module.kind != Kind::Text)
            refuse("it names a global by what is no text");
        makeGlobal(module.text, name.text);
    }
    /// REDUCE, NEWOBJ, NEWOBJ_EX: what Python would make by a call becomes a record of the call.
    void makeObject(bool withKeywords) {
        if (withKeywords)
            pop();
        const PickleId arguments = pop(), type = pop();
        if (node(type).kind != Kind::Global || node(arguments).kind != Kind::Tuple)
            refuse("it makes an object otherwise than from a global and a tuple of arguments");
        PickleNode& object = make(Kind::Object);
        object.type = type;
        object.arguments = arguments;
    }
    void setState() {
        const PickleId state = pop();
        PickleNode& object = node(top());
        if (object.kind != Kind::Object)
            refuse("it sets the state of what is no object");
        object.state = state;
    }

    void makeLong(std::uint64_t size) {
        const auto digits = take(size); // two's complement, little-endian
        if (digits.size() > sizeof(std::int64_t)) {
            makeText(Kind::LargeInteger, {reinterpret_cast<const char*>(digits.data()), digits.size()});
            return;
        }
        std::uint64_t value = 0;
        for (std::size_t i = 0; i < digits.size(); ++i)
            value |= std::to_integer<std::uint64_t>(digits[i]) << 8 * i;
        const std::size_t bits = 8 * digits.size();
        if (bits > 0 && bits < 64 && (value >> (bits - 1) & 1))
            value |= ~std::uint64_t{0} << bits;
        makeInteger(static_cast<std::int64_t>(value));
    }

    /// BINFLOAT is the one number that pickles write big-endian.
    void makeReal() {
        std::array<std::byte, 8> bytes;
        std::ranges::reverse_copy(take(8), bytes.begin());
        make(Kind::Real).real = std::bit_cast<double>(bytes);
    }

    void checkProtocol() {
        const auto protocol = number<std::uint8_t>();
        if (protocol < 2 || protocol > 5)
            refuse(fmt::format("it is of protocol {}; read are 2 to 5", protocol),
                   "Save the checkpoint again with torch.save");
    }

    [[noreturn]] void refuseOpcode(unsigned char opcode) const {
        for (const OpcodeName& known : kRefusedOpcodes)
            if (known.opcode == opcode)
                refuse(fmt::format("its opcode {} has no place in a checkpoint", known.name),
                       "Save the checkpoint again with torch.save");
        refuse(fmt::format("0x{:02x} is no opcode", opcode));
    }

    /// One opcode; false after STOP.
    bool step() {
        m_opcodeAt = m_at;
        const auto opcode = number<std::uint8_t>();
        // clang-format off
        switch (opcode) {
        case 0x80: checkProtocol(); break;                                      // PROTO
        case 0x95: number<std::uint64_t>(); break;                              // FRAME: a hint for buffering
        case '.': return false;                                                 // STOP
        case '(': mark(); break;                                                // MARK
        case '0': drop(); break;                                                // POP
        case '1': popMark(); break;                                             // POP_MARK
        case '2': push(top()); break;                                           // DUP
        case 'N': make(Kind::None); break;                                      // NONE
        case 0x88: makeBoolean(true); break;                                    // NEWTRUE
        case 0x89: makeBoolean(false); break;                                   // NEWFALSE
        case 'K': makeInteger(number<std::uint8_t>()); break;                   // BININT1
        case 'M': makeInteger(number<std::uint16_t>()); break;                  // BININT2
        case 'J': makeInteger(number<std::int32_t>()); break;                   // BININT
        case 0x8a: makeLong(number<std::uint8_t>()); break;                     // LONG1
        case 0x8b: makeLong(number<std::uint32_t>()); break;                    // LONG4
        case 'G': makeReal(); break;                                            // BINFLOAT
        case 'X': makeText(Kind::Text, text(number<std::uint32_t>())); break;   // BINUNICODE
        case 0x8c: makeText(Kind::Text, text(number<std::uint8_t>())); break;   // SHORT_BINUNICODE
        case 0x8d: makeText(Kind::Text, text(number<std::uint64_t>())); break;  // BINUNICODE8
        case 'T': makeText(Kind::Text, text(number<std::uint32_t>())); break;   // BINSTRING: Python 2's str
        case 'U': makeText(Kind::Text, text(number<std::uint8_t>())); break;    // SHORT_BINSTRING
        case 'B': makeText(Kind::Bytes, text(number<std::uint32_t>())); break;  // BINBYTES
        case 'C': makeText(Kind::Bytes, text(number<std::uint8_t>())); break;   // SHORT_BINBYTES
        case 0x8e: makeText(Kind::Bytes, text(number<std::uint64_t>())); break; // BINBYTES8
        case 0x96: makeText(Kind::Bytes, text(number<std::uint64_t>())); break; // BYTEARRAY8
        case ')': make(Kind::Tuple); break;                                     // EMPTY_TUPLE
        case 't': makeFrom(Kind::Tuple, popMark()); break;                      // TUPLE
        case 0x85: makeTuple(1); break;                                         // TUPLE1
        case 0x86: makeTuple(2); break;                                         // TUPLE2
        case 0x87: makeTuple(3); break;                                         // TUPLE3
        case ']': make(Kind::List); break;                                      // EMPTY_LIST
        case 'l': makeFrom(Kind::List, popMark()); break;                       // LIST
        case 'a': addOne(); break;                                              // APPEND
        case 'e': addElements(popMark(), Kind::List); break;                    // APPENDS
        case '}': make(Kind::Dictionary); break;                                // EMPTY_DICT
        case 'd': makeDictionary(); break;                                      // DICT
        case 's': setItem(); break;                                             // SETITEM
        case 'u': setItems(popMark()); break;                                   // SETITEMS
        case 0x8f: make(Kind::Set); break;                                      // EMPTY_SET
        case 0x90: addElements(popMark(), Kind::Set); break;                    // ADDITEMS
        case 0x91: makeFrom(Kind::Set, popMark()); break;                       // FROZENSET
        case 'q': memoize(number<std::uint8_t>()); break;                       // BINPUT
        case 'r': memoize(number<std::uint32_t>()); break;                      // LONG_BINPUT
        case 0x94: memoize(m_memoized); break;                                  // MEMOIZE
        case 'h': recall(number<std::uint8_t>()); break;                        // BINGET
        case 'j': recall(number<std::uint32_t>()); break;                       // LONG_BINGET
        case 'c': makeNamedGlobal(); break;                                     // GLOBAL
        case 0x93: makeStackedGlobal(); break;                                  // STACK_GLOBAL
        case 'R': makeObject(false); break;                                     // REDUCE
        case 0x81: makeObject(false); break;                                    // NEWOBJ
        case 0x92: makeObject(true); break;                                     // NEWOBJ_EX
        case 'b': setState(); break;                                            // BUILD
        case 'Q': makePersistent(); break;                                      // BINPERSID
        default: refuseOpcode(opcode);
        }
        // clang-format on
        return true;
    }

    std::size_t lowest() const noexcept { return m_marks.empty() ? 0 : m_marks.back(); }
    /// POP takes a value, or a mark that nothing stands on.
    void drop() {
        if (m_stack.size() == lowest() && !m_marks.empty())
            m_marks.pop_back();
        else
            pop();
    }
    void addOne() {
        const PickleId element = pop();
        addElements({&element, 1}, Kind::List);
    }
    void setItem() {
        const PickleId value = pop(), key = pop();
        setItems(std::array{key, value});
    }
    void makeDictionary() {
        const std::vector<PickleId> pairs = popMark();
        make(Kind::Dictionary);
        setItems(pairs);
    }
    void makeNamedGlobal() {
        const std::string_view module = line(), name = line();
        makeGlobal(module, name);
    }
    void makePersistent() {
        const PickleId id = pop();
        make(Kind::Persistent).arguments = id;
    }

    std::span<const std::byte> m_bytes;
    const std::string& m_where;
    const PickleLimits& m_limits;
    PickleDocument m_document;
    std::vector<PickleId> m_stack;
    std::vector<std::size_t> m_marks; ///< heights of the stack
    std::vector<PickleId> m_memo;
    std::size_t m_references = 0;
    std::size_t m_memoized = 0; ///< values in the memo: MEMOIZE takes the next number
    std::size_t m_at = 0;
    std::size_t m_opcodeAt = 0;
};

PickleDocument readPickle(std::span<const std::byte> bytes, const std::string& where,
                          const PickleLimits& limits) {
    if (bytes.size() > limits.bytes)
        throw Error(ErrorKind::File,
                    {kWhat, where,
                     fmt::format("it has {} bytes, the limit is {}", bytes.size(), limits.bytes),
                     "Save the weights alone: torch.save(model.state_dict(), …)"});
    return PickleReader(bytes, where, limits).read();
}

} // namespace steploom
