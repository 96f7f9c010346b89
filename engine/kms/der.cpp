#include "engine/kms/der.hpp"

namespace keydeck::kms::der {
namespace {

struct Length {
    std::size_t content;
    std::size_t header;
};

// The length of an element whose tag stands at data[0].
std::optional<Length> read_length(ByteView data) {
    if (data.size() < 2) return std::nullopt;
    const std::size_t first = data[1];
    if (first < 0x80) return Length{first, 2};
    const std::size_t bytes = first & 0x7FU;
    if (bytes < 1 || bytes > 2 || data.size() < 2 + bytes) return std::nullopt;
    std::size_t content = 0;
    for (std::size_t i = 0; i < bytes; ++i) content = (content << 8U) | data[2 + i];
    const std::size_t least = bytes == 1 ? 0x80 : 0x100;
    if (content < least) return std::nullopt;
    return Length{content, 2 + bytes};
}

}  // namespace

std::optional<ByteView> Reader::read(std::uint8_t tag) {
    if (!next_is(tag)) return std::nullopt;
    const std::optional<Length> length = read_length(data_);
    if (!length || data_.size() - length->header < length->content) return std::nullopt;
    const ByteView content = data_.subspan(length->header, length->content);
    data_ = data_.subspan(length->header + length->content);
    return content;
}

std::optional<ByteView> Reader::read_unsigned() {
    const std::optional<ByteView> content = read(kInteger);
    if (!content || content->empty() || ((*content)[0] & 0x80U) != 0) return std::nullopt;
    if ((*content)[0] != 0) return content;
    if (content->size() > 1 && ((*content)[1] & 0x80U) == 0) return std::nullopt;
    return content->subspan(1);
}

void append_short(Bytes& out, std::uint8_t tag, ByteView content) {
    out.push_back(tag);
    out.push_back(static_cast<std::uint8_t>(content.size()));
    append(out, content);
}

void append_unsigned(Bytes& out, ByteView magnitude) {
    while (!magnitude.empty() && magnitude[0] == 0) magnitude = magnitude.subspan(1);
    const bool needs_zero = magnitude.empty() || (magnitude[0] & 0x80U) != 0;
    out.push_back(kInteger);
    out.push_back(static_cast<std::uint8_t>(magnitude.size() + (needs_zero ? 1 : 0)));
    if (needs_zero) out.push_back(0);
    append(out, magnitude);
}

}  // namespace keydeck::kms::der
