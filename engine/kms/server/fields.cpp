#include "engine/kms/server/fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "engine/base/base64.hpp"
#include "engine/kms/kms_error.hpp"

namespace keydeck::kms::server {
namespace {

using json::Kind;

/// The name as AWS's messages have it: KeyId is keyId.
std::string shown(std::string_view name) {
    std::string out(name);
    if (!out.empty() && out[0] >= 'A' && out[0] <= 'Z') out[0] = static_cast<char>(out[0] - 'A' + 'a');
    return out;
}

std::string type_sentence(const json::Value& found, std::string_view wanted) {
    switch (found.kind) {
        case Kind::kObject:
            return "Start of structure or map found where not expected.";
        case Kind::kArray:
            return "Start of list found where not expected.";
        case Kind::kString:
            return fmt::format("STRING_VALUE can not be converted to {}", wanted);
        case Kind::kNumber:
            return fmt::format("NUMBER_VALUE can not be converted to {}", wanted);
        case Kind::kBool:
            return fmt::format("{}_VALUE can not be converted to {}", found.boolean ? "TRUE" : "FALSE", wanted);
        case Kind::kNull:
            break;
    }
    return fmt::format("NULL_VALUE can not be converted to {}", wanted);
}

std::optional<int> to_integer(std::string_view written) {
    int value = 0;
    const auto [end, error] = std::from_chars(written.data(), written.data() + written.size(), value);
    if (error != std::errc() || end != written.data() + written.size()) return std::nullopt;
    return value;
}

/// Seconds since 1970, fraction and exponent allowed.
std::optional<Timestamp> to_time(std::string_view written) {
    double seconds = 0;
    const auto [end, error] = std::from_chars(written.data(), written.data() + written.size(), seconds);
    constexpr double kMost = 9.0e9;  // the year 2255
    if (error != std::errc() || end != written.data() + written.size() || !(std::abs(seconds) < kMost)) return std::nullopt;
    return from_micros(std::llround(seconds * 1e6));
}

}  // namespace

const json::Value* Fields::find(std::string_view name) const {
    const json::Value* value = body_.find(name);
    return value == nullptr || value->is(Kind::kNull) ? nullptr : value;
}

void Fields::refuse(std::string message) {
    if (!type_error_) type_error_ = std::move(message);
}

const json::Value* Fields::find(std::string_view name, Kind kind, std::string_view wanted) {
    const json::Value* value = find(name);
    if (value == nullptr || value->is(kind)) return value;
    refuse(type_sentence(*value, wanted));
    return nullptr;
}

void Fields::require(std::string_view name) {
    if (has(name)) return;
    violations_.push_back(
        fmt::format("Value null at '{}' failed to satisfy constraint: Member must not be null", shown(name)));
}

std::string_view Fields::text(std::string_view name) {
    const json::Value* value = find(name, Kind::kString, "String");
    return value == nullptr ? std::string_view() : value->text;
}

std::string_view Fields::required_text(std::string_view name) {
    require(name);
    return text(name);
}

Bytes Fields::blob(std::string_view name) {
    const json::Value* value = find(name, Kind::kString, "Blob");
    if (value == nullptr) return {};
    Result<Bytes> bytes = from_base64(value->text, name);
    if (bytes) return std::move(*bytes);
    refuse(fmt::format("The value of {} is not Base64.", name));
    return {};
}

Bytes Fields::required_blob(std::string_view name) {
    require(name);
    return blob(name);
}

std::optional<int> Fields::integer(std::string_view name) {
    const json::Value* value = find(name, Kind::kNumber, "Integer");
    if (value == nullptr) return std::nullopt;
    const std::optional<int> number = to_integer(value->text);
    if (!number) refuse("NUMBER_VALUE can not be converted to Integer");
    return number;
}

int Fields::required_integer(std::string_view name) {
    require(name);
    return integer(name).value_or(0);
}

bool Fields::flag(std::string_view name) {
    const json::Value* value = find(name, Kind::kBool, "Boolean");
    return value != nullptr && value->boolean;
}

std::optional<Timestamp> Fields::time(std::string_view name) {
    const json::Value* value = find(name, Kind::kNumber, "Timestamp");
    if (value == nullptr) return std::nullopt;
    const std::optional<Timestamp> at = to_time(value->text);
    if (!at) refuse("NUMBER_VALUE can not be converted to Timestamp");
    return at;
}

std::string_view Fields::word(std::string_view name, std::span<const std::string_view> words, std::string_view fallback) {
    const json::Value* value = find(name, Kind::kString, "String");
    if (value == nullptr) return fallback;
    if (std::ranges::find(words, value->text) != words.end()) return value->text;
    violations_.push_back(
        fmt::format("Value '{}' at '{}' failed to satisfy constraint: Member must satisfy enum value set: [{}]", value->text,
                    shown(name), fmt::join(words, ", ")));
    return fallback;
}

std::string_view Fields::required_word(std::string_view name, std::span<const std::string_view> words) {
    require(name);
    return word(name, words, "");
}

EncryptionContext Fields::context(std::string_view name) {
    EncryptionContext out;
    const json::Value* value = find(name, Kind::kObject, "Map");
    if (value == nullptr) return out;
    for (const auto& [key, member] : value->members) {
        if (member.is(Kind::kString)) {
            out.emplace(key, member.text);
        } else {
            refuse(type_sentence(member, "String"));
        }
    }
    return out;
}

Tags Fields::tags(std::string_view name) {
    Tags out;
    const json::Value* value = find(name, Kind::kArray, "List");
    if (value == nullptr) return out;
    for (std::size_t i = 0; i < value->items.size(); ++i) {
        const json::Value& item = value->items[i];
        if (!item.is(Kind::kObject)) {
            refuse(type_sentence(item, "Tag"));
            continue;
        }
        std::string_view parts[2];
        constexpr std::string_view kNames[2] = {"TagKey", "TagValue"};
        for (std::size_t part = 0; part < 2; ++part) {
            const json::Value* member = item.find(kNames[part]);
            if (member == nullptr || member->is(Kind::kNull)) {
                violations_.push_back(
                    fmt::format("Value null at '{}.{}.member.{}' failed to satisfy constraint: Member must not be null",
                                shown(name), i + 1, shown(kNames[part])));
            } else if (member->is(Kind::kString)) {
                parts[part] = member->text;
            } else {
                refuse(type_sentence(*member, "String"));
            }
        }
        out.emplace_back(parts[0], parts[1]);
    }
    return out;
}

std::vector<std::string> Fields::texts(std::string_view name) {
    std::vector<std::string> out;
    const json::Value* value = find(name, Kind::kArray, "List");
    if (value == nullptr) return out;
    for (const json::Value& item : value->items) {
        if (item.is(Kind::kString)) {
            out.push_back(item.text);
        } else {
            refuse(type_sentence(item, "String"));
        }
    }
    return out;
}

PageRequest Fields::page() {
    PageRequest out;
    out.limit = integer("Limit");
    out.marker = text("Marker");
    return out;
}

Status Fields::check() const {
    if (type_error_) return kms_fail("SerializationException", *type_error_);
    if (violations_.empty()) return {};
    return validation_error(fmt::format("{} validation error{} detected: {}", violations_.size(),
                                        violations_.size() == 1 ? "" : "s", fmt::join(violations_, "; ")));
}

}  // namespace keydeck::kms::server
