// The suite that every Kms passes, over the wire: AwsKms, HTTP, and the embedded KMS served.
#include <mutex>

#include "engine/kms/aws/aws_kms.hpp"
#include "engine/kms/aws/timer.hpp"
#include "tests/contract/kms_contract.hpp"
#include "tests/kms/served_kms.hpp"

namespace keydeck::kms::contract {
namespace {

/// The client waits a while for changes to be seen everywhere, as in AWS; here that takes no time.
class ImpatientTimer final : public aws::Timer {
public:
    [[nodiscard]] TimePoint now() const override {
        const std::scoped_lock lock(mutex_);
        return now_;
    }
    bool sleep(Duration duration, const std::stop_token& stop) override {
        const std::scoped_lock lock(mutex_);
        now_ += duration;
        return !stop.stop_requested();
    }

private:
    mutable std::mutex mutex_;
    TimePoint now_{std::chrono::hours(1)};
};

class ServedSubject final : public Subject {
public:
    ServedSubject() {
        const std::string secret(served_.access_key.secret.text());
        aws::AwsKmsOptions options;
        options.region = region();
        options.endpoint = served_.server->url();
        options.timer = std::make_shared<ImpatientTimer>();
        options.attempt_timeout = options.call_timeout = std::chrono::minutes(10);  // a busy machine is no fault
        // Nothing of this machine's own: the access key stands in the environment.
        options.environment = [id = served_.access_key.id, secret](const char* name) -> const char* {
            const std::string_view wanted = name;
            if (wanted == "AWS_ACCESS_KEY_ID") return id.c_str();
            if (wanted == "AWS_SECRET_ACCESS_KEY") return secret.c_str();
            if (wanted == "AWS_CONFIG_FILE" || wanted == "AWS_SHARED_CREDENTIALS_FILE") return "/dev/null";
            return nullptr;
        };
        auto opened = aws::AwsKms::open(std::move(options), served_.local.clock, served_.local.random);
        EXPECT_TRUE(opened) << opened.error().message;
        if (opened) client_ = std::move(*opened);
    }
    Kms& kms() override { return *client_; }
    [[nodiscard]] std::string region() const override { return served_.local.kms->region(); }
    [[nodiscard]] std::string account() const override { return served_.local.kms->account(); }
    bool pass(std::chrono::days days) override {
        served_.local.pass(days);
        return true;
    }
    [[nodiscard]] Timestamp now() const override { return served_.local.clock.now(); }

private:
    test::ServedKms served_;
    std::unique_ptr<aws::AwsKms> client_;
};

const Implementation kServed{"ServedKms", [] { return std::make_unique<ServedSubject>(); }};

INSTANTIATE_TEST_SUITE_P(ServedKms, KmsContract, testing::Values(kServed), name_of<Implementation>);
INSTANTIATE_TEST_SUITE_P(ServedKms, KmsStateTable, testing::ValuesIn(state_cells(kServed)), name_of<StateCell>);
INSTANTIATE_TEST_SUITE_P(ServedKms, KmsNamingTable, testing::ValuesIn(naming_cells(kServed)), name_of<NamingCell>);

}  // namespace
}  // namespace keydeck::kms::contract
