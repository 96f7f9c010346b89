// Making users and wallets, naming and locking, by keys alone.
#include <gtest/gtest.h>

#include "harness.hpp"

namespace keydeck::ui {
namespace {

TEST(DeskUsers, AVaultWithoutUsersSaysWhatToDo) {
    Harness world;
    EXPECT_TRUE(world.shows("There are no users yet."));
    EXPECT_TRUE(world.shows("u makes the first one."));
}

TEST(DeskUsers, CreatesAUser) {
    Harness world;
    world.press("udave<Enter><Enter>");
    EXPECT_TRUE(world.shows("User dave was created")) << world.screen();
    EXPECT_TRUE(world.engine().user(world.operator_session(), "dave"));
    EXPECT_EQ(world.desk().top_dialog(), nullptr);
    EXPECT_TRUE(world.shows("> dave"));
}

TEST(DeskUsers, ANameThatIsTakenIsSaidInTheDialog) {
    Harness world;
    world.press("udave<Enter><Enter>");
    world.press("udave<Enter><Enter>");
    EXPECT_NE(world.desk().top_dialog(), nullptr);
    EXPECT_TRUE(world.shows("[dave")) << "what was typed stays";
    EXPECT_TRUE(world.shows("dave")) << world.screen();
    world.press("<Esc>");
    EXPECT_EQ(world.desk().top_dialog(), nullptr);
}

TEST(DeskUsers, ChecksANameWhileItIsTyped) {
    Harness world;
    world.press("u<Enter><Enter>");
    EXPECT_TRUE(world.shows("▲ a name of 1 to 64 characters"));
    world.press("a");
    EXPECT_FALSE(world.shows("▲ a name"));
    world.paste("\u202E");
    EXPECT_TRUE(world.shows("1 hidden character in it")) << world.screen();
    world.press("<BS>");
    world.paste(std::string(64, 'x'));
    EXPECT_TRUE(world.shows("65 characters: 64 at most"));
}

TEST(DeskUsers, CreatesAnEnvelopeWalletAfterAPreview) {
    Harness world;
    world.press("ualice<Enter><Enter>");
    world.press("w");
    EXPECT_TRUE(world.shows("[alice")) << "for the user under the cursor";
    world.press("<Tab><Tab><Right><Right><Right><Right><Tab>savings<Enter><Enter>");
    EXPECT_TRUE(world.shows("One new wallet for alice")) << world.screen();
    EXPECT_TRUE(world.shows("24 words"));
    EXPECT_TRUE(world.shows("Create (C)"));
    const std::int64_t before = world.events();
    world.press("C");
    EXPECT_EQ(world.events(), before) << "too early";
    world.wait();
    world.press("c");
    EXPECT_EQ(world.events(), before) << "a capital letter";
    world.press("C");
    EXPECT_TRUE(world.shows("was created for alice")) << world.screen();
    EXPECT_TRUE(world.shows("Users › alice › Wallets"));
    const auto wallet = world.engine().wallet(world.operator_session(), "savings");
    ASSERT_TRUE(wallet);
    EXPECT_EQ(wallet->custody, Custody::kEnvelope);
    EXPECT_TRUE(wallet->has_mnemonic);
}

TEST(DeskUsers, CreatesAKmsKeyWallet) {
    Harness world;
    world.press("ualice<Enter><Enter>");
    world.press("3n");
    world.press("alice<Tab><Right>");
    EXPECT_FALSE(world.shows("Words")) << "a key in the KMS has none";
    world.press("<Tab>vault<Enter><Enter>");
    world.wait();
    world.press("C");
    const auto wallet = world.engine().wallet(world.operator_session(), "vault");
    ASSERT_TRUE(wallet) << world.screen();
    EXPECT_EQ(wallet->custody, Custody::kKmsKey);
}

TEST(DeskUsers, AWalletForNobodyIsRefusedWhereItWasTyped) {
    Harness world;
    world.press("3nnobody<Enter><Enter><Enter><Enter><Enter>");
    EXPECT_TRUE(world.shows("[nobody")) << "the form, before any preview" << world.screen();
    EXPECT_TRUE(world.shows("There is no user"));
    EXPECT_TRUE(world.shows(": user add nobody makes one"));
    world.press("<Esc>");
    ASSERT_TRUE(world.engine_of_another_process().add_user(world.operator_session(), "nobody"));
    world.press("nnobody<Enter><Enter><Enter><Enter><Enter>");
    EXPECT_TRUE(world.shows("One new wallet for nobody")) << world.screen();
}

TEST(DeskUsers, GoesBackFromThePreviewWithTheFormAsItWas) {
    Harness world;
    world.press("ualice<Enter><Enter>");
    world.press("w<Tab><Tab><Tab>savings<Enter><Enter>");
    world.wait();
    world.press("b");
    EXPECT_TRUE(world.shows("[savings"));
}

TEST(DeskUsers, LocksAUserAndTakesItBack) {
    Harness world;
    world.press("ualice<Enter><Enter>");
    world.press("L");
    EXPECT_TRUE(world.shows("Lock user alice?"));
    EXPECT_TRUE(world.shows("[ Cancel ]"));
    world.wait();
    world.press("y");
    EXPECT_TRUE(world.engine().user(world.operator_session(), "alice")->locked);
    EXPECT_TRUE(world.shows("User alice is locked · z undoes it")) << world.screen();
    EXPECT_TRUE(world.shows("locked"));
    world.press("z<Enter>");
    EXPECT_TRUE(world.shows("Unlock user alice again?"));
    EXPECT_TRUE(world.engine().user(world.operator_session(), "alice")->locked) << "z alone writes nothing";
    world.wait();
    world.press("y");
    EXPECT_FALSE(world.engine().user(world.operator_session(), "alice")->locked);
}

TEST(DeskUsers, UndoIsOfferedForAMinute) {
    Harness world;
    world.press("ualice<Enter><Enter>");
    world.press("L");
    world.wait();
    world.press("y");
    world.wait(UndoList::kFor);
    world.press("z<Enter>");
    world.wait();
    world.press("y");
    EXPECT_TRUE(world.engine().user(world.operator_session(), "alice")->locked);
    EXPECT_TRUE(world.shows("done more than a minute ago")) << world.screen();
}

TEST(DeskUsers, RenamesALabelAndTakesItBack) {
    Harness world;
    ASSERT_TRUE(world.engine_of_another_process().add_user(world.operator_session(), "alice"));
    import_known(world.engine_of_another_process(), "alice", 1, "main");
    world.touch();
    world.press("3r<C-u>spare<Enter><Enter>");
    EXPECT_TRUE(world.engine().wallet(world.operator_session(), "spare")) << world.screen();
    world.press("z<Enter>");
    EXPECT_TRUE(world.shows("its label main back?"));
    world.wait();
    world.press("y");
    EXPECT_TRUE(world.engine().wallet(world.operator_session(), "main"));
}

TEST(DeskUsers, ANameWithHiddenCharactersNeverReachesTheScreenRaw) {
    Harness world;
    ASSERT_TRUE(world.engine_of_another_process().add_user(world.operator_session(), "中文 user"));
    const auto odd = world.engine_of_another_process().add_user(world.operator_session(), "ev\u202Eil");
    world.touch();
    EXPECT_EQ(world.screen().find("\u202E"), std::string::npos);
    EXPECT_TRUE(!odd || world.shows("ev⟨U+202E⟩il"));
    EXPECT_TRUE(world.shows("中文 user"));
}

TEST(DeskUsers, FiltersWhileTyping) {
    Harness world;
    for (const char* name : {"alice", "alina", "bob"})
        ASSERT_TRUE(world.engine_of_another_process().add_user(world.operator_session(), name));
    world.touch();
    world.press("/al");
    EXPECT_TRUE(world.shows("/ filter: al"));
    EXPECT_TRUE(world.shows("alina"));
    EXPECT_FALSE(world.shows("bob"));
    world.press("x");
    EXPECT_TRUE(world.shows("No users match \"alx\".")) << world.screen();
    world.press("<BS><Enter>");
    world.press("j");
    EXPECT_TRUE(world.shows("> alina")) << "keys work again";
    world.press("<Esc>");
    EXPECT_TRUE(world.shows("bob"));
    EXPECT_TRUE(world.shows("> alina")) << "the cursor stays on its row";
}

TEST(DeskUsers, AUsersSessionSeesItselfAlone) {
    HarnessOptions options;
    options.session = Session::of_user("alice", "tui");
    Harness world(options);
    for (const char* name : {"alice", "bob"})
        ASSERT_TRUE(world.engine_of_another_process().add_user(world.operator_session(), name));
    import_known(world.engine_of_another_process(), "alice", 1, "mine");
    import_known(world.engine_of_another_process(), "bob", 2, "his");
    world.touch();
    EXPECT_TRUE(world.shows("as alice"));
    EXPECT_TRUE(world.shows("> alice"));
    EXPECT_FALSE(world.shows("bob"));
    world.press("3");
    EXPECT_TRUE(world.shows("mine"));
    EXPECT_FALSE(world.shows("his"));
    world.press("2u");
    EXPECT_TRUE(world.shows("only the operator"));
    world.press("4");
    EXPECT_TRUE(world.shows("You may not see the keys.")) << world.screen();
}

}  // namespace
}  // namespace keydeck::ui
