// A KMS that answers wrongly yields an error, never a signature.
#include <functional>

#include "engine/crypto/hash.hpp"
#include "engine/crypto/secp256k1.hpp"
#include "engine/kms/signature.hpp"
#include "tests/custody/fixture.hpp"
#include "tests/custody/forwarding_kms.hpp"

namespace keydeck {
namespace {

/// Answers Sign with what a test makes of the true answer.
class LyingKms final : public ForwardingKms {
public:
    using ForwardingKms::ForwardingKms;
    Result<kms::SignResult> sign(std::string_view key_id, ByteView message, kms::MessageType type) override {
        auto answer = inner_.sign(key_id, message, type);
        if (answer && lie) lie(*answer, key_id, message);
        return answer;
    }
    Result<kms::PublicKeyResult> get_public_key(std::string_view key_id) override {
        auto answer = inner_.get_public_key(key_id);
        if (answer && wrong_public_key) answer->public_key = *wrong_public_key;
        return answer;
    }
    Result<kms::DecryptResult> decrypt(std::string_view key_id, ByteView ciphertext,
                                       const kms::EncryptionContext& context) override {
        auto answer = inner_.decrypt(key_id, ciphertext, context);
        if (answer && wrong_plaintext) answer->plaintext.data()[0] ^= 1;
        return answer;
    }
    Result<kms::DataKey> generate_data_key(std::string_view key_id, int bytes,
                                           const kms::EncryptionContext& context) override {
        auto answer = inner_.generate_data_key(key_id, bytes, context);
        if (answer && short_data_key) answer->plaintext.truncate(16);
        if (answer && other_ciphertext) answer->ciphertext = inner_.generate_data_key(key_id, bytes, context)->ciphertext;
        return answer;
    }
    kms::Kms& inner() { return inner_; }

    std::function<void(kms::SignResult&, std::string_view key_id, ByteView digest)> lie;
    std::optional<Bytes> wrong_public_key;
    bool wrong_plaintext = false;
    bool short_data_key = false;
    bool other_ciphertext = false;
};

class LyingKmsTest : public VaultTest {
protected:
    void SetUp() override {
        VaultTest::SetUp();
        if (HasFatalFailure()) return;
        open([this](kms::Kms& inner) {
            auto lying = std::make_unique<LyingKms>(inner);
            kms_ = lying.get();
            return lying;
        });
        add_user("alice");
        wallet_ = create("alice", Custody::kKmsKey, "w");
    }
    void expect_no_signature(const char* what) {
        const std::int64_t before = engine_->wallet(operator_, "w")->signatures;
        const auto signature = engine_->sign_message(operator_, "w", as_bytes("hello"));
        EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, signature)) << what;
        EXPECT_EQ(last_event().result, "corrupt") << what;
        EXPECT_EQ(engine_->wallet(operator_, "w")->signatures, before) << what;
        std::size_t handed_out = 0;
        const std::vector<std::string_view> messages{"a", "b"};
        EXPECT_TRUE(
            engine_->sign_messages(operator_, "w", messages, [&](std::size_t, const Result<MessageSignature>& result) {
                if (result) ++handed_out;
            }));
        EXPECT_EQ(handed_out, 0U) << what;
    }

    LyingKms* kms_ = nullptr;  // lives in engine_
    Wallet wallet_;
};

TEST_F(LyingKmsTest, AnotherKeysSignature) {
    const Wallet other = create("alice", Custody::kKmsKey, "other");
    kms_->lie = [&](kms::SignResult& answer, std::string_view, ByteView digest) {
        answer.signature = kms_->inner().sign(other.key_id, digest, kms::MessageType::kDigest)->signature;
    };
    expect_no_signature("another key's signature");
}

TEST_F(LyingKmsTest, TheDigestHashedAgain) {
    kms_->lie = [&](kms::SignResult& answer, std::string_view key_id, ByteView digest) {
        answer.signature = kms_->inner().sign(key_id, digest, kms::MessageType::kRaw)->signature;
    };
    expect_no_signature("SHA-256 of the digest was signed");
}

TEST_F(LyingKmsTest, ASignatureOfSomethingElse) {
    kms_->lie = [&](kms::SignResult& answer, std::string_view key_id, ByteView) {
        answer.signature =
            kms_->inner().sign(key_id, crypto::keccak256(as_bytes("another")), kms::MessageType::kDigest)->signature;
    };
    expect_no_signature("another digest");
}

TEST_F(LyingKmsTest, GarbageInsteadOfDer) {
    const std::vector<Bytes> garbage{{},
                                     {0x30},
                                     {0x30, 0x00},
                                     Bytes(64, 0x11),
                                     Bytes(70, 0x30),
                                     {0x30, 0x06, 0x02, 0x01, 0x00, 0x02, 0x01, 0x01},   // r = 0
                                     {0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x00},   // s = 0
                                     {0x30, 0x06, 0x02, 0x01, 0x81, 0x02, 0x01, 0x01},   // r negative
                                     {0x30, 0x06, 0x02, 0x01, 0x01, 0x02, 0x01, 0x01}};  // fine DER, nobody's signature
    for (const Bytes& der : garbage) {
        kms_->lie = [&](kms::SignResult& answer, std::string_view, ByteView) { answer.signature = der; };
        expect_no_signature(to_hex(der).c_str());
    }
    kms_->lie = [](kms::SignResult& answer, std::string_view, ByteView) { answer.signature.push_back(0x00); };
    expect_no_signature("bytes left over");
    kms_->lie = [](kms::SignResult& answer, std::string_view, ByteView) { answer.signature.pop_back(); };
    expect_no_signature("cut short");
    kms_->lie = [](kms::SignResult& answer, std::string_view, ByteView) {
        auto signature = *kms::parse_der_signature(answer.signature);
        signature.r[31] ^= 1;
        answer.signature = kms::to_der_signature(signature);
    };
    expect_no_signature("one bit of r");
}

TEST_F(LyingKmsTest, HighAndLowSBothComeOutLow) {
    const auto sign = [&](bool high) {
        kms_->lie = [high](kms::SignResult& answer, std::string_view, ByteView) {
            crypto::Signature signature = crypto::with_low_s(*kms::parse_der_signature(answer.signature));
            if (high) {
                // n - s, byte by byte. n: https://www.secg.org/sec2-v2.pdf, section 2.4.1
                const Bytes n = *from_hex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141", "n");
                int borrow = 0;
                for (int i = 31; i >= 0; --i) {
                    const auto at = static_cast<std::size_t>(i);
                    int digit = n[at] - signature.s[at] - borrow;
                    borrow = digit < 0 ? 1 : 0;
                    if (digit < 0) digit += 256;
                    signature.s[at] = static_cast<std::uint8_t>(digit);
                }
            }
            answer.signature = kms::to_der_signature(signature);
        };
        return engine_->sign_message(operator_, "w", as_bytes("hello"));
    };
    for (const bool high : {false, true}) {
        for (int i = 0; i < 20; ++i) {
            const auto signature = sign(high);
            ASSERT_TRUE(signature) << why(signature);
            crypto::Signature parts;
            std::copy_n(signature->signature.begin() + 32, 32, parts.s.begin());
            EXPECT_FALSE(crypto::has_high_s(parts));
            EXPECT_TRUE(Engine::verify_message(as_bytes("hello"), to_hex_0x(signature->signature), wallet_.address)->valid);
        }
    }
}

TEST_F(LyingKmsTest, APublicKeyThatIsNoneMakesNoWallet) {
    kms_->wrong_public_key = Bytes(88, 0x30);
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, engine_->create_wallets(operator_, for_user("alice", Custody::kKmsKey))));
    EXPECT_EQ(engine_->list_wallets(operator_, {})->size(), 1U);
}

TEST_F(LyingKmsTest, APublicKeyOfAnotherMakesNoWallet) {
    const auto stranger = crypto::public_key_of(crypto::keccak256(as_bytes("stranger")));
    for (const Bytes& wrong :
         {kms_->inner().get_public_key(wallet_.key_id)->public_key, kms::to_public_key_info(*stranger)}) {
        kms_->wrong_public_key = wrong;
        EXPECT_TRUE(
            fails_with(ErrorCode::kCorrupt, engine_->create_wallets(operator_, for_user("alice", Custody::kKmsKey))));
    }
    EXPECT_EQ(engine_->list_wallets(operator_, {})->size(), 1U) << "nobody is told an address that cannot sign";
}

TEST_F(LyingKmsTest, ADataKeyThatDoesNotOpenMakesNoWallet) {
    kms_->other_ciphertext = true;
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, engine_->create_wallets(operator_, for_user("alice"))));
    EXPECT_EQ(engine_->list_wallets(operator_, {})->size(), 1U);
}

TEST_F(LyingKmsTest, AWrongDataKeyOpensNothing) {
    create("alice", Custody::kEnvelope, "e");
    kms_->wrong_plaintext = true;
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, engine_->sign_message(operator_, "e", as_bytes("m"))));
    kms_->wrong_plaintext = false;
    EXPECT_TRUE(engine_->sign_message(operator_, "e", as_bytes("m")));
}

TEST_F(LyingKmsTest, AShortDataKeySealsNothing) {
    kms_->short_data_key = true;
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, engine_->create_wallets(operator_, for_user("alice"))));
    EXPECT_EQ(engine_->list_wallets(operator_, {})->size(), 1U);
}

}  // namespace
}  // namespace keydeck
