// A vault whose keys are in AWS KMS: here, in another vault's embedded KMS that speaks AWS's protocol on loopback.
#pragma once

#include <cstdlib>
#include <memory>
#include <string>

#include "tests/custody/fixture.hpp"

namespace keydeck {

inline void set_environment(const char* name, const std::string& value) {
    ::setenv(name, value.c_str(), 1);  // NOLINT(concurrency-mt-unsafe): before any thread reads it
}

class AwsVaultTest : public VaultTest {
protected:
    /// Another account of AWS: its KMS, and the environment in which it is asked.
    struct Account {
        std::unique_ptr<Engine> engine;
        std::unique_ptr<KmsService> service;
        std::string access_key_id;
        std::string secret;
        void choose() const {
            set_environment("AWS_ACCESS_KEY_ID", access_key_id);
            set_environment("AWS_SECRET_ACCESS_KEY", secret);
            set_environment("AWS_ENDPOINT_URL", service->url());
        }
    };
    Account make_account(const std::string& number) {
        VaultCreation serving;
        serving.directory = base_ / number;
        serving.key_file = base_ / (number + ".key");
        serving.account = number;
        const Status made = custody::create_vault(serving, clock_, random_);
        EXPECT_TRUE(made) << why(made);
        EngineOptions options;
        options.directory = serving.directory;
        options.clock = &clock_;
        options.random = &random_;
        Account account;
        account.engine = std::move(*Engine::open(options));
        auto access_key = account.engine->create_access_key(operator_, false);
        EXPECT_TRUE(access_key) << why(access_key);
        account.access_key_id = access_key->id;
        account.secret = std::string(access_key->secret.text());
        KmsServing serving_options;
        serving_options.port = 0;
        account.service = std::move(*account.engine->serve_kms(operator_, serving_options));
        return account;
    }

    void describe_vault(VaultCreation& creation) override {
        account_ = make_account("123456789012");
        account_.choose();
        set_environment("AWS_CONFIG_FILE", "/dev/null");
        set_environment("AWS_SHARED_CREDENTIALS_FILE", "/dev/null");
        set_environment("AWS_EC2_METADATA_DISABLED", "true");
        creation.kms = "aws";
    }
    void TearDown() override {
        engine_.reset();
        account_.service.reset();
        account_.engine.reset();
        VaultTest::TearDown();
    }
    /// How many keys the account has.
    std::size_t keys_there() {
        const auto keys = account_.engine->list_keys(operator_, {});
        EXPECT_TRUE(keys) << why(keys);
        return keys ? keys->size() : 0;
    }

    Account account_;
};

}  // namespace keydeck
