// A key store in a directory of the test's own.
#pragma once

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>

#include "engine/base/clock.hpp"
#include "engine/base/random.hpp"
#include "engine/kms/local/local_kms.hpp"
#include "tests/support/temporary_directory.hpp"

namespace keydeck::kms::test {

using testing_support::TemporaryDirectory;

[[nodiscard]] inline RootSecret key_file_secret(std::uint8_t filling = 0x42) {
    RootSecret secret{RootSecret::Kind::kKeyFile, SecretBytes(32)};
    std::fill_n(secret.bytes.data(), secret.bytes.size(), filling);
    return secret;
}

[[nodiscard]] inline RootSecret passphrase_secret(std::string_view text) {
    return {RootSecret::Kind::kPassphrase, SecretBytes::copy_of(text)};
}

/// A made, opened and unlocked LocalKms on a clock that stands still.
class TemporaryKms {
public:
    TemporaryKms() {
        const Status made = LocalKms::create(path(), key_file_secret(), {}, clock, random);
        EXPECT_TRUE(made) << made.error().message;
        kms = open();
    }
    [[nodiscard]] std::filesystem::path path() const { return directory.path() / "kms.db"; }
    /// Another LocalKms on the same file, as another process would have.
    [[nodiscard]] std::unique_ptr<LocalKms> open() {
        Result<std::unique_ptr<LocalKms>> opened = LocalKms::open(path(), clock, random);
        EXPECT_TRUE(opened) << opened.error().message;
        if (!opened) return nullptr;
        EXPECT_TRUE((*opened)->unlock(key_file_secret()));
        return std::move(*opened);
    }
    /// Time as it passes in a vault that is used every day.
    void pass(std::chrono::hours hours) {
        for (; hours > std::chrono::hours(0); hours -= std::chrono::hours(12)) {
            clock.advance(std::min(hours, std::chrono::hours(12)));
            EXPECT_TRUE(kms->list_keys({}));
        }
    }

    TemporaryDirectory directory;
    ManualClock clock{from_micros(1'760'000'000'000'000)};
    SystemRandom random;
    std::unique_ptr<LocalKms> kms;
};

}  // namespace keydeck::kms::test
