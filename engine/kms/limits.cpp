#include "engine/kms/limits.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/text.hpp"
#include "engine/kms/kms_error.hpp"

namespace keydeck::kms {
namespace {

constexpr std::string_view kReservedTagPrefix = "aws:";
constexpr std::string_view kAliasPrefix = "alias/";
constexpr std::string_view kReservedAliasPrefix = "alias/aws/";

std::size_t characters(std::string_view text) {
    return static_cast<std::size_t>(
        std::ranges::count_if(text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

Status check_length(std::size_t length, std::size_t least, std::size_t most, std::optional<std::string_view> shown,
                    std::string_view field) {
    if (length < least) {
        return constraint_error(shown, field, fmt::format("Member must have length greater than or equal to {}", least));
    }
    if (length > most) {
        return constraint_error(shown, field, fmt::format("Member must have length less than or equal to {}", most));
    }
    return {};
}

Status check_text(std::string_view text, std::size_t least, std::size_t most, std::string_view field) {
    if (!is_utf8(text)) return validation_error(fmt::format("The value at '{}' is not UTF-8 text.", field));
    return check_length(characters(text), least, most, text, field);
}

Status check_range(int value, int least, int most, std::string_view field) {
    const std::string shown = std::to_string(value);
    if (value < least) {
        return constraint_error(shown, field, fmt::format("Member must have value greater than or equal to {}", least));
    }
    if (value > most) {
        return constraint_error(shown, field, fmt::format("Member must have value less than or equal to {}", most));
    }
    return {};
}

Status check_tag_key(std::string_view key, std::string_view field) {
    if (Status text = check_text(key, 1, 128, field); !text) return text;
    if (ascii_lower(key.substr(0, kReservedTagPrefix.size())) == kReservedTagPrefix) {
        return kms_fail("TagException", "Tags beginning with aws: are reserved");
    }
    return {};
}

}  // namespace

Status check_key_id(std::string_view key_id) { return check_text(key_id, 1, 2048, "keyId"); }

Status check_plaintext(ByteView plaintext) {
    return check_length(plaintext.size(), 1, kMaxPlaintext, std::nullopt, "plaintext");
}

Status check_message(ByteView message) { return check_length(message.size(), 1, kMaxPlaintext, std::nullopt, "message"); }

Status check_policy(std::string_view policy) {
    if (!is_utf8(policy)) return validation_error("The value at 'policy' is not UTF-8 text.");
    // The value is not repeated: it may be long.
    return check_length(characters(policy), 1, kMaxPolicy, std::nullopt, "policy");
}

Status check_ciphertext(ByteView ciphertext, std::string_view field) {
    return check_length(ciphertext.size(), 1, kMaxCiphertext, std::nullopt, field);
}

Status check_number_of_bytes(int number) { return check_range(number, 1, 1024, "numberOfBytes"); }

Status check_description(std::string_view description) { return check_text(description, 0, 8192, "description"); }

Status check_alias_name(std::string_view name) {
    if (Status text = check_text(name, 1, 256, "aliasName"); !text) return text;
    const bool allowed = std::ranges::all_of(name, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ':' || c == '/' ||
               c == '_' || c == '-';
    });
    if (!allowed) {
        return constraint_error(name, "aliasName", "Member must satisfy regular expression pattern: ^[a-zA-Z0-9:/_-]+$");
    }
    if (!name.starts_with(kAliasPrefix)) {
        return validation_error(
            "Alias must start with the prefix \"alias/\". Please see "
            "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html");
    }
    if (name.size() == kAliasPrefix.size())
        return kms_fail("InvalidAliasNameException", "The alias has no name after alias/.");
    if (name.starts_with(kReservedAliasPrefix)) {
        return kms_fail("NotAuthorizedException", "Aliases beginning with alias/aws/ are reserved.");
    }
    return {};
}

Status check_tags(const Tags& tags) {
    std::vector<std::string_view> keys;
    keys.reserve(tags.size());
    for (const auto& [key, value] : tags) keys.push_back(key);
    std::ranges::sort(keys);
    if (std::ranges::adjacent_find(keys) != keys.end()) return kms_fail("TagException", "Duplicate tag keys");
    if (tags.size() > kMaxTagsPerKey) return kms_fail("TagException", "Too many tags");
    for (std::size_t i = 0; i < tags.size(); ++i) {
        const auto& [key, value] = tags[i];
        if (Status status = check_tag_key(key, fmt::format("tags.{}.member.tagKey", i + 1)); !status) return status;
        if (Status status = check_text(value, 0, 256, fmt::format("tags.{}.member.tagValue", i + 1)); !status) return status;
    }
    return {};
}

Status check_tag_keys(const std::vector<std::string>& keys) {
    for (std::size_t i = 0; i < keys.size(); ++i) {
        if (Status status = check_tag_key(keys[i], fmt::format("tagKeys.{}.member", i + 1)); !status) return status;
    }
    return {};
}

Status check_page_limit(const std::optional<int>& limit) { return limit ? check_range(*limit, 1, 1000, "limit") : Status{}; }

Status check_pending_window(int days) { return check_range(days, 7, 30, "pendingWindowInDays"); }

Status check_rotation_period(int days) { return check_range(days, 90, 2560, "rotationPeriodInDays"); }

Status check_spec_and_usage(KeySpec spec, KeyUsage usage) {
    if (usage == usage_of(spec)) return {};
    return validation_error(fmt::format("KeyUsage {} is not compatible with KeySpec {}", to_string(usage), to_string(spec)));
}

Status check_context(const EncryptionContext& context) {
    for (const auto& [name, value] : context) {
        if (!is_utf8(name) || !is_utf8(value)) return validation_error("The encryption context is not UTF-8 text.");
    }
    return {};
}

}  // namespace keydeck::kms
