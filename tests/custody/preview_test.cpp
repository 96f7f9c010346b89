// What a person is shown before signing, and how risky it is.
#include <algorithm>

#include "engine/custody/risk.hpp"
#include "tests/custody/fixture.hpp"

namespace keydeck {
namespace {

constexpr std::string_view kStranger = "0x5F63260EecF7F5E184046A03C89B3edd147Cb820";
constexpr std::string_view kToken = "0xBA975da4d2459Aa3F11D31291a25A8358F84946d";

class PreviewTest : public TwoUsersTest {
protected:
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
    static bool warns(const SigningPreview& preview, std::string_view word) {
        return std::ranges::any_of(preview.warnings,
                                   [&](const std::string& warning) { return warning.find(word) != std::string::npos; });
    }
    void sign_for(std::string_view to, int chain = 1) {
        const auto signature =
            engine_->sign_transaction(operator_, "alice-main",
                                      R"({"chainId":)" + std::to_string(chain) +
                                          R"(,"nonce":0,"gas":21000,"gasPrice":1,"to":")" + std::string(to) + "\"}");
        ASSERT_TRUE(signature) << why(signature);
    }
    static std::string to(std::string_view address) { return R"("to":")" + std::string(address) + "\""; }
    static std::string word(std::string_view hex) { return std::string(64 - hex.size(), '0') + std::string(hex); }
    static std::string call(std::string_view selector, std::string_view address, std::string_view amount) {
        std::string digits(address.substr(2));
        std::ranges::transform(digits, digits.begin(), [](char c) { return static_cast<char>(std::tolower(c)); });
        return to(kToken) + R"(,"data":"0x)" + std::string(selector) + word(digits) + word(amount) + "\"";
    }
};

TEST_F(PreviewTest, ShowsEverythingThatMatters) {
    const SigningPreview preview = shown(to(name_of(bobs_)) + R"(,"value":"1500000000000000000")");
    EXPECT_EQ(preview.kind, SigningKind::kTransaction);
    EXPECT_EQ(preview.sentence, "Send 1.5 ETH to bob / bob-main");
    EXPECT_EQ(preview.risk, Risk::kOrdinary);
    EXPECT_TRUE(preview.warnings.empty());
    EXPECT_TRUE(preview.challenge.empty());
    EXPECT_EQ(preview.wallet.id, alices_.id);
    EXPECT_EQ(value_of(preview, "From"), "alice / alice-main");
    EXPECT_EQ(value_of(preview, ""), name_of(alices_));
    EXPECT_EQ(value_of(preview, "To"), name_of(bobs_) + " (bob / bob-main)");
    EXPECT_EQ(value_of(preview, "Value"), "1.5 ETH");
    EXPECT_EQ(value_of(preview, "Chain"), "1 (Ethereum mainnet)");
    EXPECT_EQ(value_of(preview, "Nonce"), "42");
    EXPECT_EQ(value_of(preview, "Gas"), "65000 at most, at 28.8 gwei at most, tip 1.5 gwei");
    EXPECT_EQ(value_of(preview, "Fee"), "at most 0.001872 ETH");
    EXPECT_EQ(value_of(preview, "Highest total cost"), "1.501872 ETH");
    EXPECT_EQ(value_of(preview, "Custody"), "envelope");
    EXPECT_NE(value_of(preview, "KMS key").find(alices_.key_id), std::string::npos);
    const auto signature = engine_->sign_transaction(
        operator_, "alice-main",
        R"({"chainId":1,"nonce":42,"gas":65000,"maxFeePerGas":28800000000,"maxPriorityFeePerGas":1500000000,)" +
            to(name_of(bobs_)) + R"(,"value":"1500000000000000000"})");
    ASSERT_TRUE(signature);
    EXPECT_EQ(value_of(preview, "Digest"), last_event().digest) << "what is shown is what is signed";
}

TEST_F(PreviewTest, AFirstTimeRecipientAsksForTheMiddleOfItsAddress) {
    const SigningPreview preview = shown(to(kStranger));
    EXPECT_EQ(preview.risk, Risk::kRisky);
    EXPECT_TRUE(warns(preview, "First time"));
    EXPECT_EQ(value_of(preview, "To"), std::string(kStranger) + " (new)");
    EXPECT_EQ(preview.challenge, kStranger.substr(2 + 16, 4));
    EXPECT_NE(preview.challenge_prompt.find("17-20"), std::string::npos);
    sign_for(kStranger);
    const SigningPreview again = shown(to(kStranger));
    EXPECT_EQ(again.risk, Risk::kOrdinary);
    EXPECT_EQ(value_of(again, "To"), std::string(kStranger) + " (known)");
}

TEST_F(PreviewTest, ALookAlikeIsNamed) {
    sign_for(kStranger);
    std::string twin(kStranger);
    twin[20] = twin[20] == '4' ? '5' : '4';
    std::ranges::transform(twin, twin.begin(), [](char c) { return static_cast<char>(std::tolower(c)); });
    const SigningPreview preview = shown(to(twin));
    EXPECT_EQ(preview.risk, Risk::kRisky);
    EXPECT_TRUE(warns(preview, "LOOK-ALIKE"));
    EXPECT_TRUE(warns(preview, kStranger));
}

TEST_F(PreviewTest, DecodesAKnownCallAndFollowsItsRecipient) {
    const SigningPreview preview = shown(call("a9059cbb", kStranger, "ee6b280"));  // transfer, 250000000
    EXPECT_NE(preview.sentence.find("250000000"), std::string::npos) << preview.sentence;
    EXPECT_NE(value_of(preview, "Call").find("transfer(address to, uint256 value)"), std::string::npos);
    EXPECT_EQ(value_of(preview, "  to"), kStranger);
    EXPECT_EQ(value_of(preview, "  value"), "250000000");
    EXPECT_TRUE(value_of(preview, "Calldata digest").starts_with("0x"));
    EXPECT_EQ(preview.risk, Risk::kRisky);
    EXPECT_EQ(preview.challenge, kStranger.substr(18, 4)) << "of the recipient, not of the token";
    EXPECT_EQ(shown(call("a9059cbb", name_of(bobs_), "1")).risk, Risk::kOrdinary) << "to a wallet of this vault";
    const SigningPreview with_value = shown(call("a9059cbb", name_of(bobs_), "1") + R"(,"value":1)");
    EXPECT_EQ(with_value.risk, Risk::kRisky) << "the value goes to the contract";
    EXPECT_TRUE(warns(with_value, kToken));
}

TEST_F(PreviewTest, UnlimitedApprovalAndApprovalForAllAreRisky) {
    const SigningPreview unlimited = shown(call("095ea7b3", name_of(bobs_), std::string(64, 'f')));
    EXPECT_EQ(unlimited.risk, Risk::kRisky);
    EXPECT_TRUE(warns(unlimited, "Unlimited approval"));
    EXPECT_FALSE(unlimited.challenge.empty());
    EXPECT_EQ(shown(call("095ea7b3", name_of(bobs_), "64")).risk, Risk::kOrdinary);
    const SigningPreview all = shown(call("a22cb465", name_of(bobs_), "1"));
    EXPECT_EQ(all.risk, Risk::kRisky);
    EXPECT_TRUE(warns(all, "Approval for all"));
    EXPECT_EQ(shown(call("a22cb465", name_of(bobs_), "0")).risk, Risk::kOrdinary) << "taking it back hurts nobody";
}

TEST_F(PreviewTest, UnknownCalldataSaysThatItCannotBeTold) {
    sign_for(kToken);
    const SigningPreview preview = shown(to(kToken) + R"(,"data":"0x123456780000")");
    EXPECT_EQ(preview.risk, Risk::kRisky);
    EXPECT_TRUE(warns(preview, "Unknown call"));
    EXPECT_NE(preview.sentence.find("0x12345678"), std::string::npos);
    EXPECT_NE(value_of(preview, "Call").find("cannot decode"), std::string::npos);
    EXPECT_EQ(value_of(preview, "Data"), "0x123456780000");
    EXPECT_EQ(shown(to(kToken) + R"(,"data":"0x12")").risk, Risk::kRisky) << "shorter than a selector";
}

TEST_F(PreviewTest, CreatingAContractIsRisky) {
    const SigningPreview preview = shown(R"("data":"0x6001")");
    EXPECT_EQ(preview.risk, Risk::kRisky);
    EXPECT_EQ(preview.challenge, "CREATE");
    EXPECT_NE(preview.sentence.find("Create a contract"), std::string::npos);
}

TEST_F(PreviewTest, AnotherChainIsRiskyOnceOneIsUsual) {
    const std::string on_polygon =
        R"({"chainId":137,"nonce":0,"gas":21000,"gasPrice":1,"value":"5",)" + to(name_of(bobs_)) + "}";
    EXPECT_EQ(engine_->preview_transaction(operator_, "alice-main", on_polygon)->risk, Risk::kOrdinary)
        << "nothing is usual yet";
    sign_for(name_of(bobs_), 1);
    const auto preview = engine_->preview_transaction(operator_, "alice-main", on_polygon);
    ASSERT_TRUE(preview);
    EXPECT_EQ(preview->risk, Risk::kRisky);
    EXPECT_TRUE(warns(*preview, "Another chain"));
    EXPECT_EQ(preview->challenge, name_of(bobs_).substr(18, 4));
    EXPECT_EQ(value_of(*preview, "Value"), "0.000000000000000005 POL");
    sign_for(name_of(bobs_), 137);
    EXPECT_EQ(engine_->preview_transaction(operator_, "alice-main", on_polygon)->risk, Risk::kOrdinary);
    const auto nameless = engine_->preview_transaction(
        operator_, "alice-main", R"({"chainId":987654321,"nonce":0,"gas":21000,"gasPrice":1,)" + to(name_of(bobs_)) + "}");
    EXPECT_EQ(value_of(*nameless, "Chain"), "987654321 (no name known)");
}

TEST_F(PreviewTest, TooMuchGasIsAWarning) {
    const auto over = engine_->preview_transaction(
        operator_, "alice-main", R"({"chainId":1,"nonce":0,"gas":16777217,"gasPrice":1,)" + to(name_of(bobs_)) + "}");
    ASSERT_TRUE(over) << why(over);
    EXPECT_TRUE(warns(*over, "EIP-7825"));
    EXPECT_EQ(over->risk, Risk::kOrdinary);
    const auto at = engine_->preview_transaction(
        operator_, "alice-main", R"({"chainId":1,"nonce":0,"gas":16777216,"gasPrice":1,)" + to(name_of(bobs_)) + "}");
    EXPECT_TRUE(at->warnings.empty());
}

TEST_F(PreviewTest, AForeignFromIsAnError) {
    const auto preview = transaction(to(kStranger) + R"(,"from":")" + std::string(kStranger) + "\"");
    ASSERT_TRUE(fails_with(ErrorCode::kInvalidInput, preview));
    EXPECT_NE(preview.error().message.find("from"), std::string::npos);
}

TEST_F(PreviewTest, AuthorizationsAreGradedByDelegateAndChain) {
    const auto fresh = engine_->preview_authorization(operator_, "alice-main", "1", kStranger, 0);
    ASSERT_TRUE(fresh) << why(fresh);
    EXPECT_EQ(fresh->kind, SigningKind::kAuthorization);
    EXPECT_EQ(fresh->risk, Risk::kRisky);
    EXPECT_EQ(fresh->challenge, kStranger.substr(18, 4));
    ASSERT_TRUE(engine_->sign_authorization(operator_, "alice-main", "1", kStranger, 0, false));
    EXPECT_EQ(engine_->preview_authorization(operator_, "alice-main", "1", kStranger, 1)->risk, Risk::kOrdinary);
    const auto everywhere = engine_->preview_authorization(operator_, "alice-main", "0", kStranger, 0);
    EXPECT_EQ(everywhere->risk, Risk::kRisky);
    EXPECT_EQ(everywhere->challenge, "EVERY CHAIN");
    EXPECT_EQ(value_of(*everywhere, "Chain"), "0 (EVERY chain)");
    EXPECT_TRUE(
        fails_with(ErrorCode::kInvalidInput, engine_->preview_authorization(operator_, "alice-main", "1", "0x12", 0)));
}

TEST_F(PreviewTest, MessagesAreShownInFull) {
    const auto preview =
        engine_->preview_message(operator_, "alice-main", as_bytes("Sign in to demo.example\nNonce: 7f3a91\n"));
    ASSERT_TRUE(preview) << why(preview);
    EXPECT_EQ(preview->risk, Risk::kOrdinary);
    EXPECT_TRUE(preview->warnings.empty());
    EXPECT_EQ(value_of(*preview, "Message"), "2 lines, 38 bytes, UTF-8, no hidden characters");
    std::vector<std::string> lines;
    for (const PreviewLine& line : preview->lines) {
        if (line.name.empty()) lines.push_back(line.value);
    }
    EXPECT_EQ(lines, (std::vector<std::string>{name_of(alices_), "Sign in to demo.example", "Nonce: 7f3a91"}));
}

struct MessageCase {
    const char* name;
    std::string message;
    const char* warning;  // part of it; nullptr: none
};

TEST_F(PreviewTest, MessagesThatMayMislead) {
    const std::vector<MessageCase> cases{
        {"plain", "hello world", nullptr},
        {"tabs and line ends", "a\tb\r\nc\n", nullptr},
        {"accents and emoji", "gr\u00fc\u00df \U0001F600", nullptr},
        {"right-to-left override", "pay \u202Eecila", "hidden"},
        {"zero width space", "a\u200Bb", "hidden"},
        {"tag characters", "a\U000E0041b", "hidden"},
        {"escape", "a\x1b[31mb", "hidden"},
        {"a NUL", std::string("a\0b", 3), "hidden"},
        {"C1", "a\u0085b", "hidden"},
        {"hex", "0xdeadbeef", "looks like hex"},
        {"hex without prefix", "deadbeefdeadbeef", "looks like hex"},
        {"a word of hex digits", "deadbee", nullptr},
        {"32 bytes of text", "abcdefghijklmnopqrstuvwxyz .,!?x", nullptr},
        {"32 bytes of no text", std::string(32, '\xC3'), "hash"},
        {"no text", "\xff\xfe", "not text"},
        {"nothing", "", "empty"},
    };
    for (const MessageCase& c : cases) {
        const auto preview = engine_->preview_message(operator_, "alice-main", as_bytes(c.message));
        ASSERT_TRUE(preview) << c.name;
        EXPECT_EQ(preview->risk, Risk::kOrdinary) << c.name;
        if (c.warning == nullptr) {
            EXPECT_TRUE(preview->warnings.empty()) << c.name << ": " << preview->warnings.front();
        } else {
            EXPECT_TRUE(warns(*preview, c.warning)) << c.name;
        }
    }
}

class TypedPreviewTest : public PreviewTest {
protected:
    SigningPreview permit(const std::string& spender, const std::string& value, const std::string& deadline) {
        auto preview = engine_->preview_typed_data(
            operator_, "alice-main",
            R"({"types":{"Permit":[{"name":"owner","type":"address"},{"name":"spender","type":"address"},{"name":"value","type":"uint256"},)"
            R"({"name":"nonce","type":"uint256"},{"name":"deadline","type":"uint256"}]},"primaryType":"Permit",)"
            R"("domain":{"name":"USD Coin","version":"2","chainId":1,"verifyingContract":"0xBA975da4d2459Aa3F11D31291a25A8358F84946d"},)"
            R"("message":{"owner":")" +
                name_of(alices_) + R"(","spender":")" + spender + R"(","value":")" + value + R"(","nonce":0,"deadline":")" +
                deadline + "\"}}");
        EXPECT_TRUE(preview) << why(preview);
        return preview ? std::move(*preview) : SigningPreview{};
    }
};

// The vault's clock stands at 1790000000.
TEST_F(TypedPreviewTest, PermitsAreGraded) {
    const std::string max = "115792089237316195423570985008687907853269984665640564039457584007913129639935";
    const SigningPreview harmless = permit(name_of(bobs_), "250", "1790000100");
    EXPECT_EQ(harmless.risk, Risk::kOrdinary);
    EXPECT_TRUE(warns(harmless, "permission to move your tokens"));
    EXPECT_TRUE(harmless.challenge.empty());
    EXPECT_EQ(harmless.sentence, "Sign typed data Permit for USD Coin");
    EXPECT_EQ(value_of(harmless, "  value"), "250");
    EXPECT_EQ(value_of(harmless, "  spender"), name_of(bobs_));

    const SigningPreview unlimited = permit(name_of(bobs_), max, "1790000100");
    EXPECT_EQ(unlimited.risk, Risk::kRisky);
    EXPECT_TRUE(warns(unlimited, "Unlimited"));
    EXPECT_EQ(unlimited.challenge, "PERMIT");
    const SigningPreview forever = permit(name_of(bobs_), "250", max);
    EXPECT_EQ(forever.risk, Risk::kRisky);
    EXPECT_TRUE(warns(forever, "more than a year"));
    EXPECT_EQ(permit(name_of(bobs_), "250", "1821000000").risk, Risk::kOrdinary) << "within a year";
    const SigningPreview stranger = permit(std::string(kStranger), "250", "1790000100");
    EXPECT_EQ(stranger.risk, Risk::kRisky);
    EXPECT_TRUE(warns(stranger, "First time"));
}

TEST_F(TypedPreviewTest, DaiAndPermit2AreKnownToo) {
    const auto dai = engine_->preview_typed_data(
        operator_, "alice-main",
        R"({"types":{"Permit":[{"name":"holder","type":"address"},{"name":"spender","type":"address"},{"name":"nonce","type":"uint256"},)"
        R"({"name":"expiry","type":"uint256"},{"name":"allowed","type":"bool"}]},"primaryType":"Permit","domain":{"name":"Dai","chainId":1},)"
        R"("message":{"holder":")" +
            name_of(alices_) + R"(","spender":")" + name_of(bobs_) + R"(","nonce":0,"expiry":0,"allowed":true}})");
    ASSERT_TRUE(dai) << why(dai);
    EXPECT_TRUE(warns(*dai, "allowed is true"));
    const auto permit2 = engine_->preview_typed_data(
        operator_, "alice-main",
        R"({"types":{"PermitDetails":[{"name":"token","type":"address"},{"name":"amount","type":"uint160"},{"name":"expiration","type":"uint48"},)"
        R"({"name":"nonce","type":"uint48"}],"PermitSingle":[{"name":"details","type":"PermitDetails"},{"name":"spender","type":"address"},)"
        R"({"name":"sigDeadline","type":"uint256"}]},"primaryType":"PermitSingle","domain":{"name":"Permit2","chainId":1},)"
        R"("message":{"details":{"token":"0xBA975da4d2459Aa3F11D31291a25A8358F84946d","amount":"1461501637330902918203684832716283019655932542975",)"
        R"("expiration":"281474976710655","nonce":0},"spender":")" +
            name_of(bobs_) + R"(","sigDeadline":"1790000100"}})");
    ASSERT_TRUE(permit2) << why(permit2);
    EXPECT_EQ(permit2->risk, Risk::kRisky);
    EXPECT_TRUE(warns(*permit2, "amount has no real limit"));
    EXPECT_TRUE(warns(*permit2, "expiration is more than a year away"));
}

TEST_F(TypedPreviewTest, ADomainWithoutAChainIsNamed) {
    const auto preview = engine_->preview_typed_data(
        operator_, "alice-main",
        R"({"types":{"M":[{"name":"a","type":"uint256"}]},"primaryType":"M","domain":{"name":"D"},"message":{"a":1}})");
    ASSERT_TRUE(preview) << why(preview);
    EXPECT_EQ(preview->risk, Risk::kOrdinary);
    EXPECT_TRUE(warns(*preview, "names no chain"));
}

TEST(HiddenCharacters, AreCountedByCodePoint) {
    using custody::count_hidden_characters;
    EXPECT_EQ(count_hidden_characters(""), 0U);
    EXPECT_EQ(count_hidden_characters("abc \n\t\r"), 0U);
    EXPECT_EQ(count_hidden_characters("\u200B\u200D\u2066"), 3U);
    EXPECT_EQ(count_hidden_characters("\U0001F600\u4E2D\u00E9"), 0U);
    EXPECT_EQ(count_hidden_characters("\u00AD"), 1U);
    EXPECT_EQ(count_hidden_characters("\uFEFF"), 1U);
    EXPECT_EQ(count_hidden_characters("\x7f"), 1U);
}

}  // namespace
}  // namespace keydeck
