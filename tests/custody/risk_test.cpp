// What is graded risky in a transaction, and whom a user knows: nobody else's signatures make an address known.
#include "engine/custody/risk.hpp"

#include <sstream>

#include "engine/base/hex.hpp"
#include "tests/custody/preview_fixture.hpp"

namespace keydeck {
namespace {

constexpr std::string_view kZero = "0x0000000000000000000000000000000000000000";

class RiskTest : public PreviewTest {
protected:
    /// Safe's execTransaction, as ethers encodes it.
    static std::string exec_transaction(std::string_view target, const std::string& data, int operation,
                                        std::string_view gas_price = "0", std::string_view refund_receiver = kZero) {
        const auto bytes = [](const std::string& hex) {
            const std::string padding((64 - hex.size() % 64) % 64, '0');
            std::ostringstream size;
            size << std::hex << hex.size() / 2;
            return word(size.str()) + hex + padding;
        };
        const std::string inner = bytes(data);
        std::ostringstream second;
        second << std::hex << 320 + inner.size() / 2;
        return to("0x70997970C51812dc3A010C7d01b50e0d17dc79C8") + R"(,"data":"0x6a761202)" + word(lower(target)) +
               word("0") + word("140") + word(std::to_string(operation)) + word("0") + word("3b9aca00") +
               word(std::string(gas_price)) + word(lower(kToken)) + word(lower(refund_receiver)) + word(second.str()) +
               inner + bytes(std::string(130, '0')) + "\"";
    }
    SigningPreview previewed(const std::string& wallet, const std::string& json) {
        auto preview = engine_->preview_transaction(operator_, wallet, json);
        EXPECT_TRUE(preview) << why(preview);
        return preview ? std::move(*preview) : SigningPreview{};
    }
    static std::string payment(std::string_view address, int chain = 1) {
        return R"({"chainId":)" + std::to_string(chain) + R"(,"nonce":0,"gas":21000,"gasPrice":1,"value":5,)" + to(address) +
               "}";
    }
    /// The JSON of a signed authorization, as it stands in a transaction's list.
    std::string authorization(const std::string& wallet, const std::string& chain, std::string_view code) {
        const auto signature = engine_->sign_authorization(operator_, wallet, chain, code, 7, true);
        EXPECT_TRUE(signature) << why(signature);
        if (!signature) return "{}";
        return R"({"chainId":")" + chain + R"(","address":")" + std::string(code) + R"(","nonce":7,"yParity":)" +
               std::to_string(signature->y_parity) + R"(,"r":")" + to_hex_0x(signature->r) + R"(","s":")" +
               to_hex_0x(signature->s) + "\"}";
    }
    SigningPreview with_authorizations(const std::string& list) {
        return shown(to(name_of(bobs_)) + R"(,"type":4,"authorizationList":[)" + list + "]");
    }
};

TEST_F(RiskTest, CodeThatRunsAsTheSafeIsLoud) {
    const std::string transfer = "a9059cbb" + word(lower(name_of(bobs_))) + word("f4240");
    EXPECT_EQ(shown(exec_transaction(kToken, transfer, 0)).risk, Risk::kOrdinary) << "bob gains";
    const SigningPreview delegated = shown(exec_transaction(kStranger, transfer, 1));
    EXPECT_EQ(delegated.risk, Risk::kRisky);
    EXPECT_TRUE(delegated.warnings.front().starts_with("DELEGATECALL")) << delegated.warnings.front();
    EXPECT_TRUE(warns(delegated, "First time: this user has never signed anything for " + std::string(kStranger)));
    EXPECT_EQ(delegated.challenge, "DELEGATECALL");
    EXPECT_EQ(value_of(delegated, "  to"), std::string(kStranger) + " (new)");
    EXPECT_NE(delegated.sentence.find("run the code of " + std::string(kStranger) + " as its own"), std::string::npos)
        << delegated.sentence;
    EXPECT_EQ(shown(exec_transaction(name_of(bobs_), transfer, 1)).challenge, "DELEGATECALL") << "whoever it is";
}

TEST_F(RiskTest, ASafesGasRefundIsNamed) {
    const std::string transfer = "a9059cbb" + word(lower(name_of(bobs_))) + word("f4240");
    EXPECT_EQ(shown(exec_transaction(kToken, transfer, 0, "0", kStranger)).risk, Risk::kOrdinary) << "nothing is paid";
    const SigningPreview drained = shown(exec_transaction(kToken, transfer, 0, "e8d4a51000", kStranger));
    EXPECT_EQ(drained.risk, Risk::kRisky);
    EXPECT_TRUE(
        warns(drained, "Gas refund: the Safe also pays 1000000000000000000000 units of token " + std::string(kToken)));
    EXPECT_TRUE(warns(drained, "First time"));
    EXPECT_NE(drained.sentence.find("and pay for its gas"), std::string::npos) << drained.sentence;
    EXPECT_TRUE(warns(shown(exec_transaction(kToken, transfer, 0, "1")), "to WHOEVER hands it in"));
}

TEST_F(RiskTest, FeesBeyondReasonAreRisky) {
    const auto with_fee = [&](const std::string& value, const std::string& gas, const std::string& price) {
        return previewed("alice-main", R"({"chainId":1,"nonce":0,"gas":)" + gas + R"(,"maxFeePerGas":")" + price +
                                           R"(","maxPriorityFeePerGas":")" + price + R"(","value":")" + value + "\"," +
                                           to(name_of(bobs_)) + "}");
    };
    const SigningPreview mad = with_fee("1000000000000000", "21000", "30000000000000000000");
    EXPECT_EQ(mad.risk, Risk::kRisky);
    EXPECT_EQ(mad.challenge, "FEE");
    EXPECT_TRUE(mad.warnings.front().starts_with("Up to 630000 ETH in fees")) << mad.warnings.front();
    EXPECT_EQ(with_fee("0", "21000", "100000000000000").risk, Risk::kRisky) << "2.1 ETH for nothing";
    EXPECT_EQ(with_fee("100000000000000000000", "21000", "100000000000000").risk, Risk::kOrdinary) << "2.1 ETH beside 100";
    EXPECT_EQ(with_fee("100000000000000000000", "21000", "100000000000001").risk, Risk::kRisky) << "over 100,000 gwei";
    EXPECT_EQ(with_fee("0", "10000000", "100000000000").risk, Risk::kOrdinary) << "1 ETH";
    EXPECT_EQ(with_fee("0", "10000000", "100000000001").risk, Risk::kRisky);
}

TEST_F(RiskTest, TooLittleGasIsNamed) {
    const auto with_gas = [&](const std::string& gas, const std::string& more) {
        return previewed("alice-main",
                         R"({"chainId":1,"nonce":0,"gasPrice":1,"gas":)" + gas + "," + to(name_of(bobs_)) + more + "}");
    };
    const SigningPreview ten = with_gas("10", "");
    EXPECT_TRUE(warns(ten, "The gas limit of 10 is below the 21000"));
    EXPECT_EQ(ten.risk, Risk::kOrdinary) << "it cannot hurt";
    EXPECT_TRUE(warns(with_gas("20999", ""), "can never be mined"));
    EXPECT_TRUE(with_gas("21000", "").warnings.empty());
}

TEST_F(RiskTest, AnAuthorizationInATransactionIsAsRiskyAsOneAlone) {
    const SigningPreview own = with_authorizations(authorization("alice-main", "1", kStranger));
    EXPECT_EQ(own.risk, Risk::kRisky);
    EXPECT_TRUE(warns(
        own, "the code at " + std::string(kStranger) + " will act as " + name_of(alices_) + " (yours) on chain 1, nonce 7"));
    EXPECT_EQ(value_of(own, "Authorization"), "code of " + std::string(kStranger) +
                                                  " (known) on chain 1 (Ethereum mainnet), nonce 7" + ", for " +
                                                  name_of(alices_) + " (yours)");
    EXPECT_EQ(own.challenge, "DELEGATE") << "alice has let that code act before";
    const SigningPreview strangers = with_authorizations(authorization("bob-main", "1", kToken));
    EXPECT_TRUE(warns(strangers, name_of(bobs_) + " (a stranger's)"));
    EXPECT_TRUE(warns(strangers, "First time")) << "bob let it act, not alice";
    EXPECT_EQ(strangers.challenge, kToken.substr(18, 4));
    const SigningPreview everywhere = with_authorizations(authorization("alice-main", "0", kStranger));
    EXPECT_TRUE(warns(everywhere, "on EVERY chain"));
    EXPECT_EQ(everywhere.challenge, "EVERY CHAIN");
    const SigningPreview revoked = with_authorizations(authorization("alice-main", "1", kZero));
    EXPECT_TRUE(warns(revoked, "no code acts as " + name_of(alices_) + " (yours) any more"));
}

TEST_F(RiskTest, HandingOverControlIsRiskyWhoeverGetsIt) {
    for (const char* selector : {"f2fde38b", "3659cfe6"}) {  // transferOwnership, upgradeTo
        const SigningPreview preview = shown(to(kToken) + R"(,"data":"0x)" + selector + word(lower(name_of(bobs_))) + "\"");
        EXPECT_EQ(preview.risk, Risk::kRisky) << selector;
        EXPECT_TRUE(warns(preview, "Control:")) << selector;
    }
    const std::string role = word("1") + word(lower(name_of(bobs_)));
    EXPECT_TRUE(warns(shown(to(kToken) + R"(,"data":"0x2f2ff15d)" + role + "\""), "Control:")) << "grantRole";
    EXPECT_EQ(shown(to(kToken) + R"(,"data":"0xd547741f)" + role + "\"").risk, Risk::kOrdinary) << "revokeRole";
    EXPECT_TRUE(warns(shown(to(kToken) + R"(,"data":"0x715018a6")"), "Control:")) << "renounceOwnership";
}

TEST_F(RiskTest, NearlyUnlimitedIsUnlimited) {
    for (const std::string& amount : {std::string(24, 'f'), std::string(28, 'f'), "8" + std::string(31, '0')}) {
        const SigningPreview preview = shown(call("095ea7b3", name_of(bobs_), amount));
        EXPECT_TRUE(warns(preview, "Unlimited approval")) << amount;
    }
    EXPECT_EQ(shown(call("095ea7b3", name_of(bobs_), std::string(23, 'f') + "e")).risk, Risk::kOrdinary);
}

TEST_F(RiskTest, WhoWasPaidMayNotSpend) {
    sign_for(kStranger);
    EXPECT_EQ(shown(to(kStranger)).risk, Risk::kOrdinary);
    const SigningPreview approval = shown(call("095ea7b3", kStranger, "64"));
    EXPECT_EQ(approval.risk, Risk::kRisky);
    EXPECT_TRUE(warns(approval, "First time with power"));
    EXPECT_EQ(approval.challenge, kStranger.substr(18, 4));
    ASSERT_TRUE(engine_->sign_transaction(
        operator_, "alice-main",
        R"({"chainId":1,"nonce":0,"gas":65000,"gasPrice":1,)" + call("095ea7b3", kStranger, "64") + "}"));
    EXPECT_EQ(shown(call("095ea7b3", kStranger, "64")).risk, Risk::kOrdinary) << "it was let near before";
    EXPECT_TRUE(warns(shown(to(kToken) + R"(,"data":"0xf2fde38b)" + word(lower(kToken)) + "\""), "First time"));
}

TEST_F(RiskTest, EveryUserKnowsWhomItSignedFor) {
    sign_for(kStranger, 1, "bob-main");
    const SigningPreview alices = previewed("alice-main", payment(kStranger));
    EXPECT_EQ(alices.risk, Risk::kRisky) << "bob knows it, alice does not";
    EXPECT_TRUE(warns(alices, "First time"));
    EXPECT_EQ(previewed("bob-main", payment(kStranger)).risk, Risk::kOrdinary);
    // In a batch too.
    std::vector<Result<TransactionSignature>> results;
    ASSERT_TRUE(engine_->sign_transactions(operator_, "alice-main", payment(kStranger), false,
                                           [&](std::size_t, const auto& result) { results.push_back(result); }));
    ASSERT_EQ(results.size(), 1U);
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, results[0]));
}

TEST_F(RiskTest, EveryUserHasItsOwnChains) {
    sign_for(name_of(bobs_), 1);
    sign_for(kStranger, 56, "bob-main");
    const SigningPreview other = previewed("alice-main", payment(name_of(bobs_), 56));
    EXPECT_EQ(other.risk, Risk::kRisky) << "bob's chain is not alice's";
    EXPECT_TRUE(warns(other, "Another chain"));
    EXPECT_EQ(previewed("alice-main", payment(name_of(bobs_), 1)).risk, Risk::kOrdinary);
}

TEST_F(RiskTest, SomebodyElsesWalletIsLikeAnyOtherAddress) {
    add_user("mallory");
    const Wallet planted = create("mallory", Custody::kEnvelope, "planted");
    const SigningPreview paid = shown(to(name_of(planted)));
    EXPECT_EQ(paid.risk, Risk::kRisky);
    EXPECT_TRUE(warns(paid, "First time"));
    EXPECT_EQ(paid.sentence, "Send 0 ETH to mallory / planted (first time)");
    // Who looks like a contact is said to, be it a wallet of this vault or not.
    ASSERT_TRUE(add_contact("exchange", kStranger));
    meddle("UPDATE wallets SET address = X'" + lower(twin_of(kStranger)) + "' WHERE label = 'planted'");
    const SigningPreview poisoned = shown(to(twin_of(kStranger)));
    EXPECT_EQ(poisoned.risk, Risk::kRisky);
    EXPECT_TRUE(poisoned.warnings.front().starts_with("LOOK-ALIKE")) << poisoned.warnings.front();
    EXPECT_EQ(shown(to(kStranger)).risk, Risk::kOrdinary) << "and the true one is left in peace";
}

TEST_F(RiskTest, OnesOwnWalletIsKnownWhileItIsThere) {
    const Wallet second = create("alice", Custody::kEnvelope, "alice-second");
    EXPECT_EQ(shown(to(name_of(second))).risk, Risk::kOrdinary);
    ASSERT_TRUE(engine_->remove_wallet(operator_, "alice-second"));
    EXPECT_TRUE(warns(shown(to(name_of(second))), "First time")) << "removed: whoever has its key";
}

}  // namespace
}  // namespace keydeck
