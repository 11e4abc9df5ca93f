// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <exception>
#include <string>

namespace steploom {

/// What an error is about; decides the exit code of steploom-cli and the place where the window shows it.
enum class ErrorKind {
    File,      ///< a file is absent, unreadable or not what it claims to be
    Config,    ///< config.json lacks a key or holds a value that cannot be
    Tensors,   ///< tensors are missing, extra, misshaped, or hold NaN
    Tokenizer, ///< a tokenizer cannot be read, or does not fit its model
    Pool,      ///< models that cannot share a pool
    Schedule,  ///< a step schedule that cannot be read or does not fit
    Request,   ///< a generation request that cannot be run
    Text,      ///< text that is not valid UTF-8
    Store,     ///< the run store cannot be opened, read or written
    Device,    ///< the processor or oneDNN refused
};

/// The one error type of the engine. Every message answers four questions, so that the person who reads it
/// can act: what failed, where, why, and what to do about it.
class Error : public std::exception {
public:
    struct Parts {
        std::string what;   ///< "cannot load the checkpoint"
        std::string where;  ///< a path, a tensor name, a character of the schedule
        std::string why;    ///< "the header claims 9,000 bytes, the file has 512"
        std::string remedy; ///< "download the file again"
    };

    /// What is not valid UTF-8 in the parts is replaced, and what is longer than a screen is cut.
    Error(ErrorKind kind, Parts parts);

    ErrorKind kind() const noexcept { return m_kind; }
    const Parts& parts() const noexcept { return m_parts; }
    /// All four parts in one line: "what: where: why. Remedy."
    const char* what() const noexcept override { return m_line.c_str(); }

private:
    ErrorKind m_kind;
    Parts m_parts;
    std::string m_line;
};

} // namespace steploom
