// What typed data is shown as: permits, transfers by others, calls for a Safe, orders.
#include "tests/custody/preview_fixture.hpp"

namespace keydeck {
namespace {

const std::string kMost = "115792089237316195423570985008687907853269984665640564039457584007913129639935";
const std::string kZero = "0x0000000000000000000000000000000000000000";

class TypedPreviewTest : public PreviewTest {
protected:
    /// One of Seaport's OrderComponents, that asks for one item for `recipient`.
    std::string order(const std::string& recipient, const std::string& item_type, const std::string& token,
                      const std::string& start, const std::string& end) {
        return R"({"offerer":")" + name_of(alices_) + R"(","offer":[{"token":")" + std::string(kToken) +
               R"(","startAmount":1}],"consideration":[{"itemType":)" + item_type + R"(,"token":")" + token +
               R"(","startAmount":")" + start + R"(","endAmount":")" + end + R"(","recipient":")" + recipient + R"("}]})";
    }
    /// One order, or a BulkOrder of two.
    static std::string order_json(const std::vector<std::string>& orders) {
        const bool is_bulk = orders.size() > 1;
        return R"({"types":{"OfferItem":[{"name":"token","type":"address"},{"name":"startAmount","type":"uint256"}],)"
               R"("ConsiderationItem":[{"name":"itemType","type":"uint8"},{"name":"token","type":"address"},)"
               R"({"name":"startAmount","type":"uint256"},{"name":"endAmount","type":"uint256"},{"name":"recipient","type":"address"}],)"
               R"("OrderComponents":[{"name":"offerer","type":"address"},{"name":"offer","type":"OfferItem[]"},)"
               R"({"name":"consideration","type":"ConsiderationItem[]"}],)"
               R"("BulkOrder":[{"name":"tree","type":"OrderComponents[2]"}]},"primaryType":")" +
               std::string(is_bulk ? "BulkOrder" : "OrderComponents") +
               R"(","domain":{"name":"Seaport","chainId":1},"message":)" +
               (is_bulk ? R"({"tree":[)" + orders[0] + "," + orders[1] + "]}" : orders[0]) + "}";
    }
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
    EXPECT_EQ(preview->risk, Risk::kRisky) << "nobody here can tell what it is for";
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
    const std::string ether(18, '0');
    const auto coin = [&](const std::string& start, const std::string& end) {
        return typed(order_json({order(name_of(alices_), "0", kZero, start, end)}));
    };
    EXPECT_EQ(coin("1" + ether, "1" + ether).risk, Risk::kOrdinary);
    const SigningPreview nothing = coin("0", "0");
    EXPECT_EQ(nothing.challenge, "ORDER");
    ASSERT_FALSE(nothing.warnings.empty());
    EXPECT_NE(nothing.warnings.front().find("NOTHING"), std::string::npos) << "the reason to refuse comes first";
    EXPECT_EQ(coin("1" + ether, "0").challenge, "ORDER") << "it decays to nothing";
    EXPECT_EQ(coin("2", "2").challenge, "ORDER") << "two wei";
    EXPECT_EQ(typed(order_json({order(std::string(kStranger), "0", kZero, "1" + ether, "1" + ether)})).challenge, "ORDER")
        << "paid to somebody else";
    const std::string in_tokens = order_json({order(name_of(alices_), "1", std::string(kToken), "1" + ether, "1" + ether)});
    const SigningPreview unknown_token = typed(in_tokens);
    EXPECT_EQ(unknown_token.challenge, "ORDER");
    EXPECT_TRUE(warns(unknown_token, "not in the address book"));
    ASSERT_TRUE(add_contact("USDC", kToken));
    EXPECT_EQ(typed(in_tokens).risk, Risk::kOrdinary);
}

TEST_F(TypedPreviewTest, EveryOrderOfABulkIsLookedAt) {
    const std::string good = order(name_of(alices_), "0", kZero, "1000000000000000000", "1000000000000000000");
    const std::string bad = order(name_of(alices_), "0", kZero, "0", "0");
    const SigningPreview fair = typed(order_json({good, good}));
    EXPECT_EQ(fair.risk, Risk::kOrdinary) << fair.warnings.front();
    EXPECT_EQ(fair.sentence, "Sign 2 marketplace orders at once (BulkOrder for Seaport)");
    const SigningPreview one_bad = typed(order_json({good, bad}));
    EXPECT_EQ(one_bad.challenge, "ORDER");
    EXPECT_TRUE(warns(one_bad, "One of the orders asks next to NOTHING"));
}

// https://github.com/MetaMask/delegation-framework
TEST_F(TypedPreviewTest, ADelegationOfTheAccountIsRiskyWhoeverGetsIt) {
    const auto delegation = [&](const std::string& delegate, const std::string& caveats) {
        return typed(
            R"({"types":{"Caveat":[{"name":"enforcer","type":"address"},{"name":"terms","type":"bytes"}],"Delegation":[)"
            R"({"name":"delegate","type":"address"},{"name":"delegator","type":"address"},{"name":"authority","type":"bytes32"},)"
            R"({"name":"caveats","type":"Caveat[]"},{"name":"salt","type":"uint256"}]},"primaryType":"Delegation",)"
            R"("domain":{"name":"DelegationManager","version":"1","chainId":1},"message":{"delegate":")" +
            delegate + R"(","delegator":")" + name_of(alices_) + R"(","authority":"0x)" + std::string(64, 'f') +
            R"(","caveats":[)" + caveats + R"(],"salt":0}})");
    };
    const SigningPreview stranger = delegation(std::string(kStranger), "");
    EXPECT_EQ(stranger.risk, Risk::kRisky);
    EXPECT_TRUE(warns(stranger, "without any limit"));
    EXPECT_TRUE(warns(stranger, "First time"));
    EXPECT_EQ(stranger.sentence, "Let " + std::string(kStranger) + " act as alice / alice-main, without any limit");
    const SigningPreview bob = delegation(name_of(bobs_), R"({"enforcer":")" + std::string(kToken) + R"(","terms":"0x"})");
    EXPECT_EQ(bob.challenge, "DELEGATE");
    EXPECT_TRUE(warns(bob, "1 caveat"));
    EXPECT_FALSE(warns(bob, "First time"));
    EXPECT_TRUE(delegation("0x0000000000000000000000000000000000000a11", "").sentence.starts_with("Let ANYBODY act"));
}

// https://github.com/aave/aave-v3-core, DebtTokenBase.sol
TEST_F(TypedPreviewTest, CreditIsGradedLikeAPermit) {
    const auto credit = [&](const std::string& delegatee, const std::string& value) {
        return typed(
            R"({"types":{"DelegationWithSig":[{"name":"delegatee","type":"address"},{"name":"value","type":"uint256"},)"
            R"({"name":"nonce","type":"uint256"},{"name":"deadline","type":"uint256"}]},)"
            R"("primaryType":"DelegationWithSig","domain":{"name":"Aave debt","chainId":1},"message":{"delegatee":")" +
            delegatee + R"(","value":")" + value + R"(","nonce":0,"deadline":1790000100}})");
    };
    EXPECT_EQ(credit(name_of(bobs_), "5").risk, Risk::kOrdinary);
    EXPECT_TRUE(warns(credit(std::string(kStranger), "5"), "First time"));
    const SigningPreview unlimited = credit(name_of(bobs_), kMost);
    EXPECT_EQ(unlimited.challenge, "CREDIT");
    EXPECT_TRUE(unlimited.sentence.starts_with("Let bob / bob-main borrow an UNLIMITED amount of debt token"))
        << unlimited.sentence;
}

TEST_F(TypedPreviewTest, APermitsAmountMayBeCalledAnything) {
    const auto wad = [&](const std::string& field, const std::string& amount) {
        return typed(
            R"({"types":{"Permit":[{"name":"owner","type":"address"},{"name":"spender","type":"address"},{"name":")" +
            field + R"(","type":"uint256"},{"name":"nonce","type":"uint256"}]},"primaryType":"Permit",)" +
            R"("domain":{"name":"T","chainId":1},"message":{"owner":")" + name_of(alices_) + R"(","spender":")" +
            name_of(bobs_) + R"(",")" + field + R"(":")" + amount + R"(","nonce":")" + kMost + R"("}})");
    };
    EXPECT_EQ(wad("wad", kMost).challenge, "PERMIT");
    EXPECT_EQ(wad("wad", "5").risk, Risk::kOrdinary) << "a nonce is no amount";
    EXPECT_EQ(wad("value", "79228162514264337593543950334").risk, Risk::kOrdinary);
    for (const char* amount : {"79228162514264337593543950335", "5192296858534827628530496329220095",
                               "170141183460469231731687303715884105728"}) {  // 2^96-1, 2^112-1, 2^127
        EXPECT_EQ(wad("value", amount).challenge, "PERMIT") << amount;
    }
    EXPECT_EQ(value_of(wad("wad", kMost), "  wad"), "UNLIMITED (2^256-1)");
}

TEST_F(TypedPreviewTest, APermitForAllNamesItsOperator) {
    const auto for_all = [&](const std::string& who, const std::string& approved) {
        return typed(R"({"types":{"PermitForAll":[{"name":"owner","type":"address"},{"name":"operator","type":"address"},)"
                     R"({"name":"approved","type":"bool"},{"name":"nonce","type":"uint256"}]},"primaryType":"PermitForAll",)"
                     R"("domain":{"name":"T","chainId":1},"message":{"owner":")" +
                     name_of(alices_) + R"(","operator":")" + who + R"(","approved":)" + approved + R"(,"nonce":0}})");
    };
    const SigningPreview stranger = for_all(std::string(kStranger), "true");
    EXPECT_EQ(stranger.risk, Risk::kRisky);
    EXPECT_TRUE(warns(stranger, "Approval for all"));
    EXPECT_TRUE(warns(stranger, "First time"));
    EXPECT_NE(stranger.sentence.find("move EVERY item"), std::string::npos) << stranger.sentence;
    EXPECT_EQ(for_all(name_of(bobs_), "true").challenge, "PERMIT") << "whoever it is";
    EXPECT_EQ(for_all(name_of(bobs_), "false").risk, Risk::kOrdinary);
}

TEST_F(TypedPreviewTest, ASafeThatPaysForItsGasIsRisky) {
    const auto safe = [&](const std::string& gas_price, std::string_view receiver) {
        return typed(
            R"({"types":{"SafeTx":[{"name":"to","type":"address"},{"name":"value","type":"uint256"},{"name":"data","type":"bytes"},)"
            R"({"name":"operation","type":"uint8"},{"name":"baseGas","type":"uint256"},{"name":"gasPrice","type":"uint256"},)"
            R"({"name":"gasToken","type":"address"},{"name":"refundReceiver","type":"address"}]},"primaryType":"SafeTx",)"
            R"("domain":{"chainId":1,"verifyingContract":"0x70997970C51812dc3A010C7d01b50e0d17dc79C8"},"message":{"to":")" +
            name_of(bobs_) + R"(","value":1,"data":"0x","operation":0,"baseGas":1000000000,"gasPrice":)" + gas_price +
            R"(,"gasToken":")" + std::string(kToken) + R"(","refundReceiver":")" + std::string(receiver) + R"("}})");
    };
    EXPECT_EQ(safe("0", kStranger).risk, Risk::kOrdinary) << "nothing is paid";
    const SigningPreview drained = safe("1000000000000", kStranger);
    EXPECT_EQ(drained.risk, Risk::kRisky);
    EXPECT_TRUE(
        warns(drained, "Gas refund: the Safe also pays 1000000000000000000000 units of token " + std::string(kToken)));
    EXPECT_TRUE(warns(drained, "First time"));
    EXPECT_EQ(drained.challenge, kStranger.substr(18, 4));
    EXPECT_TRUE(drained.sentence.ends_with(", and pay for its gas")) << drained.sentence;
    EXPECT_TRUE(warns(safe("1", kZero), "to WHOEVER hands it in"));
}

TEST_F(TypedPreviewTest, AnotherChainIsAsRiskyAsForATransaction) {
    const auto permit_for = [&](const std::string& domain) {
        return typed(R"({"types":{"Permit":[{"name":"spender","type":"address"},{"name":"value","type":"uint256"}]},)"
                     R"("primaryType":"Permit","domain":{"name":"T")" +
                     domain + R"(},"message":{"spender":")" + name_of(bobs_) + R"(","value":5}})");
    };
    sign_for(name_of(bobs_), 1);
    EXPECT_EQ(permit_for(R"(,"chainId":1)").risk, Risk::kOrdinary);
    const SigningPreview other = permit_for(R"(,"chainId":4242)");
    EXPECT_EQ(other.risk, Risk::kRisky);
    EXPECT_TRUE(other.warnings.front().starts_with("Another chain")) << other.warnings.front();
    const SigningPreview everywhere = permit_for("");
    EXPECT_EQ(everywhere.risk, Risk::kRisky);
    EXPECT_TRUE(warns(everywhere, "every chain"));
}

TEST_F(TypedPreviewTest, UnknownTypedDataIsRiskyUntilItIsUsual) {
    const auto login = [&](const std::string& domain, const std::string& type, const std::string& value) {
        return R"({"types":{"Login":[{"name":"text","type":")" + type + R"("}]},"primaryType":"Login","domain":{"name":")" +
               domain + R"(","chainId":1},"message":{"text":")" + value + R"("}})";
    };
    const SigningPreview first = typed(login("D", "string", "hello"));
    EXPECT_EQ(first.risk, Risk::kRisky);
    EXPECT_EQ(first.challenge, "SIGN");
    EXPECT_TRUE(first.warnings.front().starts_with("Unknown typed data (Login)"));
    ASSERT_TRUE(engine_->sign_typed_data(operator_, "alice-main", login("D", "string", "hello")));
    EXPECT_EQ(typed(login("D", "string", "goodbye")).risk, Risk::kOrdinary);
    EXPECT_EQ(typed(login("E", "string", "hello")).risk, Risk::kRisky) << "another domain";
    EXPECT_EQ(typed(login("D", "address", name_of(alices_))).risk, Risk::kRisky) << "another type of the same name";
    EXPECT_EQ(typed(login("D", "string", "hello"), "bob-main").risk, Risk::kRisky) << "another user";
    const SigningPreview to_somebody = typed(login("D", "string", "to " + std::string(kStranger) + "!"));
    EXPECT_EQ(to_somebody.risk, Risk::kRisky);
    EXPECT_TRUE(warns(to_somebody, "it names " + std::string(kStranger)));
    EXPECT_EQ(typed(login("D", "string", name_of(alices_))).risk, Risk::kOrdinary) << "oneself is not new";
    ASSERT_TRUE(engine_->sign_typed_data(operator_, "alice-main", login("D", "bytes", "0x00")));
    EXPECT_EQ(typed(login("D", "bytes", "0x00")).risk, Risk::kRisky) << "bytes may be anything";
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
    const std::string json =
        R"({"types":{"M":[{"name":"a","type":"uint256"}]},"primaryType":"M","domain":{"name":"D"},"message":{"a":1}})";
    ASSERT_TRUE(engine_->sign_typed_data(operator_, "alice-main", json));
    const auto preview = engine_->preview_typed_data(operator_, "alice-main", json);
    ASSERT_TRUE(preview) << why(preview);
    EXPECT_EQ(preview->risk, Risk::kOrdinary);
    EXPECT_TRUE(warns(*preview, "names no chain"));
}

}  // namespace
}  // namespace keydeck
