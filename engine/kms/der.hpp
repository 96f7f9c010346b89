// DER (ITU-T X.690), as much as a KMS speaks: definite, minimal lengths up to 65535 bytes.
#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/bytes.hpp"

namespace keydeck::kms::der {

inline constexpr std::uint8_t kInteger = 0x02;
inline constexpr std::uint8_t kBitString = 0x03;
inline constexpr std::uint8_t kOctetString = 0x04;
inline constexpr std::uint8_t kObjectIdentifier = 0x06;
inline constexpr std::uint8_t kSequence = 0x30;
inline constexpr std::uint8_t kContext0 = 0xA0;
inline constexpr std::uint8_t kContext1 = 0xA1;

/// Reads elements one after another out of a view, which must outlive it.
class Reader {
public:
    explicit Reader(ByteView data) : data_(data) {}
    [[nodiscard]] bool done() const { return data_.empty(); }
    [[nodiscard]] bool next_is(std::uint8_t tag) const { return !data_.empty() && data_[0] == tag; }

    /// The content of the next element; nothing when the tag is another, the length is not minimal, or data is missing.
    [[nodiscard]] std::optional<ByteView> read(std::uint8_t tag);
    /// The magnitude of the next INTEGER without its leading zero; nothing when it is negative or not minimal. Zero is
    /// empty.
    [[nodiscard]] std::optional<ByteView> read_unsigned();

private:
    ByteView data_;
};

/// Appends one element; `content` at most 127 bytes.
void append_short(Bytes& out, std::uint8_t tag, ByteView content);
/// Appends a non-negative INTEGER given big-endian (leading zeros are dropped), at most 64 bytes.
void append_unsigned(Bytes& out, ByteView magnitude);

}  // namespace keydeck::kms::der
