// Signatures that the rest of the world accepts, and what is recorded of them.
#include <algorithm>
#include <string>
#include <vector>

#include "engine/base/hex.hpp"
#include "engine/base/json.hpp"
#include "engine/crypto/hash.hpp"
#include "tests/custody/fixture.hpp"

namespace keydeck {
namespace {

class SigningTest : public VaultTest {
protected:
    void SetUp() override {
        VaultTest::SetUp();
        if (!HasFatalFailure()) add_user("alice");
    }
    Wallet import_key(std::string_view key, const std::string& label) {
        ImportWallet request;
        request.user = "alice";
        request.label = label;
        request.private_key = SecretBytes::copy_of(key);
        auto wallet = engine_->import_wallet(operator_, std::move(request));
        EXPECT_TRUE(wallet) << why(wallet);
        return wallet ? *wallet : Wallet{};
    }
};

/// Each custody: the same promises.
class EveryCustody : public SigningTest, public testing::WithParamInterface<Custody> {
protected:
    void SetUp() override {
        SigningTest::SetUp();
        if (!HasFatalFailure()) wallet_ = create("alice", GetParam(), "w");
    }
    Wallet wallet_;
};
INSTANTIATE_TEST_SUITE_P(Custody, EveryCustody, testing::Values(Custody::kEnvelope, Custody::kKmsKey),
                         [](const auto& instance) { return instance.param == Custody::kEnvelope ? "Envelope" : "KmsKey"; });

TEST_P(EveryCustody, SignsMessagesThatVerify) {
    // Often enough that a KMS's high s and both parities come up.
    for (int i = 0; i < 40; ++i) {
        const std::string message = "message " + std::to_string(i);
        const auto signature = engine_->sign_message(operator_, "w", as_bytes(message));
        ASSERT_TRUE(signature) << why(signature);
        EXPECT_EQ(signature->address, wallet_.address);
        const std::string hex = to_hex_0x(signature->signature);
        const auto verified = Engine::verify_message(as_bytes(message), hex, wallet_.address);
        ASSERT_TRUE(verified) << why(verified) << " (high s is refused there)";
        EXPECT_TRUE(verified->valid);
        EXPECT_FALSE(Engine::verify_message(as_bytes("another"), hex, wallet_.address)->valid);
    }
    EXPECT_EQ(engine_->wallet(operator_, "w")->signatures, 40);
    EXPECT_EQ(engine_->wallet(operator_, "w")->last_signed_at, kStart);
}

TEST_P(EveryCustody, SignsTypedData) {
    const std::string json =
        R"({"types":{"Mail":[{"name":"to","type":"string"}]},"primaryType":"Mail","domain":{"name":"D","chainId":1},"message":{"to":"bob"}})";
    const auto signature = engine_->sign_typed_data(operator_, "w", json);
    ASSERT_TRUE(signature) << why(signature);
    EXPECT_TRUE(Engine::verify_typed_data(json, to_hex_0x(signature->signature), wallet_.address)->valid);
}

TEST_P(EveryCustody, SignsAllFiveTypes) {
    const std::string to = R"("chainId":1,"nonce":3,"gas":21000,"to":"0x3535353535353535353535353535353535353535")";
    const std::vector<std::string> transactions{
        "{" + to + R"(,"gasPrice":1})",
        "{" + to + R"(,"gasPrice":1,"accessList":[]})",
        "{" + to + R"(,"maxFeePerGas":2,"maxPriorityFeePerGas":1})",
        "{" + to + R"(,"maxFeePerGas":2,"maxPriorityFeePerGas":1,"maxFeePerBlobGas":1,"blobVersionedHashes":["0x01)" +
            std::string(62, 'a') + R"("]})",
        "{" + to + R"(,"maxFeePerGas":2,"maxPriorityFeePerGas":1,"authorizationList":[{"chainId":1,"address":)" +
            R"("0x3535353535353535353535353535353535353535","nonce":0,"yParity":0,"r":"0x1","s":"0x1"}]})",
    };
    for (std::size_t type = 0; type < transactions.size(); ++type) {
        const auto signature = engine_->sign_transaction(operator_, "w", transactions[type]);
        ASSERT_TRUE(signature) << transactions[type] << ": " << why(signature);
        EXPECT_EQ(signature->type, static_cast<int>(type));
        EXPECT_EQ(signature->address, wallet_.address);
        const auto decoded = Engine::decode_transaction(to_hex_0x(signature->raw));
        ASSERT_TRUE(decoded) << why(decoded);
        EXPECT_EQ(decoded->from, wallet_.address);
        EXPECT_EQ(decoded->hash, signature->hash);
    }
}

TEST_P(EveryCustody, SignsAuthorizations) {
    const auto signature =
        engine_->sign_authorization(operator_, "w", "1", "0x3535353535353535353535353535353535353535", 7, false);
    ASSERT_TRUE(signature) << why(signature);
    EXPECT_EQ(signature->address, wallet_.address);
    EXPECT_EQ(signature->chain_id, "1");
    EXPECT_EQ(signature->nonce, 7U);
    // A transaction that carries it names the wallet as the authority.
    const std::string item =
        R"({"chainId":"1","address":"0x3535353535353535353535353535353535353535","nonce":7,"yParity":)" +
        std::to_string(signature->y_parity) + R"(,"r":")" + to_hex_0x(signature->r) + R"(","s":")" +
        to_hex_0x(signature->s) + R"("})";
    const auto carrier = engine_->sign_transaction(
        operator_, "w",
        R"({"chainId":1,"nonce":0,"gas":100000,"to":"0x3535353535353535353535353535353535353535","maxFeePerGas":1,"maxPriorityFeePerGas":1,)"
        R"("authorizationList":[)" +
            item + "]}");
    ASSERT_TRUE(carrier) << why(carrier);
    const auto decoded = Engine::decode_transaction(to_hex_0x(carrier->raw));
    ASSERT_TRUE(decoded);
    EXPECT_NE(decoded->json.find(R"("authority":")" + name_of(wallet_)), std::string::npos) << decoded->json;
    const std::string detail = last_event().detail;  // whose account runs whose code, in the log too
    EXPECT_NE(detail.find(R"("authorizations":[{"authority":")" + name_of(wallet_) +
                          R"(","delegate":"0x3535353535353535353535353535353535353535","chain_id":"1","nonce":7}])"),
              std::string::npos)
        << detail;
}

TEST_P(EveryCustody, KeepsItsAddressAcrossARestart) {
    open();
    const auto signature = engine_->sign_message(operator_, "w", as_bytes("again"));
    ASSERT_TRUE(signature) << why(signature);
    EXPECT_EQ(signature->address, wallet_.address);
}

TEST_P(EveryCustody, ADisabledKeySignsNothingAndSaysWhich) {
    ASSERT_TRUE(engine_->sign_message(operator_, "w", as_bytes("m")));
    ASSERT_TRUE(engine_->disable_key(operator_, wallet_.key_id));
    EXPECT_EQ(engine_->wallet(operator_, "w")->state, WalletState::kKeyDisabled);
    const auto refused = engine_->sign_message(operator_, "w", as_bytes("m"));
    ASSERT_TRUE(fails_with(ErrorCode::kRejected, refused));
    EXPECT_NE(refused.error().message.find("disabled; nothing was signed"), std::string::npos);
    EXPECT_EQ(refused.error().kms_error, "DisabledException");
    EXPECT_EQ(last_event().result, "rejected");
    ASSERT_TRUE(engine_->enable_key(operator_, wallet_.key_id));
    EXPECT_TRUE(engine_->sign_message(operator_, "w", as_bytes("m")));
}

TEST_P(EveryCustody, AKeyDisabledByAnotherProcessIsRefusedThoughTheWalletIsOpen) {
    ASSERT_TRUE(engine_->sign_message(operator_, "w", as_bytes("m")));
    auto elsewhere = Engine::open(options());
    ASSERT_TRUE(elsewhere);
    ASSERT_TRUE((*elsewhere)->disable_key(operator_, wallet_.key_id));
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->sign_message(operator_, "w", as_bytes("m"))));
    ASSERT_TRUE((*elsewhere)->enable_key(operator_, wallet_.key_id));
    EXPECT_TRUE(engine_->sign_message(operator_, "w", as_bytes("m")));
}

TEST_P(EveryCustody, AKeyDisabledBehindTheStoresBackIsFoundOut) {
    ASSERT_TRUE(vault_->kms().disable_key(wallet_.key_id));
    EXPECT_EQ(engine_->wallet(operator_, "w")->state, WalletState::kReady) << "the store does not know yet";
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->sign_message(operator_, "w", as_bytes("m"))));
    EXPECT_EQ(engine_->wallet(operator_, "w")->state, WalletState::kKeyDisabled) << "now it does";
    ASSERT_TRUE(vault_->kms().enable_key(wallet_.key_id));
    EXPECT_TRUE(engine_->sign_message(operator_, "w", as_bytes("m"))) << "and asks again before it refuses";
    EXPECT_EQ(engine_->wallet(operator_, "w")->state, WalletState::kReady);
}

TEST_P(EveryCustody, APendingKeyIsAtRiskAndADestroyedOneLost) {
    ASSERT_TRUE(engine_->schedule_key_deletion(operator_, wallet_.key_id, 7, 1));
    EXPECT_EQ(engine_->wallet(operator_, "w")->state, WalletState::kAtRisk);
    EXPECT_TRUE(fails_with(ErrorCode::kRejected, engine_->sign_message(operator_, "w", as_bytes("m"))));
    for (int day = 0; day < 8; ++day) {  // a clock that jumped further would not be believed
        clock_.advance(std::chrono::hours(23));
        ASSERT_TRUE(engine_->label_wallet(operator_, "w", "w"));
        ASSERT_TRUE(engine_->list_keys(operator_, {}));
    }
    const auto lost = engine_->sign_message(operator_, "w", as_bytes("m"));
    ASSERT_TRUE(fails_with(ErrorCode::kRejected, lost));
    EXPECT_NE(lost.error().message.find("lost"), std::string::npos);
    EXPECT_EQ(engine_->wallet(operator_, "w")->state, WalletState::kLost);
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, engine_->key(operator_, wallet_.key_id)));
    const auto findings = engine_->doctor(operator_);
    ASSERT_TRUE(findings) << why(findings);
    ASSERT_EQ(std::ranges::count(*findings, "lost-key", &DoctorFinding::check), 1);
}

TEST_F(SigningTest, Eip155sOwnExample) {
    // https://eips.ethereum.org/EIPS/eip-155, "Example"
    import_key(
        "0x" +
            [] {
                std::string key;
                for (int i = 0; i < 32; ++i) key += "46";
                return key;
            }(),
        "eip155");
    const auto signature = engine_->sign_transaction(
        operator_, "eip155",
        R"({"chainId":1,"nonce":9,"gasPrice":"20000000000","gas":21000,"to":"0x3535353535353535353535353535353535353535","value":"1000000000000000000"})");
    ASSERT_TRUE(signature) << why(signature);
    EXPECT_EQ(to_hex_0x(signature->raw),
              "0xf86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a028ef61340bd939bc2"
              "195fe53756786600"
              "3e1a15d3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83");
}

TEST_F(SigningTest, Eip712sOwnExample) {
    // https://github.com/ethereum/EIPs/blob/master/assets/eip-712/Example.js: the key is keccak256("cow")
    import_key("0xc85ef7d79691fe79573b1a7064c19c1a9819ebdbd1faaab1a8ec92344438aaf4", "cow");
    const auto signature = engine_->sign_typed_data(operator_, "cow", R"({
        "types": {
            "EIP712Domain": [{"name":"name","type":"string"},{"name":"version","type":"string"},{"name":"chainId","type":"uint256"},
                             {"name":"verifyingContract","type":"address"}],
            "Person": [{"name":"name","type":"string"},{"name":"wallet","type":"address"}],
            "Mail": [{"name":"from","type":"Person"},{"name":"to","type":"Person"},{"name":"contents","type":"string"}]},
        "primaryType": "Mail",
        "domain": {"name":"Ether Mail","version":"1","chainId":1,"verifyingContract":"0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"},
        "message": {"from":{"name":"Cow","wallet":"0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"},
                    "to":{"name":"Bob","wallet":"0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"},"contents":"Hello, Bob!"}})");
    ASSERT_TRUE(signature) << why(signature);
    EXPECT_EQ(to_hex_0x(signature->digest), "0xbe609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2");
    EXPECT_EQ(to_hex_0x(signature->signature),
              "0x4355c47d63924e8a72e509b65029052eb6c299d53a04e167c5775fd466751c9d07299936d304c153f6443dfa05f40ff007d72911b6f"
              "72307f996231605b915621c");
}

TEST_F(SigningTest, WhatIsWrongIsRefusedWithTheFieldsName) {
    const Wallet wallet = create("alice", Custody::kEnvelope, "w");
    const auto other_from = engine_->sign_transaction(
        operator_, "w",
        R"({"from":"0x3535353535353535353535353535353535353535","chainId":1,"nonce":0,"gas":21000,"gasPrice":1,"to":"0x3535353535353535353535353535353535353535"})");
    ASSERT_TRUE(fails_with(ErrorCode::kInvalidInput, other_from));
    EXPECT_NE(other_from.error().message.find("from"), std::string::npos);
    EXPECT_TRUE(engine_->sign_transaction(
        operator_, "w",
        R"({"from":")" + name_of(wallet) +
            R"(","chainId":1,"nonce":0,"gas":21000,"gasPrice":1,"to":"0x3535353535353535353535353535353535353535"})"));
    const auto no_chain = engine_->sign_transaction(
        operator_, "w", R"({"nonce":0,"gas":21000,"gasPrice":1,"to":"0x3535353535353535353535353535353535353535"})");
    ASSERT_TRUE(fails_with(ErrorCode::kInvalidInput, no_chain));
    EXPECT_NE(no_chain.error().message.find("chainId"), std::string::npos);
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, engine_->sign_typed_data(operator_, "w", "{}")));
    const auto sign_authorization = [&](std::string_view chain, std::string_view delegate, std::uint64_t nonce, bool any) {
        return engine_->sign_authorization(operator_, "w", chain, delegate, nonce, any);
    };
    constexpr std::string_view kDelegate = "0x3535353535353535353535353535353535353535";
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, sign_authorization("x", kDelegate, 0, true)));
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, sign_authorization("1", "0x35", 0, true)));
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, sign_authorization("1", kDelegate, ~std::uint64_t{0}, true)));
    const auto every_chain = sign_authorization("0", kDelegate, 0, false);
    ASSERT_TRUE(fails_with(ErrorCode::kRejected, every_chain));
    EXPECT_NE(every_chain.error().hint.find("--any-chain"), std::string::npos);
    EXPECT_TRUE(sign_authorization("0", kDelegate, 0, true));
}

TEST_F(SigningTest, RecordsWhatWasSignedAndByWhom) {
    const Wallet wallet = create("alice", Custody::kEnvelope, "w");
    const auto signature = engine_->sign_message(alice_, "w", as_bytes("Sign in\nNonce: 7"));
    ASSERT_TRUE(signature);
    const AuditEvent event = last_event();
    EXPECT_EQ(event.action, "SignMessage");
    EXPECT_EQ(event.actor, "alice");
    EXPECT_EQ(event.surface, "test");
    EXPECT_EQ(event.user, "alice");
    EXPECT_EQ(event.target, name_of(wallet));
    EXPECT_EQ(event.key_id, wallet.key_id);
    EXPECT_EQ(event.result, "ok");
    EXPECT_EQ(event.digest, to_hex_0x(signature->digest));
    EXPECT_TRUE(event.detail.starts_with(R"({"message":"Sign in\nNonce: 7","shown":["Sign a message)")) << event.detail;
    ASSERT_TRUE(engine_->sign_message(alice_, "w", Bytes{0xFF, 0x00}));
    EXPECT_TRUE(last_event().detail.starts_with(R"({"message_hex":"0xff00","shown":[)")) << last_event().detail;
    ASSERT_TRUE(engine_->sign_message(alice_, "w", as_bytes(std::string(5000, 'x'))));
    EXPECT_NE(last_event().detail.find(R"("length":5000)"), std::string::npos);
    const auto cloudtrail = Engine::to_cloudtrail_json(event, *engine_->vault());
    EXPECT_NE(cloudtrail.find("SignMessage"), std::string::npos);
    expect_sound_audit();
}

TEST_F(SigningTest, KeepsWhatWasShownWithTheEvent) {
    create("alice", Custody::kEnvelope, "w");
    const std::string transaction =
        R"({"chainId":1,"nonce":3,"gas":21000,"gasPrice":1,"value":1500000000000000000,"to":"0x3535353535353535353535353535353535353535"})";
    const auto preview = engine_->preview_transaction(alice_, "w", transaction);
    ASSERT_TRUE(preview) << why(preview);
    ASSERT_TRUE(engine_->sign_transaction(alice_, "w", transaction));
    const auto kept = [this](std::string_view text) {
        return last_event().detail.find(std::string(text)) != std::string::npos;
    };
    EXPECT_TRUE(kept("\"shown\":[\"" + preview->sentence)) << last_event().detail;
    EXPECT_TRUE(kept("To: 0x3535353535353535353535353535353535353535")) << last_event().detail;
    EXPECT_TRUE(kept("1.5 ETH"));
    for (const std::string& warning : preview->warnings) EXPECT_TRUE(kept("Warning: " + warning));
    const auto record = Engine::to_cloudtrail_json(last_event(), *engine_->vault());
    EXPECT_NE(record.find("\"shown\":["), std::string::npos) << "and is exported";
    ASSERT_TRUE(engine_->sign_typed_data(
        alice_, "w",
        R"({"types":{"Mail":[{"name":"to","type":"string"}]},"primaryType":"Mail","domain":{"name":"D","chainId":1},"message":{"to":"bob"}})"));
    EXPECT_TRUE(kept("\"shown\":[\"Sign typed data Mail for D\"")) << last_event().detail;
    ASSERT_TRUE(engine_->sign_authorization(alice_, "w", "1", "0x3535353535353535353535353535353535353535", 0, false));
    EXPECT_TRUE(kept("Delegate: 0x3535353535353535353535353535353535353535")) << last_event().detail;
    expect_sound_audit();
}

class ShownTest : public SigningTest {
protected:
    void SetUp() override {
        SigningTest::SetUp();
        create("alice", Custody::kEnvelope, "w");
    }
    json::Value shown() {
        const auto detail = json::parse(last_event().detail, "detail");
        EXPECT_TRUE(detail) << why(detail);
        const json::Value* found = detail ? detail->find("shown") : nullptr;
        EXPECT_NE(found, nullptr) << last_event().detail;
        return found != nullptr ? *found : json::Value{};
    }
    static std::vector<std::string> texts(const json::Value& list) {
        std::vector<std::string> out;
        for (const json::Value& item : list.items) out.push_back(item.text);
        return out;
    }
};

TEST_F(ShownTest, AMessageIsKeptAsItWasShown) {
    const std::string message = "Sign in\nWarning: all is well\nhidden\u200B";
    const auto preview = engine_->preview_message(alice_, "w", as_bytes(message));
    ASSERT_TRUE(preview) << why(preview);
    ASSERT_FALSE(preview->warnings.empty());
    const auto signature = engine_->sign_message(alice_, "w", as_bytes(message));
    ASSERT_TRUE(signature) << why(signature);
    std::vector<std::string> expected{preview->sentence};
    for (const PreviewLine& line : preview->lines)
        expected.push_back((line.name.empty() ? "  " : line.name + ": ") + line.value);
    for (const std::string& warning : preview->warnings) expected.push_back("Warning: " + warning);
    expected.push_back("EIP-191 digest: " + to_hex_0x(signature->digest));
    EXPECT_EQ(texts(shown()), expected);
    EXPECT_EQ(std::ranges::count(expected, "Warning: all is well"), 0) << "a line of the message is no warning";
    expect_sound_audit();
}

TEST_F(ShownTest, ALongOneIsCutAndSaysSo) {
    std::string message;
    for (int line = 0; line < 3000; ++line) message += "line " + std::to_string(line) + "\n";
    message += "\u200B";
    const auto signature = engine_->sign_message(alice_, "w", as_bytes(message));
    ASSERT_TRUE(signature) << why(signature);
    EXPECT_LT(last_event().detail.size(), 17'000U);
    const json::Value kept = shown();
    ASSERT_NE(kept.find("kept"), nullptr) << last_event().detail;
    EXPECT_TRUE(kept.find("cut")->boolean);
    const std::vector<std::string> lines = texts(*kept.find("kept"));
    EXPECT_EQ(std::stoul(kept.find("lines")->text), 3001U + 8U);
    const auto cut = std::ranges::find_if(lines, [](const std::string& line) { return line.starts_with("… (cut: "); });
    ASSERT_NE(cut, lines.end());
    EXPECT_TRUE(std::ranges::any_of(cut, lines.end(), [](const auto& line) { return line.starts_with("Warning: "); }));
    EXPECT_EQ(lines.back(), "EIP-191 digest: " + to_hex_0x(signature->digest)) << "digests are always kept";
    const auto missing = std::stoul(cut->substr(cut->find(": ") + 2));
    EXPECT_EQ(missing + lines.size() - 1, 3009U) << "what is kept and what is not are all";
    // The hash is of the array as it would be, whole.
    const auto preview = engine_->preview_message(alice_, "w", as_bytes(message));
    std::string whole = "[";
    const auto add = [&](const std::string& text) {
        if (whole.size() > 1) whole += ',';
        json::append_quoted(whole, text);
    };
    add(preview->sentence);
    for (const PreviewLine& line : preview->lines) add((line.name.empty() ? "  " : line.name + ": ") + line.value);
    for (const std::string& warning : preview->warnings) add("Warning: " + warning);
    for (const PreviewLine& digest : preview->digests) add(digest.name + ": " + digest.value);
    whole += ']';
    EXPECT_EQ(kept.find("keccak256")->text, to_hex_0x(crypto::keccak256(as_bytes(whole))));
    EXPECT_EQ(kept.find("length")->text, std::to_string(whole.size()));
}

TEST_F(ShownTest, ALongLineIsCutBetweenCharacters) {
    std::string message;
    for (int i = 0; i < 10'000; ++i) message += "\u00FC";
    ASSERT_TRUE(engine_->sign_message(alice_, "w", as_bytes("x" + message)));
    const json::Value kept = shown();
    ASSERT_NE(kept.find("kept"), nullptr) << last_event().detail;
    const std::vector<std::string> lines = texts(*kept.find("kept"));
    const auto line = std::ranges::find_if(lines, [](const std::string& text) { return text.starts_with("  x\u00FC"); });
    ASSERT_NE(line, lines.end());
    // Two spaces, the x, 510 characters of two bytes: the next would end at 1,025.
    EXPECT_TRUE(line->ends_with("\u00FC… (cut: 18980 bytes more)")) << line->substr(1000);
}

TEST_F(ShownTest, ABatchKeepsWhatWasSignedAlone) {
    const std::vector<std::string_view> two{"a", "b"};
    ASSERT_TRUE(engine_->sign_messages(alice_, "w", two, [](std::size_t, const auto&) {}));
    EXPECT_EQ(last_event().detail, R"({"message":"b"})") << "nothing was shown";
}

TEST_F(SigningTest, IdleWalletsAreForgotten) {
    create("alice", Custody::kEnvelope, "w");
    ASSERT_TRUE(engine_->sign_message(operator_, "w", as_bytes("m")));
    EXPECT_EQ(vault_->open_wallets().size(), 1U);
    engine_->forget_idle_wallets(std::chrono::hours(1));
    EXPECT_EQ(vault_->open_wallets().size(), 1U);
    engine_->forget_idle_wallets(std::chrono::seconds(0));
    EXPECT_EQ(vault_->open_wallets().size(), 0U);
    EXPECT_TRUE(engine_->sign_message(operator_, "w", as_bytes("m")));
    engine_->lock();
    EXPECT_EQ(vault_->open_wallets().size(), 0U);
    EXPECT_TRUE(engine_->sign_message(operator_, "w", as_bytes("m"))) << "the key file opens the vault again";
}

}  // namespace
}  // namespace keydeck
