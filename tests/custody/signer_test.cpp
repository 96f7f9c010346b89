// The last gate before a signature leaves, and which opened wallets stay open.
#include "engine/custody/signer.hpp"

#include <functional>

#include "engine/crypto/hash.hpp"
#include "engine/custody/open_wallets.hpp"
#include "tests/custody/fixture.hpp"

namespace keydeck::custody {
namespace {

SecretBytes private_key(std::uint8_t last) {
    SecretBytes key(crypto::kPrivateKeySize);
    key.data()[crypto::kPrivateKeySize - 1] = last;
    return key;
}

OpenedWallet opened(std::int64_t id, std::uint8_t key) {
    OpenedWallet wallet;
    wallet.wallet_id = id;
    wallet.private_key = private_key(key);
    wallet.public_key = *crypto::public_key_of(wallet.private_key.view());
    wallet.address = ethereum::address_of(wallet.public_key);
    wallet.key_id = "k";
    return wallet;
}

using SignerTest = VaultTest;

TEST_F(SignerTest, AKeyThatIsNotTheAddresssSignsNothing) {
    const Hash32 digest = crypto::keccak256(as_bytes("pay"));
    OpenedWallet wallet = opened(1, 7);
    EXPECT_TRUE(sign_digest(vault_->kms(), wallet, digest));
    wallet.private_key = private_key(8);  // a good signature, of somebody else
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, sign_digest(vault_->kms(), wallet, digest)));
}

TEST_F(SignerTest, APublicKeyThatIsNotTheAddresssSignsNothing) {
    auto kms = vault_->unlocked_kms();
    ASSERT_TRUE(kms) << why(kms);
    add_user("alice");
    const Wallet row = create("alice", Custody::kKmsKey);
    OpenedWallet wallet;
    wallet.key_id = row.key_id;
    wallet.public_key = *crypto::parse_public_key(row.public_key);
    wallet.address.bytes = row.address;
    const Hash32 digest = crypto::keccak256(as_bytes("pay"));
    EXPECT_TRUE(sign_digest(**kms, wallet, digest));
    wallet.address = opened(1, 7).address;  // the key and its public key agree, the address is another's
    EXPECT_TRUE(fails_with(ErrorCode::kCorrupt, sign_digest(**kms, wallet, digest)));
}

TEST(OpenWalletsTest, WhatWasBeingOpenedWhenAllWereForgottenIsNotKept) {
    const OpenWallets::Instant now{};
    OpenWallets wallets;
    const std::uint64_t before = wallets.generation();
    ASSERT_TRUE(wallets.keep(opened(1, 7), now, before));
    EXPECT_EQ(wallets.size(), 1U);
    wallets.forget_unused_since(now);
    EXPECT_EQ(wallets.generation(), before) << "idleness is no order to forget";
    using Forget = std::function<void()>;
    for (const Forget& forget : {Forget([&] { wallets.forget_all(); }), Forget([&] { wallets.forget_key("k"); }),
                                 Forget([&] { wallets.forget(1); })}) {
        const std::uint64_t generation = wallets.generation();
        forget();
        const auto late = wallets.keep(opened(1, 7), now, generation);
        ASSERT_TRUE(late) << "who opened it may finish";
        EXPECT_EQ(wallets.size(), 0U);
        EXPECT_FALSE(wallets.find(1, "k", now));
    }
    EXPECT_TRUE(wallets.keep(opened(1, 7), now, wallets.generation()));
    EXPECT_EQ(wallets.size(), 1U);
}

}  // namespace
}  // namespace keydeck::custody
