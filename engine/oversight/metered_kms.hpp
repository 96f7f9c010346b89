// A Kms around any Kms that measures its calls.
#pragma once

#include <chrono>
#include <functional>
#include <string_view>

#include "engine/kms/kms.hpp"
#include "engine/oversight/usage_recorder.hpp"

namespace keydeck::oversight {

/// The key id that a request's or an answer's text names: the last part of a key ARN, the `alias/NAME` of an alias ARN, else
/// the text itself. Empty where it cannot be one (over 256 characters, or others than AWS allows).
[[nodiscard]] std::string_view key_id_of(std::string_view text);

/// Hands every call on and records key, operation, latency and the error's name. Calls under an alias count for the key that
/// the answer names, where it names one; a ReEncrypt counts for its destination. It sees neither plaintext nor key material
/// but by reference, and keeps nothing of them. Thread-safe; `inner` and `recorder` outlive it.
class MeteredKms final : public kms::Kms {
public:
    using Ticks = std::function<std::chrono::steady_clock::time_point()>;

    MeteredKms(kms::Kms& inner, UsageRecorder& recorder, Ticks ticks = std::chrono::steady_clock::now)
        : inner_(inner), recorder_(recorder), ticks_(std::move(ticks)) {}

    Result<kms::KeyMetadata> create_key(const kms::CreateKeyRequest& request) override;
    Result<kms::KeyMetadata> describe_key(std::string_view key_id) override;
    Result<kms::Page<kms::KeyListEntry>> list_keys(const kms::PageRequest& page) override;
    Status update_key_description(std::string_view key_id, std::string_view description) override;
    Status enable_key(std::string_view key_id) override;
    Status disable_key(std::string_view key_id) override;
    Result<kms::KeyMetadata> schedule_key_deletion(std::string_view key_id, int pending_window_days) override;
    Status cancel_key_deletion(std::string_view key_id) override;

    Status create_alias(std::string_view alias_name, std::string_view target_key_id) override;
    Status update_alias(std::string_view alias_name, std::string_view target_key_id) override;
    Status delete_alias(std::string_view alias_name) override;
    Result<kms::Page<kms::Alias>> list_aliases(std::string_view key_id, const kms::PageRequest& page) override;
    Status tag_resource(std::string_view key_id, const kms::Tags& tags) override;
    Status untag_resource(std::string_view key_id, const std::vector<std::string>& tag_keys) override;
    Result<kms::Page<std::pair<std::string, std::string>>> list_resource_tags(std::string_view key_id,
                                                                              const kms::PageRequest& page) override;

    Status enable_key_rotation(std::string_view key_id, int period_days) override;
    Status disable_key_rotation(std::string_view key_id) override;
    Result<kms::RotationStatus> get_key_rotation_status(std::string_view key_id) override;
    Status rotate_key_on_demand(std::string_view key_id) override;
    Result<kms::Page<kms::Rotation>> list_key_rotations(std::string_view key_id, const kms::PageRequest& page) override;

    Result<kms::EncryptResult> encrypt(std::string_view key_id, ByteView plaintext,
                                       const kms::EncryptionContext& context) override;
    Result<kms::DecryptResult> decrypt(std::string_view key_id, ByteView ciphertext,
                                       const kms::EncryptionContext& context) override;
    Result<kms::ReEncryptResult> re_encrypt(const kms::ReEncryptRequest& request) override;
    Result<kms::DataKey> generate_data_key(std::string_view key_id, int number_of_bytes,
                                           const kms::EncryptionContext& context) override;
    Result<kms::DataKey> generate_data_key_without_plaintext(std::string_view key_id, int number_of_bytes,
                                                             const kms::EncryptionContext& context) override;
    Result<kms::DataKeyPair> generate_data_key_pair(std::string_view key_id, const kms::EncryptionContext& context) override;
    Result<kms::DataKeyPair> generate_data_key_pair_without_plaintext(std::string_view key_id,
                                                                      const kms::EncryptionContext& context) override;
    Result<Bytes> generate_random(int number_of_bytes) override;

    Result<kms::PublicKeyResult> get_public_key(std::string_view key_id) override;
    Result<kms::SignResult> sign(std::string_view key_id, ByteView message, kms::MessageType type) override;
    Status verify(std::string_view key_id, ByteView message, kms::MessageType type, ByteView signature) override;

private:
    template <class Call>
    auto metered(std::string_view operation, std::string_view key, const Call& call);

    kms::Kms& inner_;
    UsageRecorder& recorder_;
    Ticks ticks_;
};

}  // namespace keydeck::oversight
