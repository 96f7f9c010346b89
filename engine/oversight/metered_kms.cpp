#include "engine/oversight/metered_kms.hpp"

#include <algorithm>
#include <concepts>

#include "engine/kms/call_scope.hpp"

namespace keydeck::oversight {
namespace {

constexpr std::size_t kLongestKey = 256;
constexpr std::string_view kAlias = "alias/";

/// What AWS allows in key ids and aliases.
bool is_key_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ':' || c == '/' || c == '_' ||
           c == '-';
}

/// Answers that name the key that was used.
template <class T>
concept NamesKey = requires(const T& answer) {
    { answer.key_arn } -> std::convertible_to<std::string_view>;
};
template <class T>
concept IsMetadata = std::same_as<T, kms::KeyMetadata>;

template <class T>
std::string_view arn_in(const Result<T>& answer) {
    if (!answer) return {};
    if constexpr (NamesKey<T>) {
        return answer->key_arn;
    } else if constexpr (IsMetadata<T>) {
        return answer->arn;
    } else {
        return {};
    }
}
std::string_view arn_in(const Status& /*answer*/) { return {}; }

}  // namespace

std::string_view key_id_of(std::string_view text) {
    if (text.starts_with("arn:")) {
        // arn:partition:kms:region:account:key/ID or :alias/NAME
        std::size_t at = 0;
        for (int colons = 0; colons < 5; ++colons) {
            at = text.find(':', at);
            if (at == std::string_view::npos) return {};
            ++at;
        }
        text.remove_prefix(at);
        constexpr std::string_view kKey = "key/";
        if (text.starts_with(kKey)) text.remove_prefix(kKey.size());
    }
    if (text.size() > kLongestKey || !std::ranges::all_of(text, is_key_character)) return {};
    return text;
}

template <class Call>
auto MeteredKms::metered(std::string_view operation, std::string_view key, const Call& call) {
    const kms::TryWatch tries;
    const auto begun = ticks_();
    auto answer = call();
    const auto ended = ticks_();
    std::string_view key_id = key_id_of(key);
    if (key_id.empty() || key_id.starts_with(kAlias)) {
        if (const std::string_view named = key_id_of(arn_in(answer)); !named.empty()) key_id = named;
    }
    recorder_.record({key_id, operation, answer ? nullptr : &answer.error(), ended - begun, tries.throttled()});
    return answer;
}

Result<kms::KeyMetadata> MeteredKms::create_key(const kms::CreateKeyRequest& request) {
    return metered("CreateKey", {}, [&] { return inner_.create_key(request); });
}
Result<kms::KeyMetadata> MeteredKms::describe_key(std::string_view key_id) {
    return metered("DescribeKey", key_id, [&] { return inner_.describe_key(key_id); });
}
Result<kms::Page<kms::KeyListEntry>> MeteredKms::list_keys(const kms::PageRequest& page) {
    return metered("ListKeys", {}, [&] { return inner_.list_keys(page); });
}
Status MeteredKms::update_key_description(std::string_view key_id, std::string_view description) {
    return metered("UpdateKeyDescription", key_id, [&] { return inner_.update_key_description(key_id, description); });
}
Status MeteredKms::enable_key(std::string_view key_id) {
    return metered("EnableKey", key_id, [&] { return inner_.enable_key(key_id); });
}
Status MeteredKms::disable_key(std::string_view key_id) {
    return metered("DisableKey", key_id, [&] { return inner_.disable_key(key_id); });
}
Result<kms::KeyMetadata> MeteredKms::schedule_key_deletion(std::string_view key_id, int pending_window_days) {
    return metered("ScheduleKeyDeletion", key_id, [&] { return inner_.schedule_key_deletion(key_id, pending_window_days); });
}
Status MeteredKms::cancel_key_deletion(std::string_view key_id) {
    return metered("CancelKeyDeletion", key_id, [&] { return inner_.cancel_key_deletion(key_id); });
}

Status MeteredKms::create_alias(std::string_view alias_name, std::string_view target_key_id) {
    return metered("CreateAlias", target_key_id, [&] { return inner_.create_alias(alias_name, target_key_id); });
}
Status MeteredKms::update_alias(std::string_view alias_name, std::string_view target_key_id) {
    return metered("UpdateAlias", target_key_id, [&] { return inner_.update_alias(alias_name, target_key_id); });
}
Status MeteredKms::delete_alias(std::string_view alias_name) {
    return metered("DeleteAlias", alias_name, [&] { return inner_.delete_alias(alias_name); });
}
Result<kms::Page<kms::Alias>> MeteredKms::list_aliases(std::string_view key_id, const kms::PageRequest& page) {
    return metered("ListAliases", key_id, [&] { return inner_.list_aliases(key_id, page); });
}
Status MeteredKms::tag_resource(std::string_view key_id, const kms::Tags& tags) {
    return metered("TagResource", key_id, [&] { return inner_.tag_resource(key_id, tags); });
}
Status MeteredKms::untag_resource(std::string_view key_id, const std::vector<std::string>& tag_keys) {
    return metered("UntagResource", key_id, [&] { return inner_.untag_resource(key_id, tag_keys); });
}
Result<kms::Page<std::pair<std::string, std::string>>> MeteredKms::list_resource_tags(std::string_view key_id,
                                                                                      const kms::PageRequest& page) {
    return metered("ListResourceTags", key_id, [&] { return inner_.list_resource_tags(key_id, page); });
}

Status MeteredKms::enable_key_rotation(std::string_view key_id, int period_days) {
    return metered("EnableKeyRotation", key_id, [&] { return inner_.enable_key_rotation(key_id, period_days); });
}
Status MeteredKms::disable_key_rotation(std::string_view key_id) {
    return metered("DisableKeyRotation", key_id, [&] { return inner_.disable_key_rotation(key_id); });
}
Result<kms::RotationStatus> MeteredKms::get_key_rotation_status(std::string_view key_id) {
    return metered("GetKeyRotationStatus", key_id, [&] { return inner_.get_key_rotation_status(key_id); });
}
Status MeteredKms::rotate_key_on_demand(std::string_view key_id) {
    return metered("RotateKeyOnDemand", key_id, [&] { return inner_.rotate_key_on_demand(key_id); });
}
Result<kms::Page<kms::Rotation>> MeteredKms::list_key_rotations(std::string_view key_id, const kms::PageRequest& page) {
    return metered("ListKeyRotations", key_id, [&] { return inner_.list_key_rotations(key_id, page); });
}

Result<kms::EncryptResult> MeteredKms::encrypt(std::string_view key_id, ByteView plaintext,
                                               const kms::EncryptionContext& context) {
    return metered("Encrypt", key_id, [&] { return inner_.encrypt(key_id, plaintext, context); });
}
Result<kms::DecryptResult> MeteredKms::decrypt(std::string_view key_id, ByteView ciphertext,
                                               const kms::EncryptionContext& context) {
    return metered("Decrypt", key_id, [&] { return inner_.decrypt(key_id, ciphertext, context); });
}
Result<kms::ReEncryptResult> MeteredKms::re_encrypt(const kms::ReEncryptRequest& request) {
    return metered("ReEncrypt", request.destination_key_id, [&] { return inner_.re_encrypt(request); });
}
Result<kms::DataKey> MeteredKms::generate_data_key(std::string_view key_id, int number_of_bytes,
                                                   const kms::EncryptionContext& context) {
    return metered("GenerateDataKey", key_id, [&] { return inner_.generate_data_key(key_id, number_of_bytes, context); });
}
Result<kms::DataKey> MeteredKms::generate_data_key_without_plaintext(std::string_view key_id, int number_of_bytes,
                                                                     const kms::EncryptionContext& context) {
    return metered("GenerateDataKeyWithoutPlaintext", key_id,
                   [&] { return inner_.generate_data_key_without_plaintext(key_id, number_of_bytes, context); });
}
Result<kms::DataKeyPair> MeteredKms::generate_data_key_pair(std::string_view key_id, const kms::EncryptionContext& context) {
    return metered("GenerateDataKeyPair", key_id, [&] { return inner_.generate_data_key_pair(key_id, context); });
}
Result<kms::DataKeyPair> MeteredKms::generate_data_key_pair_without_plaintext(std::string_view key_id,
                                                                              const kms::EncryptionContext& context) {
    return metered("GenerateDataKeyPairWithoutPlaintext", key_id,
                   [&] { return inner_.generate_data_key_pair_without_plaintext(key_id, context); });
}
Result<Bytes> MeteredKms::generate_random(int number_of_bytes) {
    return metered("GenerateRandom", {}, [&] { return inner_.generate_random(number_of_bytes); });
}

Result<kms::PublicKeyResult> MeteredKms::get_public_key(std::string_view key_id) {
    return metered("GetPublicKey", key_id, [&] { return inner_.get_public_key(key_id); });
}
Result<kms::SignResult> MeteredKms::sign(std::string_view key_id, ByteView message, kms::MessageType type) {
    return metered("Sign", key_id, [&] { return inner_.sign(key_id, message, type); });
}
Status MeteredKms::verify(std::string_view key_id, ByteView message, kms::MessageType type, ByteView signature) {
    return metered("Verify", key_id, [&] { return inner_.verify(key_id, message, type, signature); });
}

}  // namespace keydeck::oversight
