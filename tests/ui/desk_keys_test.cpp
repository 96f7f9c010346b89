// The life of a key from the screens: rotate, move, retire, and the countdown of one that ends.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "harness.hpp"

namespace keydeck::ui {
namespace {

// alice and bob have a wallet each under the first of two pool keys; charlie has a signing key of his own.
struct World : Harness {
    explicit World(HarnessOptions options = {}) : Harness(std::move(options)) {
        Engine& other = engine_of_another_process();
        for (const char* name : {"alice", "bob", "charlie"}) EXPECT_TRUE(other.add_user(operator_session(), name));
        first = import_known(other, "alice", 1, "main");
        second = import_known(other, "bob", 2);
        EXPECT_TRUE(other.add_pool_keys(operator_session(), 1));
        touch();
        press("4");
        go_to(first.key_id);
    }
    void go_to(const std::string& key_id) {
        Place place;
        place.screen = ScreenId::kKeys;
        place.select = key_id;
        press("g");
        for (int i = 0; i < 10 && desk().view(ScreenId::kKeys).place().select != key_id; ++i) press("j");
        EXPECT_EQ(desk().view(ScreenId::kKeys).place().select, key_id);
    }
    Wallet signing_key_wallet() {
        CreateWallets request;
        request.user = "charlie";
        request.custody = Custody::kKmsKey;
        const auto made = engine_of_another_process().create_wallets(operator_session(), request);
        EXPECT_TRUE(made) << made.error().message;
        touch();
        return made->front();
    }
    KeyInfo key_info(const std::string& id) { return *engine().key(operator_session(), id); }
    std::string key_of(const Wallet& wallet) {
        return engine().wallet(operator_session(), checksum_address(wallet.address))->key_id;
    }
    std::string other_key() {
        const auto pool = engine().pool_status(operator_session());
        for (const KeyInfo& key : pool->keys) {
            if (key.id != first.key_id) return key.id;
        }
        return "";
    }
    Wallet first;
    Wallet second;
};

TEST(DeskKeys, RotatesOnDemandAfterAPreview) {
    World world;
    world.press("R");
    EXPECT_TRUE(world.shows("Rotate key keydeck-pool-1")) << world.screen();
    world.press("<Enter><Enter>");
    EXPECT_TRUE(world.shows("Rotate key keydeck-pool-1 now")) << world.screen();
    world.press("C");
    EXPECT_EQ(world.key_info(world.first.key_id).versions, 1) << "too early";
    world.wait();
    world.press("<Enter>");
    EXPECT_EQ(world.key_info(world.first.key_id).versions, 1) << "Enter is Cancel";
    world.press("R<Enter><Enter>");
    world.wait();
    world.press("C");
    EXPECT_EQ(world.key_info(world.first.key_id).versions, 2) << world.screen();
    EXPECT_TRUE(world.shows("its version is 2")) << world.screen();
}

// Over AWS a reading takes seconds: begun anew at each look, it would never end.
TEST(DeskKeys, ComingBackWhileTheKeysAreReadWaitsForThatReading) {
    Harness world;
    ASSERT_TRUE(world.engine_of_another_process().add_user(world.operator_session(), "alice"));
    const Wallet wallet = import_known(world.engine_of_another_process(), "alice", 1);
    world.hold = true;
    world.press("4324234");
    EXPECT_EQ(std::ranges::count(world.held, "read the keys", &Task::what), 1);
    EXPECT_TRUE(world.cancelled.empty());
    world.run_held();
    EXPECT_TRUE(world.shows("keydeck-pool-1")) << world.screen();
}

TEST(DeskKeys, RotatesByItselfWithinTheKmssBounds) {
    World world;
    for (const char* days : {"89", "2561", "", "x", "-90"}) {
        world.press(fmt::format("R<Right><Tab><C-u>{}", days));
        EXPECT_TRUE(world.shows("from 90 to 2560 days")) << days << world.screen();
        world.press("<Enter><Enter>");
        world.wait();
        world.press("C<Esc><Esc>");
        EXPECT_EQ(world.key_info(world.first.key_id).rotation_period_days, 0) << days;
    }
    world.press("R<Right><Tab><C-u>90<Enter><Enter>");
    world.wait();
    EXPECT_TRUE(world.shows("by itself every 90 days")) << world.screen();
    world.press("C");
    EXPECT_EQ(world.key_info(world.first.key_id).rotation_period_days, 90) << world.screen();
    world.press("R<Right><Right><Enter><Enter>");
    world.wait();
    EXPECT_TRUE(world.shows("rotates by itself no more")) << world.screen();
    world.press("C");
    EXPECT_EQ(world.key_info(world.first.key_id).rotation_period_days, 0) << world.screen();
}

TEST(DeskKeys, WhatCannotBeDoneToASigningKeySaysWhy) {
    World world;
    const Wallet wallet = world.signing_key_wallet();
    world.go_to(wallet.key_id);
    EXPECT_TRUE(world.shows("n/a (ECC)")) << world.screen();
    for (const auto& [key, reason] :
         {std::pair{"R", "rotates symmetric keys only"}, std::pair{"m", "a signing key never leaves the KMS"},
          std::pair{"t", "only a key of the pool is retired"}}) {
        world.press(key);
        EXPECT_TRUE(world.shows(reason)) << key << world.screen();
        EXPECT_EQ(world.desk().top_dialog(), nullptr) << key;
    }
    world.press("X");
    world.wait();
    EXPECT_FALSE(world.shows("move first")) << world.screen();
    world.press("m");
    EXPECT_TRUE(world.shows("Schedule deletion of key")) << "m is no key of this one";
}

TEST(DeskKeys, MovesEverythingToTheKeyThatWasChosen) {
    World world;
    world.press("m");
    EXPECT_TRUE(world.shows("Move keydeck-pool-1 to another key")) << world.screen();
    world.press("<Right>");
    EXPECT_TRUE(world.shows("keydeck-pool-2")) << world.screen();
    world.press("<Enter><Enter><Enter>");
    EXPECT_TRUE(world.shows("Move 2 wallets of keydeck-pool-1 to keydeck-pool-2")) << world.screen();
    EXPECT_TRUE(world.shows("proof does its old copy go")) << world.screen();
    world.press("M");
    EXPECT_EQ(world.key_of(world.first), world.first.key_id) << "too early";
    world.wait();
    world.press("M");
    EXPECT_TRUE(world.shows("[6 Jobs]")) << world.screen();
    EXPECT_EQ(world.key_of(world.first), world.other_key()) << world.screen();
    EXPECT_EQ(world.key_of(world.second), world.other_key());
    EXPECT_TRUE(world.shows("✓ done")) << world.screen();
    world.press("4");
    world.go_to(world.first.key_id);
    world.press("m");
    EXPECT_TRUE(world.shows("nothing stands under it")) << world.screen();
}

TEST(DeskKeys, MovesToKeysDrawnFromThePoolWithFreshDataKeys) {
    World world;
    world.press("m<Enter><Right><Enter><Enter>");
    EXPECT_TRUE(world.shows("to keys drawn from 1 enabled key in the")) << world.screen();
    EXPECT_TRUE(world.shows("sealed with a fresh data key"));
    world.wait();
    world.press("M");
    EXPECT_EQ(world.key_of(world.first), world.other_key()) << world.screen();
    EXPECT_TRUE(world.engine().sign_message(world.operator_session(), kFirstAddress, as_bytes("still there")));
}

TEST(DeskKeys, MovingNeedsSomewhereToGo) {
    World world;
    ASSERT_TRUE(world.engine_of_another_process().disable_key(world.operator_session(), world.other_key()));
    world.press("m");
    EXPECT_TRUE(world.shows("There is no other enabled key in the pool")) << world.screen();
    world.press("<Enter><Enter><Enter>");
    world.wait();
    world.press("M<Esc>");
    EXPECT_EQ(world.key_of(world.first), world.first.key_id);
}

TEST(DeskKeys, OneWalletMovesFromItsScreen) {
    World world;
    world.press("3");
    EXPECT_TRUE(world.shows("[3 Wallets]"));
    world.press("m<Right><Enter><Enter><Enter>");
    EXPECT_TRUE(world.shows("Move wallet 0x7E5F45…395Bdf to keydeck-pool-2")) << world.screen();
    world.wait();
    world.press("M");
    EXPECT_EQ(world.key_of(world.first), world.other_key()) << world.screen();
    EXPECT_EQ(world.key_of(world.second), world.second.key_id) << "the other one stays";
}

TEST(DeskKeys, RetiresAndSaysWhatComesNext) {
    World world;
    world.press("t");
    EXPECT_TRUE(world.shows("Retire key keydeck-pool-1: 2 wallets leave it")) << world.screen();
    world.press("C");
    EXPECT_EQ(world.key_info(world.first.key_id).state, "Enabled") << "too early";
    world.wait();
    world.press("<PgDn>C");
    EXPECT_EQ(world.key_info(world.first.key_id).state, "Disabled") << world.screen();
    EXPECT_EQ(world.key_info(world.first.key_id).wallets, 0);
    EXPECT_EQ(world.key_of(world.first), world.other_key());
    EXPECT_TRUE(world.shows("X schedules its deletion") || world.shows("is retired")) << world.screen();
}

TEST(DeskKeys, TheLastEnabledKeyIsNotRetired) {
    World world;
    ASSERT_TRUE(world.engine_of_another_process().disable_key(world.operator_session(), world.other_key()));
    world.touch();
    world.press("t");
    world.wait();
    world.press("<PgDn>C");
    EXPECT_TRUE(world.shows("The key was not retired")) << world.screen();
    EXPECT_EQ(world.key_info(world.first.key_id).state, "Enabled");
    EXPECT_EQ(world.key_of(world.first), world.first.key_id);
}

TEST(DeskKeys, TheDeletionDialogOffersToMoveFirst) {
    World world;
    world.press("X");
    world.wait();
    EXPECT_TRUE(world.shows("m move first")) << world.screen();
    world.press("m");
    EXPECT_TRUE(world.shows("Move keydeck-pool-1 to another key")) << world.screen();
    EXPECT_EQ(world.key_info(world.first.key_id).state, "Enabled");
}

TEST(DeskKeys, TheCountdownShowsWhereverTheKeyDoes) {
    World world;
    ASSERT_TRUE(world.engine_of_another_process().schedule_key_deletion(world.operator_session(), world.first.key_id, 7, 2));
    world.touch();
    EXPECT_TRUE(world.shows("in 6 d 23 h") || world.shows("in 7 d 0 h")) << world.screen();
    world.press("3");
    EXPECT_TRUE(world.shows("▲ at risk")) << world.screen();
    EXPECT_TRUE(world.shows("is deleted in 6 d 23 h") || world.shows("is deleted in 7 d 0 h")) << world.screen();
    world.press("m");
    EXPECT_TRUE(world.shows("pending deletion and cannot open it")) << world.screen();
    world.press("<Enter>");
    EXPECT_TRUE(world.shows("at risk: its key is deleted in")) << world.screen();
    world.press("<Esc>2");
    world.resize({36, 120});
    EXPECT_TRUE(world.shows("▲ key deleted in")) << world.screen();
}

TEST(DeskKeys, AKeyPairWalletIsMadeWithoutWords) {
    World world;
    world.press("3n");
    world.press("alice<Tab><Right><Right>");
    EXPECT_TRUE(world.shows("(●) key-pair")) << world.screen();
    EXPECT_TRUE(world.shows("no words; a shared pool key")) << world.screen();
    EXPECT_FALSE(world.shows("(●) 12")) << "it has no words to count";
    world.press("<Tab>pair<Enter><Enter>");
    world.wait();
    EXPECT_TRUE(world.shows("There are no words")) << world.screen();
    world.press("C");
    const auto made = world.engine().wallet(world.operator_session(), "pair");
    ASSERT_TRUE(made) << made.error().message << world.screen();
    EXPECT_EQ(made->custody, Custody::kKeyPair);
}

TEST(DeskKeys, ReadOnlyLooksOnly) {
    HarnessOptions options;
    options.read_only = true;
    World world(options);
    for (const char* key : {"R", "m", "t", "X"}) {
        world.press(key);
        EXPECT_TRUE(world.shows("read-only (RO)")) << key << world.screen();
        EXPECT_EQ(world.desk().top_dialog(), nullptr);
        world.wait(Desk::kToast);
    }
}

}  // namespace
}  // namespace keydeck::ui
