// What goes wrong between a program and a KMS, and how long calls take: drawn by lot from a seed, for demos.
#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string_view>

#include "engine/base/random.hpp"
#include "engine/kms/aws/timer.hpp"
#include "engine/kms/aws/tries.hpp"
#include "engine/kms/kms.hpp"

namespace keydeck::kms {

struct WeatherOptions {
    std::chrono::milliseconds latency{};  ///< before each try
    double throttle = 0;                  ///< share of tries that are answered with ThrottlingException
    double fail = 0;                      ///< share that are answered with KMSInternalException; with `throttle` at most 1
    std::uint64_t seed = 1;
};

/// A Kms around any Kms: each try of a call takes time and may fail, and is made again as AWS's client makes it
/// (aws::Tries).
///
/// Whatever fails, fails before the inner KMS hears of it: there is never a doubt about what was done, so that every
/// operation may be tried again. A CallScope's stop ends the waiting; a call that waits keeps no other from its turn.
/// Thread-safe; `inner` and `random` outlive it.
class Weather final : public Kms {
public:
    enum class Fate : std::uint8_t { kPasses, kThrottled, kFails };

    /// `timer` null: the system's.
    Weather(Kms& inner, const WeatherOptions& options, Random& random, std::shared_ptr<aws::Timer> timer = nullptr);

    /// Of an operation's `number`-th try, counted from 0: the same for the same seed, in whatever order the tries of
    /// different operations and threads come.
    [[nodiscard]] static Fate fate(const WeatherOptions& options, std::string_view operation, std::uint64_t number);

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
    /// Waits and tries until one passes. Errors: throttled, unavailable, cancelled; then the call must not be made.
    Status pass(std::string_view operation);
    aws::TryEnd one_try(std::string_view operation, const std::stop_token& stop);
    template <class Call>
    auto through(std::string_view operation, const Call& call) -> decltype(call());

    Kms& inner_;
    const WeatherOptions options_;
    Random& random_;
    const std::shared_ptr<aws::Timer> timer_;
    std::mutex mutex_;
    std::map<std::string_view, std::uint64_t> made_;  // tries by operation; its names are literals
};

}  // namespace keydeck::kms
