// SPDX-License-Identifier: GPL-3.0-or-later
#include "experiments/training/byte_pair_trainer.h"

#include "engine/core/error.h"
#include "engine/text/byte_level.h"
#include "experiments/training/pair_merging.h"
#include "experiments/training/training_text.h"
#include "experiments/training/word_counts.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <vector>

namespace steploom {
namespace {

constexpr int kLeastPieces = 256 + 1; ///< every byte, and the separator
/// Part of the work that counting words is, about; the rest is merging.
constexpr double kCountingShare = 0.7;

[[noreturn]] void refuse(std::string where, std::string why, std::string remedy) {
    throw Error(ErrorKind::Tokenizer,
                {"cannot train the tokenizer", std::move(where), std::move(why), std::move(remedy)});
}

[[noreturn]] void refuseStopped() {
    refuse("the text", "it was stopped, and nothing is left of it", "Start it again");
}

/// The characters that stand for the bytes, in the order of their code points: the alphabet's ids.
struct Alphabet {
    std::array<PairMerging::Piece, 256> pieceOfByte{};
    std::array<std::string, 256> spellingOfByte;

    Alphabet() {
        PairMerging::Piece next = 0;
        for (unsigned code = 0x21; next < 256; ++code) {
            const std::string spelling = code < 0x80 ? std::string(1, static_cast<char>(code))
                                                     : std::string{static_cast<char>(0xC0 | code >> 6),
                                                                   static_cast<char>(0x80 | (code & 0x3F))};
            const auto byte = bytesOfPiece(spelling);
            if (!byte)
                continue;
            const auto index = static_cast<unsigned char>(byte->front());
            pieceOfByte[index] = next++;
            spellingOfByte[index] = spelling;
        }
    }
    std::string spell(std::string_view bytes) const {
        std::string spelling;
        for (const char byte : bytes)
            spelling += spellingOfByte[static_cast<unsigned char>(byte)];
        return spelling;
    }
};

using Json = nlohmann::ordered_json;

Json byteLevel(bool addPrefixSpace, bool trimOffsets) {
    return {{"type", "ByteLevel"},
            {"add_prefix_space", addPrefixSpace},
            {"trim_offsets", trimOffsets},
            {"use_regex", true}};
}

/// As `tokenizers` writes it, whose readers want every key.
std::string tokenizerJson(const std::vector<std::string>& pieces,
                          const std::vector<PairMerging::Merge>& merges, const Alphabet& alphabet) {
    const auto separator = static_cast<int>(pieces.size());
    std::vector<std::string> spellings;
    Json::object_t vocabulary; // appended to: looking every piece up would take quadratic time
    for (const std::string& piece : pieces) {
        spellings.push_back(alphabet.spell(piece));
        vocabulary.push_back({spellings.back(), static_cast<int>(vocabulary.size())});
    }
    vocabulary.push_back({std::string(TrainingText::kMarker), separator});
    Json ranks = Json::array();
    for (const PairMerging::Merge& merge : merges)
        ranks.push_back(spellings[static_cast<std::size_t>(merge.left)] + " " +
                        spellings[static_cast<std::size_t>(merge.right)]);
    const Json added = {{"id", separator},      {"content", TrainingText::kMarker},
                        {"single_word", false}, {"lstrip", false},
                        {"rstrip", false},      {"normalized", false},
                        {"special", true}};
    Json document = {{"version", "1.0"},
                     {"truncation", nullptr},
                     {"padding", nullptr},
                     {"added_tokens", Json::array({added})},
                     {"normalizer", nullptr},
                     {"pre_tokenizer", byteLevel(false, true)},
                     {"post_processor", byteLevel(true, false)},
                     {"decoder", byteLevel(true, true)}};
    document["model"] = {{"type", "BPE"},
                         {"dropout", nullptr},
                         {"unk_token", nullptr},
                         {"continuing_subword_prefix", ""},
                         {"end_of_word_suffix", ""},
                         {"fuse_unk", false},
                         {"byte_fallback", false},
                         {"vocab", std::move(vocabulary)},
                         {"merges", std::move(ranks)}};
    return document.dump();
}

} // namespace

TrainedTokenizer trainBytePairs(std::span<const std::string_view> documents,
                                const BytePairTraining& training) {
    if (training.vocabulary < kLeastPieces)
        refuse(
            fmt::format("a vocabulary of {}", training.vocabulary),
            fmt::format("256 bytes and the separator {} take {} pieces", TrainingText::kMarker, kLeastPieces),
            "Ask for more pieces, as 4096");
    const auto tell = [&](double share) {
        if (training.progress)
            training.progress(share);
    };
    const WordCounts words = countWords(
        documents, [&](double share) { tell(kCountingShare * share); }, training.stop);
    if (training.stop.stop_requested())
        refuseStopped();
    const Alphabet alphabet;
    PairMerging merging(words, alphabet.pieceOfByte);
    std::vector<PairMerging::Merge> merges;
    const auto wanted = static_cast<std::size_t>(training.vocabulary) - 1; // the separator is the last
    while (merging.pieces().size() < wanted) {
        const auto merge = merging.mergeNext();
        if (training.stop.stop_requested())
            refuseStopped();
        if (!merge)
            refuse(
                fmt::format("a vocabulary of {}", training.vocabulary),
                fmt::format("the text supports {} pieces: no two of them occur side by side twice any more",
                            merging.pieces().size() + 1),
                fmt::format("Ask for {} pieces or fewer, or give more text", merging.pieces().size() + 1));
        merges.push_back(*merge);
        tell(kCountingShare + (1 - kCountingShare) * static_cast<double>(merging.pieces().size() - 256) /
                                  static_cast<double>(wanted - 256));
    }
    tell(1);
    TrainedTokenizer trained{.json = tokenizerJson(merging.pieces(), merges, alphabet),
                             .pieces = training.vocabulary,
                             .merges = static_cast<int>(merges.size()),
                             .tokens = merging.tokens()};
    for (const std::string_view document : documents)
        trained.bytes += document.size();
    return trained;
}

} // namespace steploom
