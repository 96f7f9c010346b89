// What an AWS KMS may answer, right or wrong, to every operation: a result or an error, never a crash; an answer about
// another key is never taken for the one asked for.
#include <cstdlib>
#include <memory>

#include "engine/base/clock.hpp"
#include "engine/base/random.hpp"
#include "engine/kms/aws/aws_kms.hpp"
#include "engine/kms/aws/timer.hpp"
#include "engine/net/http.hpp"

namespace {

using namespace keydeck;

constexpr const char* kKeyId = "1234abcd-12ab-34cd-56ef-1234567890ab";

void require(bool holds) {
    if (!holds) std::abort();
}

/// Answers the same status and body to everything.
class FixedTransport final : public net::HttpTransport {
public:
    net::HttpOutcome send(const net::HttpRequest& /*request*/, const net::HttpLimits& /*limits*/) override {
        net::HttpResponse response;
        response.status = status;
        response.body = SecretBytes::copy_of(body);
        return response;
    }
    int status = 200;
    ByteView body;
};

class NoWaiting final : public kms::aws::Timer {
public:
    [[nodiscard]] TimePoint now() const override { return now_; }
    bool sleep(Duration duration, const std::stop_token& /*stop*/) override {
        now_ += duration;
        return true;
    }

private:
    TimePoint now_{};
};

const char* variable(const char* name) {
    const std::string_view wanted = name;
    if (wanted == "AWS_ACCESS_KEY_ID" || wanted == "AWS_SECRET_ACCESS_KEY") return "x";
    return nullptr;
}

template <class T>
void about_our_key(const Result<T>& result) {
    if (result) require(result->key_arn.ends_with(kKeyId));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static SystemClock clock;
    static SystemRandom random;
    if (size == 0) return 0;
    const auto transport = std::make_shared<FixedTransport>();
    constexpr int kStatus[] = {200, 400, 500, 302};
    transport->status = kStatus[data[0] & 3];
    transport->body = {data + 1, size - 1};
    auto kms = kms::aws::AwsKms::open({.region = "us-east-1",
                                       .most_attempts = 2,
                                       .rate_limited = false,
                                       .environment = variable,
                                       .transport = transport,
                                       .timer = std::make_shared<NoWaiting>()},
                                      clock, random)
                   .value();
    const Bytes some{1, 2, 3};
    about_our_key(kms->sign(kKeyId, some, kms::MessageType::kRaw));
    about_our_key(kms->encrypt(kKeyId, some, {}));
    about_our_key(kms->decrypt(kKeyId, some, {}));
    about_our_key(kms->generate_data_key(kKeyId, 32, {}));
    about_our_key(kms->generate_data_key_without_plaintext(kKeyId, 32, {}));
    about_our_key(kms->generate_data_key_pair(kKeyId, {}));
    about_our_key(kms->get_public_key(kKeyId));
    const auto described = kms->describe_key(kKeyId);
    if (described) require(described->key_id == kKeyId);
    static_cast<void>(kms->create_key({}));
    static_cast<void>(kms->list_keys({}));
    static_cast<void>(kms->list_aliases("", {}));
    static_cast<void>(kms->list_resource_tags(kKeyId, {}));
    static_cast<void>(kms->list_key_rotations(kKeyId, {}));
    static_cast<void>(kms->get_key_rotation_status(kKeyId));
    static_cast<void>(kms->schedule_key_deletion(kKeyId, 7));
    static_cast<void>(kms->verify(kKeyId, some, kms::MessageType::kRaw, some));
    static_cast<void>(kms->re_encrypt({.ciphertext = some,
                                       .source_context = {},
                                       .source_key_id = kKeyId,
                                       .destination_key_id = kKeyId,
                                       .destination_context = {}}));
    return 0;
}
