// What typed data is shown as: permits, transfers by others, calls for a Safe, orders.
#include "tests/custody/preview_fixture.hpp"

namespace keydeck {
namespace {

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
    EXPECT_EQ(harmless.sentence, "Let bob / bob-main spend 250 units of token " + std::string(kToken) +
                                     " of alice / alice-main, until 2026-09-21 14:15 UTC (in 100 seconds)");
    EXPECT_EQ(value_of(harmless, "  value"), "250");
    EXPECT_EQ(value_of(harmless, "  spender"), name_of(bobs_) + " (bob / bob-main)");
    EXPECT_EQ(value_of(harmless, "  owner"), name_of(alices_) + " (this wallet)");

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

TEST_F(TypedPreviewTest, SaysWhatAPermitDoesAndUntilWhen) {
    const std::string max = "115792089237316195423570985008687907853269984665640564039457584007913129639935";
    ASSERT_TRUE(add_contact("USDC", kToken));
    const SigningPreview unlimited = permit(std::string(kStranger), max, max);
    EXPECT_EQ(unlimited.sentence, "Let " + std::string(kStranger) +
                                      " spend an UNLIMITED amount of token USDC (address book) of alice / alice-main,"
                                      " without end");
    EXPECT_EQ(value_of(unlimited, "  value"), "UNLIMITED (2^256-1)");
    EXPECT_EQ(value_of(unlimited, "  deadline"), max + " = never");
    EXPECT_EQ(value_of(unlimited, "  spender"), std::string(kStranger) + " (new)");
    EXPECT_EQ(value_of(unlimited, "  verifyingContract"), std::string(kToken) + " USDC (address book)");
    EXPECT_EQ(value_of(permit(name_of(bobs_), "5", "1821000000"), "  deadline"),
              "1821000000 = 2027-09-15 09:20 UTC (in 358 days)");
    EXPECT_EQ(value_of(permit(name_of(bobs_), "5", "1"), "  deadline"), "1 = 1970-01-01 00:00 UTC (over)");

    ASSERT_TRUE(add_contact("exchange", kStranger));
    const SigningPreview poisoned = permit(twin_of(kStranger), "5", "1790000100");
    EXPECT_TRUE(warns(poisoned, "LOOK-ALIKE"));
    EXPECT_EQ(poisoned.risk, Risk::kRisky);
    EXPECT_EQ(poisoned.challenge, std::string(4, '3'));
}

/// The example of EIP-712 itself: its hashes stand in the EIP's Example.js.
TEST_F(TypedPreviewTest, ShowsThePublishedHashes) {
    const auto preview = engine_->preview_typed_data(operator_, "alice-main", R"({"types":{"EIP712Domain":[
{"name":"name","type":"string"},{"name":"version","type":"string"},{"name":"chainId","type":"uint256"},
{"name":"verifyingContract","type":"address"}],"Person":[{"name":"name","type":"string"},{"name":"wallet","type":"address"}],
"Mail":[{"name":"from","type":"Person"},{"name":"to","type":"Person"},{"name":"contents","type":"string"}]},
"primaryType":"Mail","domain":{"name":"Ether Mail","version":"1","chainId":1,
"verifyingContract":"0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"},"message":{"from":{"name":"Cow",
"wallet":"0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"},"to":{"name":"Bob",
"wallet":"0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"},"contents":"Hello, Bob!"}})");
    ASSERT_TRUE(preview) << why(preview);
    EXPECT_EQ(digest_of(*preview, "EIP-712 digest"), "0xbe609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2");
    EXPECT_EQ(digest_of(*preview, "Domain hash"), "0xf2cee375fa42b42143804025fc449deafd50cc031ca257e0b194a650a912090f");
    EXPECT_EQ(digest_of(*preview, "Message hash"), "0xc52c0ee5d84264471806290a3f2c4cecfc5490626bf912d01f240d7a274b371e");
    EXPECT_EQ(preview->sentence, "Sign typed data Mail for Ether Mail");
    EXPECT_TRUE(preview->warnings.empty());
}

TEST_F(TypedPreviewTest, HiddenCharactersInTypedDataAreCounted) {
    const auto preview = engine_->preview_typed_data(
        operator_, "alice-main",
        "{\"types\":{\"M\":[{\"name\":\"a\",\"type\":\"string\"},{\"name\":\"b\",\"type\":\"string\"}]},"
        "\"primaryType\":\"M\",\"domain\":{\"name\":\"D\",\"chainId\":1},"
        "\"message\":{\"a\":\"pay \u202Eecila\u200B\",\"b\":\"plain\"}}");
    ASSERT_TRUE(preview) << why(preview);
    EXPECT_TRUE(warns(*preview, "2 hidden characters"));
    EXPECT_NE(value_of(*preview, "  a").find("\\u{202e}"), std::string::npos) << "and visible";
}

TEST_F(TypedPreviewTest, TransfersByOthersNameTheRecipient) {
    const auto preview = engine_->preview_typed_data(
        operator_, "alice-main",
        R"({"types":{"TransferWithAuthorization":[{"name":"from","type":"address"},{"name":"to","type":"address"},)"
        R"({"name":"value","type":"uint256"},{"name":"validAfter","type":"uint256"},{"name":"validBefore","type":"uint256"},)"
        R"({"name":"nonce","type":"bytes32"}]},"primaryType":"TransferWithAuthorization",)"
        R"("domain":{"name":"USD Coin","version":"2","chainId":1,"verifyingContract":"0xBA975da4d2459Aa3F11D31291a25A8358F84946d"},)"
        R"("message":{"from":")" +
            name_of(alices_) + R"(","to":")" + std::string(kStranger) +
            R"(","value":250,"validAfter":0,"validBefore":1790000100,"nonce":"0x)" + std::string(64, '1') + "\"}}");
    ASSERT_TRUE(preview) << why(preview);
    EXPECT_EQ(preview->sentence, "Send 250 units of token " + std::string(kToken) + " from alice / alice-main to " +
                                     std::string(kStranger) + ", until 2026-09-21 14:15 UTC (in 100 seconds)");
    EXPECT_EQ(preview->risk, Risk::kRisky);
    EXPECT_TRUE(warns(*preview, "First time"));
    EXPECT_EQ(preview->challenge, kStranger.substr(18, 4));
}

TEST_F(TypedPreviewTest, ASafesTransactionIsDecoded) {
    const auto safe = [&](const std::string& data, int operation) {
        auto preview = engine_->preview_typed_data(
            operator_, "alice-main",
            R"({"types":{"SafeTx":[{"name":"to","type":"address"},{"name":"value","type":"uint256"},{"name":"data","type":"bytes"},)"
            R"({"name":"operation","type":"uint8"},{"name":"nonce","type":"uint256"}]},"primaryType":"SafeTx",)"
            R"("domain":{"chainId":1,"verifyingContract":"0x70997970C51812dc3A010C7d01b50e0d17dc79C8"},)"
            R"("message":{"to":"0xBA975da4d2459Aa3F11D31291a25A8358F84946d","value":0,"data":")" +
                data + R"(","operation":)" + std::to_string(operation) + R"(,"nonce":7}})");
        EXPECT_TRUE(preview) << why(preview);
        return preview ? std::move(*preview) : SigningPreview{};
    };
    std::string digits(kStranger.substr(2));
    std::ranges::transform(digits, digits.begin(), [](char c) { return static_cast<char>(std::tolower(c)); });
    const SigningPreview approval = safe("0x095ea7b3" + word(digits) + std::string(64, 'f'), 0);
    EXPECT_TRUE(approval.sentence.starts_with("As Safe 0x70997970C51812dc3A010C7d01b50e0d17dc79C8: Let " +
                                              std::string(kStranger) + " spend an UNLIMITED amount"))
        << approval.sentence;
    EXPECT_TRUE(warns(approval, "Unlimited approval"));
    EXPECT_TRUE(warns(approval, "First time"));
    EXPECT_EQ(value_of(approval, "Call"), "approve(address spender, uint256 value) (ERC-20 or ERC-721)");
    EXPECT_TRUE(digest_of(approval, "Calldata digest (ERC-8213)").starts_with("0x"));
    const SigningPreview unknown = safe("0x12345678", 0);
    EXPECT_TRUE(warns(unknown, "Unknown call"));
    const SigningPreview delegated = safe("0x", 1);
    EXPECT_TRUE(warns(delegated, "DELEGATECALL"));
    EXPECT_EQ(delegated.challenge, "DELEGATECALL");
}

TEST_F(TypedPreviewTest, AnOrderThatAsksForNothingIsRisky) {
    const auto order = [&](const std::string& recipient, int amount) {
        auto preview = engine_->preview_typed_data(
            operator_, "alice-main",
            R"({"types":{"OfferItem":[{"name":"token","type":"address"},{"name":"startAmount","type":"uint256"}],)"
            R"("ConsiderationItem":[{"name":"token","type":"address"},{"name":"startAmount","type":"uint256"},{"name":"recipient","type":"address"}],)"
            R"("OrderComponents":[{"name":"offerer","type":"address"},{"name":"offer","type":"OfferItem[]"},)"
            R"({"name":"consideration","type":"ConsiderationItem[]"}]},"primaryType":"OrderComponents",)"
            R"("domain":{"name":"Seaport","chainId":1},"message":{"offerer":")" +
                name_of(alices_) + R"(","offer":[{"token":")" + std::string(kToken) +
                R"(","startAmount":1}],"consideration":[{"token":")" + std::string(kToken) + R"(","startAmount":)" +
                std::to_string(amount) + R"(,"recipient":")" + recipient + R"("}]}})");
        EXPECT_TRUE(preview) << why(preview);
        return preview ? std::move(*preview) : SigningPreview{};
    };
    EXPECT_EQ(order(name_of(alices_), 1000).risk, Risk::kOrdinary);
    EXPECT_EQ(order(name_of(alices_), 0).challenge, "ORDER");
    EXPECT_EQ(order(std::string(kStranger), 1000).challenge, "ORDER") << "paid to somebody else";
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
    EXPECT_TRUE(dai->sentence.starts_with("Let bob / bob-main spend an UNLIMITED amount of token")) << dai->sentence;
    EXPECT_TRUE(dai->sentence.ends_with(", without end")) << dai->sentence;
    EXPECT_EQ(value_of(*dai, "  expiry"), "0 = never");
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
    EXPECT_EQ(permit2->sentence, "Let bob / bob-main spend an UNLIMITED amount of token " + std::string(kToken) +
                                     " through Permit2, without end");
    EXPECT_EQ(value_of(*permit2, "    amount"), "UNLIMITED (2^160-1)");
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

}  // namespace
}  // namespace keydeck
