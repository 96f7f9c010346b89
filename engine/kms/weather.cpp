#include "engine/kms/weather.hpp"

#include <random>
#include <utility>
#include <vector>

#include "engine/kms/call_scope.hpp"
#include "engine/kms/kms_error.hpp"

namespace keydeck::kms {
namespace {

Error error_of(Weather::Fate fate) {
    constexpr std::string_view kHint = "It is the demo's weather: try again.";
    if (fate == Weather::Fate::kThrottled)
        return kms_fail("ThrottlingException", "Rate exceeded", std::string(kHint)).error();
    return kms_fail("KMSInternalException", "The request was rejected because an internal exception occurred.",
                    std::string(kHint))
        .error();
}

}  // namespace

Weather::Weather(Kms& inner, const WeatherOptions& options, Random& random, std::shared_ptr<aws::Timer> timer)
    : inner_(inner),
      options_(options),
      random_(random),
      timer_(timer ? std::move(timer) : std::make_shared<aws::SystemTimer>()) {}

Weather::Fate Weather::fate(const WeatherOptions& options, std::string_view operation, std::uint64_t number) {
    // seed_seq and mt19937_64 are laid down to the bit by the standard; its distributions are not.
    std::vector<std::uint32_t> words(operation.begin(), operation.end());
    for (const std::uint64_t part : {options.seed, number}) {
        words.push_back(static_cast<std::uint32_t>(part));
        words.push_back(static_cast<std::uint32_t>(part >> 32));
    }
    std::seed_seq sequence(words.begin(), words.end());
    std::mt19937_64 lot(sequence);
    constexpr double kUnit = 1.0 / (1ULL << 53);
    const double drawn = static_cast<double>(lot() >> 11) * kUnit;  // in [0, 1)
    if (drawn < options.throttle) return Fate::kThrottled;
    return drawn < options.throttle + options.fail ? Fate::kFails : Fate::kPasses;
}

aws::TryEnd Weather::one_try(std::string_view operation, const std::stop_token& stop) {
    const bool waited = options_.latency <= std::chrono::milliseconds::zero() ? !stop.stop_requested()
                                                                              : timer_->sleep(options_.latency, stop);
    if (!waited) return {.next = aws::TryEnd::Next::kGiveUp, .error = aws::cancelled_call(operation)};
    std::uint64_t number = 0;
    {
        const std::scoped_lock lock(mutex_);
        number = made_[operation]++;
    }
    const Fate drawn = fate(options_, operation, number);
    if (drawn == Fate::kPasses) return {.next = aws::TryEnd::Next::kDone};
    return {.next = aws::TryEnd::Next::kBackOff, .error = error_of(drawn), .throttled = drawn == Fate::kThrottled};
}

Status Weather::pass(std::string_view operation) {
    const std::stop_token stop = CallScope::current();
    aws::Tries tries({}, *timer_, random_, operation, aws::Repeat::kHarmless);
    for (;;) {
        aws::TryEnd end = one_try(operation, stop);
        if (end.next == aws::TryEnd::Next::kDone) return {};
        if (!tries.again(end, stop)) return std::unexpected(std::move(end.error));
    }
}

template <class Call>
auto Weather::through(std::string_view operation, const Call& call) -> decltype(call()) {
    if (Status passed = pass(operation); !passed) return fail(passed);
    return call();
}

Result<KeyMetadata> Weather::create_key(const CreateKeyRequest& request) {
    return through("CreateKey", [&] { return inner_.create_key(request); });
}
Result<KeyMetadata> Weather::describe_key(std::string_view key_id) {
    return through("DescribeKey", [&] { return inner_.describe_key(key_id); });
}
Result<Page<KeyListEntry>> Weather::list_keys(const PageRequest& page) {
    return through("ListKeys", [&] { return inner_.list_keys(page); });
}
Status Weather::update_key_description(std::string_view key_id, std::string_view description) {
    return through("UpdateKeyDescription", [&] { return inner_.update_key_description(key_id, description); });
}
Status Weather::enable_key(std::string_view key_id) {
    return through("EnableKey", [&] { return inner_.enable_key(key_id); });
}
Status Weather::disable_key(std::string_view key_id) {
    return through("DisableKey", [&] { return inner_.disable_key(key_id); });
}
Result<KeyMetadata> Weather::schedule_key_deletion(std::string_view key_id, int pending_window_days) {
    return through("ScheduleKeyDeletion", [&] { return inner_.schedule_key_deletion(key_id, pending_window_days); });
}
Status Weather::cancel_key_deletion(std::string_view key_id) {
    return through("CancelKeyDeletion", [&] { return inner_.cancel_key_deletion(key_id); });
}

Status Weather::create_alias(std::string_view alias_name, std::string_view target_key_id) {
    return through("CreateAlias", [&] { return inner_.create_alias(alias_name, target_key_id); });
}
Status Weather::update_alias(std::string_view alias_name, std::string_view target_key_id) {
    return through("UpdateAlias", [&] { return inner_.update_alias(alias_name, target_key_id); });
}
Status Weather::delete_alias(std::string_view alias_name) {
    return through("DeleteAlias", [&] { return inner_.delete_alias(alias_name); });
}
Result<Page<Alias>> Weather::list_aliases(std::string_view key_id, const PageRequest& page) {
    return through("ListAliases", [&] { return inner_.list_aliases(key_id, page); });
}
Status Weather::tag_resource(std::string_view key_id, const Tags& tags) {
    return through("TagResource", [&] { return inner_.tag_resource(key_id, tags); });
}
Status Weather::untag_resource(std::string_view key_id, const std::vector<std::string>& tag_keys) {
    return through("UntagResource", [&] { return inner_.untag_resource(key_id, tag_keys); });
}
Result<Page<std::pair<std::string, std::string>>> Weather::list_resource_tags(std::string_view key_id,
                                                                              const PageRequest& page) {
    return through("ListResourceTags", [&] { return inner_.list_resource_tags(key_id, page); });
}

Status Weather::enable_key_rotation(std::string_view key_id, int period_days) {
    return through("EnableKeyRotation", [&] { return inner_.enable_key_rotation(key_id, period_days); });
}
Status Weather::disable_key_rotation(std::string_view key_id) {
    return through("DisableKeyRotation", [&] { return inner_.disable_key_rotation(key_id); });
}
Result<RotationStatus> Weather::get_key_rotation_status(std::string_view key_id) {
    return through("GetKeyRotationStatus", [&] { return inner_.get_key_rotation_status(key_id); });
}
Status Weather::rotate_key_on_demand(std::string_view key_id) {
    return through("RotateKeyOnDemand", [&] { return inner_.rotate_key_on_demand(key_id); });
}
Result<Page<Rotation>> Weather::list_key_rotations(std::string_view key_id, const PageRequest& page) {
    return through("ListKeyRotations", [&] { return inner_.list_key_rotations(key_id, page); });
}

Result<EncryptResult> Weather::encrypt(std::string_view key_id, ByteView plaintext, const EncryptionContext& context) {
    return through("Encrypt", [&] { return inner_.encrypt(key_id, plaintext, context); });
}
Result<DecryptResult> Weather::decrypt(std::string_view key_id, ByteView ciphertext, const EncryptionContext& context) {
    return through("Decrypt", [&] { return inner_.decrypt(key_id, ciphertext, context); });
}
Result<ReEncryptResult> Weather::re_encrypt(const ReEncryptRequest& request) {
    return through("ReEncrypt", [&] { return inner_.re_encrypt(request); });
}
Result<DataKey> Weather::generate_data_key(std::string_view key_id, int number_of_bytes, const EncryptionContext& context) {
    return through("GenerateDataKey", [&] { return inner_.generate_data_key(key_id, number_of_bytes, context); });
}
Result<DataKey> Weather::generate_data_key_without_plaintext(std::string_view key_id, int number_of_bytes,
                                                             const EncryptionContext& context) {
    return through("GenerateDataKeyWithoutPlaintext",
                   [&] { return inner_.generate_data_key_without_plaintext(key_id, number_of_bytes, context); });
}
Result<DataKeyPair> Weather::generate_data_key_pair(std::string_view key_id, const EncryptionContext& context) {
    return through("GenerateDataKeyPair", [&] { return inner_.generate_data_key_pair(key_id, context); });
}
Result<DataKeyPair> Weather::generate_data_key_pair_without_plaintext(std::string_view key_id,
                                                                      const EncryptionContext& context) {
    return through("GenerateDataKeyPairWithoutPlaintext",
                   [&] { return inner_.generate_data_key_pair_without_plaintext(key_id, context); });
}
Result<Bytes> Weather::generate_random(int number_of_bytes) {
    return through("GenerateRandom", [&] { return inner_.generate_random(number_of_bytes); });
}

Result<PublicKeyResult> Weather::get_public_key(std::string_view key_id) {
    return through("GetPublicKey", [&] { return inner_.get_public_key(key_id); });
}
Result<SignResult> Weather::sign(std::string_view key_id, ByteView message, MessageType type) {
    return through("Sign", [&] { return inner_.sign(key_id, message, type); });
}
Status Weather::verify(std::string_view key_id, ByteView message, MessageType type, ByteView signature) {
    return through("Verify", [&] { return inner_.verify(key_id, message, type, signature); });
}

}  // namespace keydeck::kms
