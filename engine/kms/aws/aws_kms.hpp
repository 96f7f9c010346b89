// AWS KMS, through its API (version 2014-11-01): https://docs.aws.amazon.com/kms/latest/APIReference/
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/clock.hpp"
#include "engine/base/random.hpp"
#include "engine/kms/aws/credentials.hpp"
#include "engine/kms/aws/environment.hpp"
#include "engine/kms/kms.hpp"

namespace keydeck::net {
class HttpTransport;
}

namespace keydeck::kms::aws {

class Timer;

/// What is empty is looked for in the environment and in AWS's shared files.
struct AwsKmsOptions {
    std::string region{};
    std::string profile{};
    std::string endpoint{};

    std::chrono::milliseconds call_timeout{30'000};     ///< of one call with all its tries
    std::chrono::milliseconds attempt_timeout{10'000};  ///< of one try
    int most_attempts = 10;
    std::size_t calls_in_flight = 32;
    /// Whether to keep within AWS's quotas; by default at AWS's own endpoints only.
    std::optional<bool> rate_limited{};
    std::string user_agent = "keydeck";

    Environment environment{};                        ///< the process's own where empty
    std::shared_ptr<net::HttpTransport> transport{};  ///< libcurl where null
    std::shared_ptr<Timer> timer{};                   ///< the system's where null
};

/// Thread-safe. Calls are retried where that is right (`LimitExceededException` and `CreateKey` in doubt are not), for as
/// long as the options say; CallScope cancels those of a thread, stop() all. What AWS answers is not trusted: an answer that
/// is malformed, too long, or about another key than the one asked for is `corrupt`.
///
/// CreateKey after which it is not known whether a key was made answers `unavailable`: look for it by its tags.
class AwsKms final : public Kms {
public:
    /// Reads the environment and the shared files; makes no network call. `clock` and `random` outlive the KMS.
    /// Errors: invalid_input (no region, a malformed endpoint or file), not_found (no such profile).
    static Result<std::unique_ptr<AwsKms>> open(AwsKmsOptions options, const Clock& clock, Random& random);
    ~AwsKms() override;

    [[nodiscard]] const std::string& region() const;
    [[nodiscard]] std::string endpoint() const;                ///< "https://kms.us-east-1.amazonaws.com/"
    [[nodiscard]] const std::string& endpoint_source() const;  ///< "the region", "AWS_ENDPOINT_URL", …
    [[nodiscard]] const std::string& profile() const;
    /// Fetches credentials where none are kept. Errors: denied where there are none; those of their source.
    Result<CredentialsInfo> credentials();
    /// Those in use, without fetching any.
    [[nodiscard]] std::optional<CredentialsInfo> known_credentials() const;
    /// Ends the calls under way, and all to come, with `cancelled`.
    void stop();
    /// How far AWS's clock is ahead of ours by its last answer, to the second; none before the first.
    [[nodiscard]] std::optional<std::chrono::seconds> clock_ahead() const;

    // Whether the caller may, asked with DryRun: nothing is done and nothing is billed but the request. Errors: those of the
    // call that say something else (a key that is disabled, a ciphertext that is none).
    Result<bool> may_generate_data_key(std::string_view key_id, const EncryptionContext& context);
    Result<bool> may_generate_key_pair(std::string_view key_id, const EncryptionContext& context);
    Result<bool> may_decrypt(std::string_view key_id, ByteView ciphertext, const EncryptionContext& context);
    /// From the key to itself, as rewrapping to its newest version does.
    Result<bool> may_re_encrypt(std::string_view key_id, ByteView ciphertext, const EncryptionContext& context);
    Result<bool> may_sign(std::string_view key_id);

    Result<KeyMetadata> create_key(const CreateKeyRequest& request) override;
    Result<KeyMetadata> describe_key(std::string_view key_id) override;
    Result<Page<KeyListEntry>> list_keys(const PageRequest& page) override;
    Status update_key_description(std::string_view key_id, std::string_view description) override;
    Status enable_key(std::string_view key_id) override;
    Status disable_key(std::string_view key_id) override;
    Result<KeyMetadata> schedule_key_deletion(std::string_view key_id, int pending_window_days) override;
    Status cancel_key_deletion(std::string_view key_id) override;

    Status create_alias(std::string_view alias_name, std::string_view target_key_id) override;
    Status update_alias(std::string_view alias_name, std::string_view target_key_id) override;
    Status delete_alias(std::string_view alias_name) override;
    Result<Page<Alias>> list_aliases(std::string_view key_id, const PageRequest& page) override;
    Status tag_resource(std::string_view key_id, const Tags& tags) override;
    Status untag_resource(std::string_view key_id, const std::vector<std::string>& tag_keys) override;
    Result<Page<std::pair<std::string, std::string>>> list_resource_tags(std::string_view key_id,
                                                                         const PageRequest& page) override;

    Status enable_key_rotation(std::string_view key_id, int period_days) override;
    Status disable_key_rotation(std::string_view key_id) override;
    Result<RotationStatus> get_key_rotation_status(std::string_view key_id) override;
    Status rotate_key_on_demand(std::string_view key_id) override;
    Result<Page<Rotation>> list_key_rotations(std::string_view key_id, const PageRequest& page) override;

    Result<EncryptResult> encrypt(std::string_view key_id, ByteView plaintext, const EncryptionContext& context) override;
    Result<DecryptResult> decrypt(std::string_view key_id, ByteView ciphertext, const EncryptionContext& context) override;
    Result<ReEncryptResult> re_encrypt(const ReEncryptRequest& request) override;
    Result<DataKey> generate_data_key(std::string_view key_id, int number_of_bytes,
                                      const EncryptionContext& context) override;
    Result<DataKey> generate_data_key_without_plaintext(std::string_view key_id, int number_of_bytes,
                                                        const EncryptionContext& context) override;
    Result<DataKeyPair> generate_data_key_pair(std::string_view key_id, const EncryptionContext& context) override;
    Result<DataKeyPair> generate_data_key_pair_without_plaintext(std::string_view key_id,
                                                                 const EncryptionContext& context) override;
    Result<Bytes> generate_random(int number_of_bytes) override;

    Result<PublicKeyResult> get_public_key(std::string_view key_id) override;
    Result<SignResult> sign(std::string_view key_id, ByteView message, MessageType type) override;
    Status verify(std::string_view key_id, ByteView message, MessageType type, ByteView signature) override;

private:
    struct Impl;
    explicit AwsKms(std::unique_ptr<Impl> impl);
    std::unique_ptr<Impl> impl_;
};

}  // namespace keydeck::kms::aws
