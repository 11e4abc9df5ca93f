// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "engine/sampling/trace.h"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace steploom {

/// The per-position part of a trace as bundles hold it and as it is hashed, at most 14 bytes a position for
/// vocabularies below 2²¹ and schedules of up to 10,000 steps. Version 1, little-endian, all columns after
/// one another:
///
///     u8 version = 1 | varint L | L varints token | L varints step + 1 | L × i8 member
///     | L × f32 log-probability | L × f32 entropy
///
/// Version 2, written only for samples in which tokens were masked again (ReMDM), goes on with at most 17
/// bytes for each of those, enough to replay every step:
///
///     varint count | count × (varint position | varint token | varint reveal step | varint remask step
///                             | i8 member | f32 log-probability | f32 entropy)
///
/// Version 3, written only for samples that keep likeliest tokens, is version 2 (its count may be 0) and
/// then, 6 bytes or so for each of them:
///
///     u8 k | L × (u8 n ≤ k | n × (varint token | f32 log-probability))
///
/// Floats keep their bits: a rerun is compared with them. Throws Error(Store) when the columns differ in
/// length.
std::vector<std::byte> traceToBlob(const SampleTrace& trace);

/// The same trace as the store keeps it: at most 12 bytes a position (and some 15 a sample) for vocabularies
/// up to 2¹⁶, schedules of up to 10,000 steps and two models, without likeliest tokens; 11.3 over 256 steps.
/// Version 4:
///
///     u8 version = 4 | varint L | packed L tokens | packed L steps + 1 | members
///     | L × f32 log-probability | L × f32 entropy | remasked tokens as in version 2 | likeliest as in
///     version 3, or u8 0
///
/// where packed is u8 width | the values in as many bits each, from the lowest bit of a byte on. Members are
/// u8 1 | i8 lowest | packed (member − lowest) of each different step, ascending, where one model did what
/// was revealed at a step (and none what was given); else u8 0 | i8 lowest | packed (member − lowest) of each
/// position. Version 5, of CALM's samples in either form, goes on with the draws of each chunk:
///
///     varint count ≤ L | packed count draws
std::vector<std::byte> traceToCompactBlob(const SampleTrace& trace);

/// Fills the per-position columns of `trace` from a blob of any version. Nothing in the blob is believed:
/// Error(Store) with `where` ("FILE, run 3, sample 2") when it is of an unknown version, cut short, or holds
/// more than it says.
void traceFromBlob(std::span<const std::byte> blob, const std::string& where, SampleTrace& trace);

} // namespace steploom
