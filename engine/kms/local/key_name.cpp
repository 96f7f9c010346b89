#include "engine/kms/local/key_name.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>

#include "engine/kms/kms_error.hpp"
#include "engine/kms/limits.hpp"

namespace keydeck::kms::local {
namespace {

bool is_hex(std::string_view text) {
    return std::ranges::all_of(
        text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); });
}

// A UUID, or a multi-Region key's mrk- and 32 digits (which exist in AWS only, but are well formed).
bool looks_like_key_id(std::string_view text) {
    constexpr std::string_view kMultiRegion = "mrk-";
    if (text.starts_with(kMultiRegion)) return text.size() == 36 && is_hex(text.substr(kMultiRegion.size()));
    if (text.size() != 36) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
        if (dash ? text[i] != '-' : !is_hex(text.substr(i, 1))) return false;
    }
    return true;
}

// arn : partition : service : region : account : resource; the last may hold colons.
std::optional<std::array<std::string_view, 6>> split_arn(std::string_view text) {
    std::array<std::string_view, 6> parts;
    for (std::size_t i = 0; i < 5; ++i) {
        const std::size_t colon = text.find(':');
        if (colon == std::string_view::npos) return std::nullopt;
        parts[i] = text.substr(0, colon);
        text.remove_prefix(colon + 1);
    }
    parts[5] = text;
    return parts;
}

std::optional<KeyName> parse_resource(std::string_view resource) {
    constexpr std::string_view kKey = "key/";
    constexpr std::string_view kAlias = "alias/";
    if (resource.starts_with(kAlias) && resource.size() > kAlias.size()) return KeyName{true, resource};
    if (resource.starts_with(kKey) && looks_like_key_id(resource.substr(kKey.size()))) {
        return KeyName{false, resource.substr(kKey.size())};
    }
    return std::nullopt;
}

Result<KeyName> parse_arn(std::string_view text, const Place& place) {
    const auto parts = split_arn(text);
    const std::optional<KeyName> name = parts ? parse_resource((*parts)[5]) : std::nullopt;
    if (!name || (*parts)[1] != "aws" || (*parts)[2] != "kms") return invalid_key_id(text);
    if ((*parts)[3] != place.region) return kms_fail("NotFoundException", fmt::format("Invalid arn {}", (*parts)[3]));
    if ((*parts)[4] != place.account) {
        if (name->is_alias) return alias_not_found(text);
        return key_not_found(text);
    }
    return *name;
}

}  // namespace

std::string Place::key_arn(std::string_view key_id) const {
    return fmt::format("arn:aws:kms:{}:{}:key/{}", region, account, key_id);
}

std::string Place::alias_arn(std::string_view alias) const {
    return fmt::format("arn:aws:kms:{}:{}:{}", region, account, alias);
}

Result<KeyName> parse_key_name(std::string_view text, Aliases aliases, const Place& place) {
    if (Status length = check_key_id(text); !length) return fail(length);
    Result<KeyName> name = KeyName{};
    if (text.starts_with("arn:")) {
        name = parse_arn(text, place);
    } else if (text.starts_with("alias/") && text.size() > 6) {
        name = KeyName{true, text};
    } else if (looks_like_key_id(text)) {
        name = KeyName{false, text};
    } else {
        return invalid_key_id(text);
    }
    if (name && name->is_alias && aliases == Aliases::kRefused) return invalid_key_id(text);
    return name;
}

}  // namespace keydeck::kms::local
