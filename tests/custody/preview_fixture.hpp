// Previews of what alice's wallet is asked to sign.
#pragma once

#include <algorithm>

#include "engine/contacts.hpp"
#include "tests/custody/fixture.hpp"

namespace keydeck {

inline constexpr std::string_view kStranger = "0x5F63260EecF7F5E184046A03C89B3edd147Cb820";
inline constexpr std::string_view kToken = "0xBA975da4d2459Aa3F11D31291a25A8358F84946d";

class PreviewTest : public TwoUsersTest {
protected:
    /// Alice deals with bob: she has let him spend before. No chain becomes usual by it.
    void SetUp() override {
        TwoUsersTest::SetUp();
        if (HasFatalFailure()) return;
        const auto signature = engine_->sign_typed_data(
            operator_, "alice-main",
            R"({"types":{"Permit":[{"name":"spender","type":"address"},{"name":"value","type":"uint256"}]},)"
            R"("primaryType":"Permit","domain":{"name":"T"},"message":{"spender":")" +
                name_of(bobs_) + R"(","value":1}})");
        ASSERT_TRUE(signature) << why(signature);
    }
    Result<SigningPreview> transaction(const std::string& fields) {
        return engine_->preview_transaction(
            operator_, "alice-main",
            R"({"chainId":1,"nonce":42,"gas":65000,"maxFeePerGas":28800000000,"maxPriorityFeePerGas":1500000000,)" + fields +
                "}");
    }
    SigningPreview shown(const std::string& fields) {
        auto preview = transaction(fields);
        EXPECT_TRUE(preview) << why(preview);
        return preview ? std::move(*preview) : SigningPreview{};
    }
    static std::string value_of(const SigningPreview& preview, std::string_view name) {
        const auto line = std::ranges::find(preview.lines, name, &PreviewLine::name);
        return line == preview.lines.end() ? "(no such line)" : line->value;
    }
    static std::string digest_of(const SigningPreview& preview, std::string_view name) {
        const auto line = std::ranges::find(preview.digests, name, &PreviewLine::name);
        return line == preview.digests.end() ? "(no such digest)" : line->value;
    }
    static bool warns(const SigningPreview& preview, std::string_view word) {
        return std::ranges::any_of(preview.warnings,
                                   [&](const std::string& warning) { return warning.find(word) != std::string::npos; });
    }
    SigningPreview typed(const std::string& json, const std::string& wallet = "alice-main") {
        auto preview = engine_->preview_typed_data(operator_, wallet, json);
        EXPECT_TRUE(preview) << why(preview);
        return preview ? std::move(*preview) : SigningPreview{};
    }
    static std::string lower(std::string_view address) {
        std::string digits(address.substr(2));
        std::ranges::transform(digits, digits.begin(), [](char c) { return static_cast<char>(std::tolower(c)); });
        return digits;
    }
    void sign_for(std::string_view to, int chain = 1, const std::string& wallet = "alice-main") {
        const auto signature =
            engine_->sign_transaction(operator_, wallet,
                                      R"({"chainId":)" + std::to_string(chain) +
                                          R"(,"nonce":0,"gas":21000,"gasPrice":1,"to":")" + std::string(to) + "\"}");
        ASSERT_TRUE(signature) << why(signature);
    }
    Status add_contact(const std::string& name, std::string_view address) {
        Contact contact;
        contact.name = name;
        contact.address = *parse_address_text(address);
        const auto added = engine_->add_contact(operator_, contact);
        if (!added) return fail(added);
        return {};
    }
    /// The same first and last four digits, and something else between.
    static std::string twin_of(std::string_view address) {
        std::string twin = "0x" + std::string(address.substr(2, 4)) + std::string(32, '3') + std::string(address.substr(38));
        std::ranges::transform(twin, twin.begin(), [](char c) { return static_cast<char>(std::tolower(c)); });
        return twin;
    }
    static std::string to(std::string_view address) { return R"("to":")" + std::string(address) + "\""; }
    static std::string word(std::string_view hex) { return std::string(64 - hex.size(), '0') + std::string(hex); }
    static std::string call(std::string_view selector, std::string_view address, std::string_view amount) {
        std::string digits(address.substr(2));
        std::ranges::transform(digits, digits.begin(), [](char c) { return static_cast<char>(std::tolower(c)); });
        return to(kToken) + R"(,"data":"0x)" + std::string(selector) + word(digits) + word(amount) + "\"";
    }
};

}  // namespace keydeck
