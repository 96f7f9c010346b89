// An AwsKms before a scripted server, with time that passes only when it is told to.
#pragma once

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "engine/base/clock.hpp"
#include "engine/base/random.hpp"
#include "engine/kms/aws/aws_kms.hpp"
#include "engine/kms/aws/timer.hpp"
#include "tests/support/manual_timer.hpp"
#include "tests/support/scripted_http_server.hpp"
#include "tests/support/temporary_directory.hpp"

namespace keydeck::kms::aws::test {

using testing_support::http_reply;
using testing_support::ReceivedRequest;
using testing_support::ScriptedHttpServer;
using testing_support::ScriptedReply;

inline constexpr const char* kKeyId = "1234abcd-12ab-34cd-56ef-1234567890ab";
inline constexpr const char* kKeyArn = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
inline constexpr const char* kOtherArn = "arn:aws:kms:us-east-1:111122223333:key/99999999-12ab-34cd-56ef-1234567890ab";

using testing_support::ManualTimer;

/// Variables of a test's own; what is not set is not there.
class Variables {
public:
    Variables() : values_(std::make_shared<std::map<std::string, std::string>>()) {}
    std::string& operator[](const std::string& name) { return (*values_)[name]; }
    void erase(const std::string& name) { values_->erase(name); }
    [[nodiscard]] Environment environment() const {
        return [values = values_](const char* name) -> const char* {
            const auto found = values->find(name);
            return found == values->end() ? nullptr : found->second.c_str();
        };
    }

private:
    std::shared_ptr<std::map<std::string, std::string>> values_;
};

/// A directory that goes with the test, and what is written there.
class FilesOfATest {
public:
    std::string write(const std::string& name, const std::string& content) const {
        const std::filesystem::path path = directory_.path() / name;
        std::filesystem::create_directories(path.parent_path());
        std::ofstream(path) << content;
        return path.string();
    }
    [[nodiscard]] std::string path() const { return directory_.path().string(); }

private:
    testing_support::TemporaryDirectory directory_;
};

class AwsTest : public testing::Test {
protected:
    AwsTest() {
        variables["HOME"] = directory.path();
        variables["AWS_REGION"] = "us-east-1";
        variables["AWS_ACCESS_KEY_ID"] = "AKIDEXAMPLE";
        variables["AWS_SECRET_ACCESS_KEY"] = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
        variables["AWS_EC2_METADATA_DISABLED"] = "true";
    }

    /// Starts the server and an AwsKms before it.
    AwsKms& kms_before(ScriptedHttpServer::Handler handler, AwsKmsOptions options = {}) {
        server = std::make_unique<ScriptedHttpServer>(std::move(handler));
        if (options.endpoint.empty()) options.endpoint = server->url();
        return open(std::move(options));
    }
    AwsKms& open(AwsKmsOptions options = {}) {
        options.environment = variables.environment();
        options.timer = timer;
        auto opened = AwsKms::open(std::move(options), clock, random);
        EXPECT_TRUE(opened) << (opened ? "" : opened.error().message);
        kms = std::move(*opened);
        return *kms;
    }
    /// The targets of the requests so far: "Sign", "DescribeKey", …
    [[nodiscard]] std::vector<std::string> asked() const {
        std::vector<std::string> operations;
        for (const ReceivedRequest& request : server->requests())
            operations.push_back(request.header("x-amz-target").substr(std::string("TrentService.").size()));
        return operations;
    }

    FilesOfATest directory;
    Variables variables;
    ManualClock clock{Timestamp(std::chrono::sys_days(std::chrono::year(2026) / 9 / 28)) + std::chrono::hours(12)};
    SystemRandom random;
    std::shared_ptr<ManualTimer> timer = std::make_shared<ManualTimer>();
    std::unique_ptr<ScriptedHttpServer> server;  // ends after the KMS that speaks to it
    std::unique_ptr<AwsKms> kms;
};

[[nodiscard]] inline std::string operation_of(const ReceivedRequest& request) {
    return request.header("x-amz-target").substr(std::string("TrentService.").size());
}

[[nodiscard]] inline ScriptedReply aws_error(int status, const std::string& name, const std::string& message,
                                             const std::vector<std::pair<std::string, std::string>>& headers = {}) {
    return http_reply(status, R"({"__type":")" + name + R"(","message":")" + message + R"("})", headers);
}

[[nodiscard]] inline std::string sign_answer(const std::string& arn = kKeyArn) {
    return R"({"KeyId":")" + arn + R"(","Signature":"AQID","SigningAlgorithm":"ECDSA_SHA_256"})";
}

[[nodiscard]] inline std::string metadata_answer(const std::string& state = "Enabled", const std::string& more = "") {
    return R"({"KeyMetadata":{"KeyId":")" + std::string(kKeyId) + R"(","Arn":")" + kKeyArn +
           R"(","CreationDate":1.7592768E9,"Description":"","KeySpec":"SYMMETRIC_DEFAULT","KeyUsage":"ENCRYPT_DECRYPT","KeyState":")" +
           state + "\"" + more + "}}";
}

}  // namespace keydeck::kms::aws::test
