// A sealed envelope opens where it belongs, and nowhere else.
#include "engine/custody/envelope.hpp"

#include "engine/ethereum/hd_key.hpp"
#include "tests/custody/fixture.hpp"
#include "tests/custody/forwarding_kms.hpp"

namespace keydeck::custody {
namespace {

class EnvelopeTest : public VaultTest {
protected:
    void SetUp() override {
        VaultTest::SetUp();
        auto kms = vault_->unlocked_kms();
        ASSERT_TRUE(kms) << why(kms);
        kms_ = *kms;
        for (std::string* id : {&pool_key_, &other_pool_key_}) {
            const auto key = kms_->create_key({});
            ASSERT_TRUE(key) << why(key);
            *id = key->key_id;
        }
        secret_.private_key = SecretBytes(32);
        secret_.private_key.data()[31] = 7;
        secret_.entropy = SecretBytes::copy_of("0123456789abcdef");
        secret_.path = ethereum::kDefaultPath;
        place_.vault_id = vault_->record().id;
        place_.wallet_id = 5;
        place_.user_id = 9;
        place_.address = ethereum::address_of(*crypto::public_key_of(secret_.private_key.view()));
        auto sealed = seal_wallet(*kms_, random_, pool_key_, place_, secret_);
        ASSERT_TRUE(sealed) << why(sealed);
        sealed_ = std::move(*sealed);
    }
    Result<WalletSecret> open_at(const EnvelopePlace& place) {
        return open_wallet(*kms_, pool_key_, place, sealed_.sealed, sealed_.wrapped_dek);
    }

    kms::Kms* kms_ = nullptr;
    std::string pool_key_;
    std::string other_pool_key_;
    WalletSecret secret_;
    EnvelopePlace place_;
    SealedWallet sealed_;
};

TEST_F(EnvelopeTest, OpensInItsPlace) {
    const auto opened = open_at(place_);
    ASSERT_TRUE(opened) << why(opened);
    EXPECT_TRUE(equal_in_constant_time(opened->private_key.view(), secret_.private_key.view()));
    EXPECT_TRUE(equal_in_constant_time(opened->entropy.view(), secret_.entropy.view()));
    EXPECT_EQ(opened->path, secret_.path);
}

TEST_F(EnvelopeTest, TwoSealingsHaveNothingInCommon) {
    const auto again = seal_wallet(*kms_, random_, pool_key_, place_, secret_);
    ASSERT_TRUE(again);
    EXPECT_NE(again->sealed, sealed_.sealed);
    EXPECT_NE(again->wrapped_dek, sealed_.wrapped_dek);
}

TEST_F(EnvelopeTest, OpensNowhereElse) {
    EnvelopePlace elsewhere = place_;
    elsewhere.vault_id = "00000000-0000-4000-8000-000000000000";
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, open_at(elsewhere))) << "another vault";
    elsewhere = place_;
    elsewhere.wallet_id = 6;
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, open_at(elsewhere))) << "another wallet";
    elsewhere = place_;
    elsewhere.user_id = 10;
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, open_at(elsewhere))) << "another user";
    elsewhere = place_;
    elsewhere.address.bytes[0] ^= 1;
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, open_at(elsewhere))) << "another address";
    EXPECT_TRUE(
        fails_with(ErrorCode::kCorrupt, open_wallet(*kms_, other_pool_key_, place_, sealed_.sealed, sealed_.wrapped_dek)))
        << "another pool key";
}

/// A KMS that takes no notice of the encryption context.
class CarelessKms final : public ForwardingKms {
public:
    using ForwardingKms::ForwardingKms;
    Result<kms::DecryptResult> decrypt(std::string_view key_id, ByteView ciphertext,
                                       const kms::EncryptionContext&) override {
        return inner_.decrypt(key_id, ciphertext, {});
    }
    Result<kms::DataKey> generate_data_key(std::string_view key_id, int bytes, const kms::EncryptionContext&) override {
        return inner_.generate_data_key(key_id, bytes, {});
    }
};

TEST_F(EnvelopeTest, TheSealedBytesAloneAreBoundToTheirPlaceToo) {
    CarelessKms careless(*kms_);
    const auto sealed = seal_wallet(careless, random_, pool_key_, place_, secret_);
    ASSERT_TRUE(sealed) << why(sealed);
    const auto opens_at = [&](const EnvelopePlace& place) {
        return open_wallet(careless, pool_key_, place, sealed->sealed, sealed->wrapped_dek);
    };
    EXPECT_TRUE(opens_at(place_));
    EnvelopePlace elsewhere = place_;
    elsewhere.vault_id = "00000000-0000-4000-8000-000000000000";
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, opens_at(elsewhere))) << "another vault";
    elsewhere = place_;
    elsewhere.wallet_id = 6;
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, opens_at(elsewhere))) << "another wallet";
    elsewhere = place_;
    elsewhere.user_id = 10;
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, opens_at(elsewhere))) << "another user";
}

TEST_F(EnvelopeTest, AnAlteredByteAnywhereIsCorrupt) {
    for (std::size_t i = 0; i < sealed_.sealed.size(); ++i) {
        Bytes altered = sealed_.sealed;
        altered[i] ^= 0x20;
        EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, open_wallet(*kms_, pool_key_, place_, altered, sealed_.wrapped_dek)))
            << i;
    }
    for (std::size_t i = 0; i < sealed_.wrapped_dek.size(); i += 3) {
        Bytes altered = sealed_.wrapped_dek;
        altered[i] ^= 0x20;
        EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, open_wallet(*kms_, pool_key_, place_, sealed_.sealed, altered))) << i;
    }
}

TEST_F(EnvelopeTest, CutShortOrEmptyIsCorrupt) {
    for (std::size_t size = 0; size < sealed_.sealed.size(); size += 5) {
        const ByteView cut = ByteView(sealed_.sealed).first(size);
        EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, open_wallet(*kms_, pool_key_, place_, cut, sealed_.wrapped_dek)))
            << size;
    }
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, open_wallet(*kms_, pool_key_, place_, sealed_.sealed, {})));
}

TEST_F(EnvelopeTest, AKeyThatGivesAnotherAddressIsCorrupt) {
    // For the place, but with the key of somebody else inside: only the derived address tells, when what was sealed is
    // opened for the first time.
    secret_.private_key.data()[31] = 8;
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, seal_wallet(*kms_, random_, pool_key_, place_, secret_)));
}

TEST_F(EnvelopeTest, HoldsABareKeyToo) {
    WalletSecret bare{secret_.private_key.clone(), {}, {}};
    auto sealed = seal_wallet(*kms_, random_, pool_key_, place_, bare);
    ASSERT_TRUE(sealed);
    const auto opened = open_wallet(*kms_, pool_key_, place_, sealed->sealed, sealed->wrapped_dek);
    ASSERT_TRUE(opened) << why(opened);
    EXPECT_TRUE(opened->entropy.empty());
    EXPECT_TRUE(opened->path.empty());
}

TEST_F(EnvelopeTest, TheErrorNamesTheWalletAndNoSecret) {
    EnvelopePlace elsewhere = place_;
    elsewhere.wallet_id = 6;
    const auto opened = open_at(elsewhere);
    ASSERT_FALSE(opened);
    EXPECT_NE(opened.error().message.find(ethereum::to_checksum(place_.address)), std::string::npos);
    EXPECT_EQ(opened.error().message.find(to_hex(secret_.private_key.view())), std::string::npos);
}

}  // namespace
}  // namespace keydeck::custody
