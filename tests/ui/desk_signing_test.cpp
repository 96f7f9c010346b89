// Signing by keys alone: what is signed is what was shown.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <set>

#include "engine/contacts.hpp"
#include "harness.hpp"
#include "tests/support/temporary_directory.hpp"
#include "ui/format.hpp"

namespace keydeck::ui {
namespace {

struct World : Harness {
    explicit World(HarnessOptions options = {}) : Harness(std::move(options)) {
        if (engine().needs_unlock()) {
            EXPECT_TRUE(engine_of_another_process().unlock(SecretBytes::copy_of("open sesame")));
        }
        EXPECT_TRUE(engine_of_another_process().add_user(operator_session(), "alice"));
        import_known(engine_of_another_process(), "alice", 1, "main");
        touch();
        press("3");
    }
    // Compose stage to preview.
    void preview_message(std::string_view text) {
        press("sm");
        paste(text);
        press("<Tab><Tab><Enter>");
    }
    void preview_transaction(std::string_view json) {
        press("st<Tab>");
        paste(json);
        press("<Tab><Enter>");
    }
};

std::string transaction_json(std::string_view to, std::string_view more = "") {
    return fmt::format(R"({{"chainId": 1, "nonce": 7, "to": "{}", "value": "1000000000000000", "gas": 21000,
 "maxFeePerGas": "30000000000", "maxPriorityFeePerGas": "1000000000"{}}})",
                       to, more);
}

constexpr std::string_view kStranger = "0x5F63260EecF7F5E184046A03C89B3edd147Cb820";

TEST(DeskSigning, SignsAMessageByteForByte) {
    World world;
    const std::string text = "Sign in to demo.example\nNonce: 7f3a91\n";
    world.preview_message(text);
    EXPECT_TRUE(world.shows("Sign message (EIP-191)")) << world.screen();
    EXPECT_TRUE(world.shows(kFirstAddress)) << "all 40 digits";
    EXPECT_TRUE(world.shows("Nonce: 7f3a91"));
    EXPECT_TRUE(world.shows("[ Cancel ]"));
    world.wait();
    world.press("S");
    EXPECT_TRUE(world.shows("Signed by alice")) << world.screen();
    world.press("y");
    ASSERT_EQ(world.copied.size(), 1U);
    const auto address = parse_address_text(kFirstAddress);
    const auto verified = Engine::verify_message(as_bytes(text), world.copied[0].value, *address);
    ASSERT_TRUE(verified);
    EXPECT_TRUE(verified->valid);
}

TEST(DeskSigning, TextAndHexAreDifferentAndChosen) {
    World world;
    world.preview_message("deadbeef");
    EXPECT_TRUE(world.shows("Read as text")) << world.screen();
    world.wait();
    world.press("y");
    world.press("t");
    EXPECT_TRUE(world.shows("Read as hex bytes")) << world.screen();
    world.wait();
    world.press("y");
    ASSERT_EQ(world.copied.size(), 2U);
    EXPECT_NE(world.copied[0].value, world.copied[1].value) << "two readings, two digests";
    const auto as_text = world.engine().preview_message(world.operator_session(), kFirstAddress, as_bytes("deadbeef"));
    const Bytes bytes{0xde, 0xad, 0xbe, 0xef};
    const auto as_hex = world.engine().preview_message(world.operator_session(), kFirstAddress, bytes);
    EXPECT_EQ(world.copied[0].value, hex_of(as_text->digest));
    EXPECT_EQ(world.copied[1].value, hex_of(as_hex->digest));
}

TEST(DeskSigning, HexThatIsNoneIsSaidWhileTyping) {
    World world;
    world.press("sm");
    world.paste("0xabc");
    world.press("<Tab><Right>");
    EXPECT_TRUE(world.shows("3 digits: a byte needs two")) << world.screen();
    world.press("<Tab><Enter>");
    EXPECT_TRUE(world.shows("Preview")) << "not past the form";
    EXPECT_EQ(world.desk().top_dialog()->level(), Level::kLook);
    world.press("<Esc>");
    world.preview_message("hello");
    world.wait();
    world.press("t");
    EXPECT_TRUE(world.shows("as hex:")) << "text that cannot be hex stays text";
}

TEST(DeskSigning, HiddenCharactersAreShownAndCounted) {
    World world;
    world.preview_message("pay \u202Eeciла\u200B");
    const std::string screen = world.screen();
    EXPECT_EQ(screen.find("\u202E"), std::string::npos);
    EXPECT_NE(screen.find("⟨U+202E⟩"), std::string::npos) << screen;
    EXPECT_NE(screen.find("2 hidden characters"), std::string::npos) << screen;
}

TEST(DeskSigning, CancelSignsNothing) {
    World world;
    const std::int64_t before = world.events();
    for (const char* way : {"<Esc>", "n", "<Enter>"}) {
        world.preview_message("hello");
        world.wait();
        world.press(way);
        EXPECT_EQ(world.desk().top_dialog(), nullptr) << way;
    }
    world.preview_message("hello");
    world.wait();
    world.press("s<Space>yY<Tab>");
    EXPECT_EQ(world.events(), before);
}

TEST(DeskSigning, GoesBackToTheTextAndKeepsIt) {
    World world;
    world.preview_message("hello");
    world.wait();
    world.press("b");
    EXPECT_TRUE(world.shows("hello"));
    EXPECT_TRUE(world.shows("Preview"));
}

TEST(DeskSigning, ALongMessageIsReadToItsEndFirst) {
    World world;
    std::string text;
    for (int i = 0; i < 60; ++i) text += fmt::format("line {}\n", i);
    const std::int64_t before = world.events();
    world.preview_message(text);
    world.wait();
    EXPECT_TRUE(world.shows("more rows below"));
    EXPECT_TRUE(world.shows("off: read to the end first"));
    world.press("S");
    EXPECT_TRUE(world.shows("S: read to the end first"));
    EXPECT_EQ(world.events(), before);
    std::set<int> shown;
    const auto look = [&] {
        for (int i = 0; i < 60; ++i) {
            if (world.shows(fmt::format("line {}⟨", i)) || world.shows(fmt::format("line {} ", i))) shown.insert(i);
        }
    };
    for (int page = 0; page < 20 && !world.shows("Sign (S)"); ++page) {
        look();
        world.press(page % 2 == 0 ? "G" : "<End>");  // a jump does not leave out what nobody has seen
    }
    look();
    EXPECT_EQ(shown.size(), 60U) << world.screen();
    world.press("S");
    EXPECT_GT(world.events(), before);
}

TEST(DeskSigning, NoKeyJumpsOverWhatWasNotShown) {
    HarnessOptions options;
    options.size = {16, 60};
    World world(options);
    const std::int64_t before = world.events();
    world.preview_transaction(transaction_json(kStranger));
    world.wait();
    world.press("<Tab>8404");
    EXPECT_TRUE(world.shows("off: read to the end")) << world.screen();
    world.press("S");
    EXPECT_EQ(world.events(), before);
    for (int page = 0; page < 20 && world.shows("below (PgDn)"); ++page) world.press("<Tab>");
    EXPECT_TRUE(world.shows("off: until typed")) << world.screen();
    world.press("<Tab>84<PgUp>");
    EXPECT_TRUE(world.shows("below (PgDn)")) << "what is asked for can be looked up" << world.screen();
    world.press("<Tab>04<Tab>");
    EXPECT_TRUE(world.shows("Sign (S)")) << world.screen();
    world.press("<Esc>");
    EXPECT_TRUE(world.shows("Cancelled: nothing was signed")) << world.screen();
    EXPECT_EQ(world.events(), before);
}

TEST(DeskSigning, ARiskyTransactionWantsTheMiddleOfTheAddress) {
    World world;
    const std::int64_t before = world.events();
    world.preview_transaction(transaction_json(kStranger));
    EXPECT_TRUE(world.shows("Sign transaction")) << world.screen();
    world.wait();
    world.press("G");
    EXPECT_TRUE(world.shows("17-20")) << world.screen();
    EXPECT_TRUE(world.shows("Sign (off: until typed)")) << world.screen();
    world.press("S");
    EXPECT_EQ(world.events(), before);
    world.press("<Tab>");
    world.paste("8404");
    EXPECT_TRUE(world.shows("off: until typed")) << "a challenge is typed, not pasted";
    world.press("S123");
    EXPECT_TRUE(world.shows("that is not it")) << world.screen();
    world.press("<Tab>S");
    EXPECT_EQ(world.events(), before) << "the wrong characters";
    world.press("<Tab><C-u>8404<Tab>");
    EXPECT_TRUE(world.shows("Sign (S)")) << world.screen();
    world.press("S");
    EXPECT_TRUE(world.shows("Signed transaction")) << world.screen();
    EXPECT_TRUE(world.shows("nothing was sent"));
    world.press("y");
    ASSERT_FALSE(world.copied.empty());
    const auto decoded = Engine::decode_transaction(world.copied.back().value);
    ASSERT_TRUE(decoded);
    EXPECT_EQ(checksum_address(decoded->from), kFirstAddress);
}

TEST(DeskSigning, ATransactionComesFromAFileToo) {
    World world;
    const testing_support::TemporaryDirectory directory;
    const std::string path = directory.path() / "transaction.json";
    std::ofstream(path) << transaction_json(kStranger);
    world.press("st<Right><Tab>");
    world.paste(path);
    world.press("<Tab><Enter>");
    EXPECT_TRUE(world.shows(kStranger)) << world.screen();
    world.press("<Esc>st<Right><Tab>/nowhere/at.all<Tab><Enter>");
    EXPECT_TRUE(world.shows("There is no file")) << world.screen();
}

TEST(DeskSigning, WhatIsWrongWithATransactionNamesTheField) {
    World world;
    world.preview_transaction(R"({"chainId": 1, "nonce": 1, "gas": 21000, "to": "0x12", "gasPrice": 1})");
    EXPECT_TRUE(world.shows("The to is not an address: it has 2 digits after 0x instead of 40.")) << world.screen();
    EXPECT_EQ(world.desk().top_dialog()->level(), Level::kLook);
    world.press("<Esc>");
    world.preview_transaction("no json");
    EXPECT_TRUE(world.shows("a JSON object begins with {")) << world.screen();
}

TEST(DeskSigning, SignsTypedData) {
    World world;
    const std::string json =
        R"({"types":{"EIP712Domain":[{"name":"name","type":"string"}],"Note":[{"name":"text","type":"string"}]},
"primaryType":"Note","domain":{"name":"Demo"},"message":{"text":"hello typed world"}})";
    const auto preview = [&] {
        world.press("sd<Tab>");
        world.paste(json);
        world.press("<Tab><Enter>");
        EXPECT_TRUE(world.shows("hello typed world")) << world.screen();
        world.wait();
        world.press("G");
    };
    preview();
    world.press("S");
    EXPECT_FALSE(world.shows("Signed by alice")) << "nobody has signed this kind before: " << world.screen();
    world.press("<Tab>SIGN<Tab>S");
    EXPECT_TRUE(world.shows("Signed by alice")) << world.screen();
    world.press("<Esc>");
    preview();
    world.press("S");
    EXPECT_TRUE(world.shows("Signed by alice")) << "the same kind for the same domain: " << world.screen();
}

TEST(DeskSigning, ShowsDigestsToCompareAndCopiesThem) {
    HarnessOptions options;
    options.size = {50, 100};
    World world(options);
    const std::string json = transaction_json(kStranger, R"(, "data": "0x12345678")");
    world.preview_transaction(json);
    const auto preview = world.engine().preview_transaction(world.operator_session(), kFirstAddress, json);
    ASSERT_TRUE(preview);
    ASSERT_EQ(preview->digests.size(), 2U);
    for (const PreviewLine& digest : preview->digests) {
        EXPECT_TRUE(world.shows(digest.name)) << world.screen();
        EXPECT_TRUE(world.shows(digest.value)) << world.screen();
    }
    world.wait();
    world.press("yY");
    ASSERT_EQ(world.copied.size(), 2U);
    EXPECT_EQ(world.copied[0].value, hex_of(preview->digest));
    EXPECT_EQ(world.copied[1].value, fmt::format("{}: {}\n{}: {}", preview->digests[0].name, preview->digests[0].value,
                                                 preview->digests[1].name, preview->digests[1].value));
}

TEST(DeskSigning, TheBytesCanBeSeenAndAreNotThePreview) {
    World world;
    const std::int64_t before = world.events();
    world.preview_message("hello\n\u202E");
    world.wait();
    world.press("x");
    EXPECT_TRUE(world.shows("68 65 6c 6c 6f 0a e2 80 ae")) << world.screen();
    EXPECT_TRUE(world.shows("hello...."));
    EXPECT_TRUE(world.shows("off: x goes back to the preview")) << world.screen();
    world.press("S");
    EXPECT_EQ(world.events(), before);
    world.press("x");
    EXPECT_TRUE(world.shows("EIP-191 digest")) << world.screen();
    world.press("GS");
    EXPECT_TRUE(world.shows("Signed by alice")) << world.screen();
}

TEST(DeskSigning, ATransactionCanBeSeenAsItWasGiven) {
    World world;
    world.preview_transaction(transaction_json(kStranger));
    world.wait();
    world.press("Gx");
    EXPECT_TRUE(world.shows("As it was given")) << world.screen();
    EXPECT_TRUE(world.shows("\"maxFeePerGas\": \"30000000000\"")) << world.screen();
    world.press("<Tab>8404<Tab>S");
    EXPECT_TRUE(world.shows("As it was given")) << "no challenge here: " << world.screen();
}

Contact contact(std::string_view name, std::string_view address) {
    Contact out;
    out.name = name;
    out.address = *parse_address_text(address);
    return out;
}

TEST(DeskSigning, ContactsAreCalledByTheirNames) {
    HarnessOptions options;
    options.size = {50, 100};
    World world(options);
    ASSERT_TRUE(world.engine_of_another_process().add_contact(world.operator_session(), contact("bob-cold", kStranger)));
    world.preview_transaction(transaction_json(kStranger));
    EXPECT_TRUE(world.shows("Send 0.001 ETH to bob-cold (address book)")) << world.screen();
    EXPECT_TRUE(world.shows(kStranger)) << "all 40 digits";
    EXPECT_FALSE(world.shows("First time"));
    world.wait();
    world.press("GS");
    EXPECT_TRUE(world.shows("Signed transaction")) << world.screen();
}

TEST(DeskSigning, ARecipientGetsANameFromItsPreview) {
    HarnessOptions options;
    options.size = {50, 100};
    World world(options);
    world.preview_transaction(transaction_json(kStranger));
    EXPECT_TRUE(world.shows("A name it")) << world.screen();
    world.wait();
    world.press("A");
    EXPECT_TRUE(world.shows("New contact")) << world.screen();
    EXPECT_TRUE(world.shows(kStranger)) << "all 40 digits";
    const std::int64_t before = world.events();
    world.press("<Tab><Tab><Enter>");
    EXPECT_EQ(world.events(), before) << "a contact without a name";
    world.press("<Esc>");
    EXPECT_TRUE(world.shows("Preview")) << "the transaction is still there: " << world.screen();
    world.press("<Enter>");
    ASSERT_TRUE(world.shows("First time")) << world.screen();
    world.wait();
    world.press("Abob-cold<Tab><Tab><Enter>");
    EXPECT_TRUE(world.shows("bob-cold is in the address book")) << world.screen();
    const auto contacts = world.engine().list_contacts(world.operator_session());
    ASSERT_TRUE(contacts);
    ASSERT_EQ(contacts->size(), 1U);
    EXPECT_EQ(checksum_address(contacts->front().address), kStranger);
    world.press("<Enter>");
    EXPECT_TRUE(world.shows("Send 0.001 ETH to bob-cold (address book)")) << world.screen();
    EXPECT_FALSE(world.shows("A name it"));
    world.wait();
    world.press("A");
    EXPECT_FALSE(world.shows("New contact")) << world.screen();
    world.press("<Esc>z<Enter>");
    world.wait();
    world.press("y");
    EXPECT_TRUE(world.engine().list_contacts(world.operator_session())->empty()) << world.screen();
}

TEST(DeskSigning, WhoMayNotWriteNamesNobody) {
    HarnessOptions options;
    options.session = Session::of_user("alice", "tui");
    World world(options);
    world.preview_transaction(transaction_json(kStranger));
    world.wait();
    EXPECT_FALSE(world.shows("A name it")) << world.screen();
    world.press("A");
    EXPECT_FALSE(world.shows("New contact")) << world.screen();
}

TEST(DeskSigning, ALookAlikeWantsItsOwnMiddle) {
    HarnessOptions options;
    options.size = {50, 100};
    World world(options);
    ASSERT_TRUE(world.engine_of_another_process().add_contact(world.operator_session(), contact("bob-cold", kStranger)));
    world.preview_transaction(transaction_json("0x5f6333333333333333333333333333333333b820"));
    EXPECT_TRUE(world.shows("LOOK-ALIKE")) << world.screen();
    EXPECT_TRUE(world.shows("bob-cold, address book"));
    world.wait();
    world.press("<Tab>8404<Tab>");
    EXPECT_TRUE(world.shows("off: until typed")) << "that is the middle of the true one";
    world.press("<Tab><C-u>3333<Tab>");
    EXPECT_TRUE(world.shows("Sign (S)")) << world.screen();
}

TEST(DeskSigning, AFailureSaysThatNothingWasSigned) {
    World world;
    world.preview_message("hello");
    world.wait();
    ASSERT_TRUE(world.engine_of_another_process().lock_user(world.operator_session(), "alice"));
    world.press("S");
    EXPECT_TRUE(world.shows("Signing failed")) << world.screen();
    EXPECT_TRUE(world.shows("Nothing was signed and nothing was sent."));
    world.press("<Esc><Esc>");
    world.press("!");
    EXPECT_TRUE(world.shows("Signing failed")) << "kept under !";
}

TEST(DeskSigning, ASignatureThatComesAfterItsDialogWasClosedIsTold) {
    World world;
    world.preview_message("hello");
    world.wait();
    world.hold = true;
    world.press("S");
    EXPECT_TRUE(world.shows("Working…"));
    world.press("<Esc>");
    EXPECT_EQ(world.desk().top_dialog(), nullptr);
    EXPECT_EQ(world.cancelled.size(), 1U);
    world.run_held();
    EXPECT_TRUE(world.shows("Done although you stopped waiting")) << world.screen();
    world.wait(Desk::kToast * 3);
    EXPECT_TRUE(world.shows("Done although you stopped waiting")) << "until it has been seen";
    world.press("!<Esc>");
    EXPECT_FALSE(world.shows("Done although you stopped waiting"));
}

TEST(DeskSigning, TheUserScreenSignsWithTheOnlyWallet) {
    World world;
    world.press("2s");
    EXPECT_TRUE(world.shows(kFirstAddress));
    world.press("<Esc>");
    import_known(world.engine_of_another_process(), "alice", 2);
    world.touch();
    world.press("s");
    EXPECT_TRUE(world.shows("the user has several wallets"));
}

TEST(DeskSigning, ALockedVaultAsksForThePassphraseAndGoesOn) {
    HarnessOptions options;
    options.passphrase = "open sesame";
    World world(options);
    world.preview_message("hello");
    world.wait();
    world.press("S");
    ASSERT_TRUE(world.shows("Passphrase of the vault")) << world.screen();
    world.press("wrong<Enter>");
    EXPECT_TRUE(world.shows("Passphrase of the vault"));
    EXPECT_FALSE(world.shows("wrong<"));
    world.press("open sesame");
    EXPECT_FALSE(world.shows("sesame")) << "nothing of it is shown";
    world.press("<Enter>");
    EXPECT_TRUE(world.shows("Signed by alice")) << world.screen();
    EXPECT_FALSE(world.engine().needs_unlock());
}

TEST(DeskSigning, ALockedVaultShowsEverything) {
    HarnessOptions options;
    options.passphrase = "open sesame";
    World world(options);
    for (const char* screen : {"2", "3", "4", "5"}) {
        world.press(screen);
        EXPECT_EQ(world.desk().top_dialog(), nullptr) << world.screen();
        EXPECT_TRUE(world.shows("> ")) << world.screen();
    }
}

TEST(DeskSigning, LockingForgetsThePassphrase) {
    HarnessOptions options;
    options.passphrase = "open sesame";
    World world(options);
    ASSERT_TRUE(world.engine().unlock(SecretBytes::copy_of("open sesame")));
    world.preview_message("hello");
    world.wait();
    world.press("S");
    ASSERT_TRUE(world.shows("Signed by alice")) << world.screen();
    world.press("<Esc>L");
    EXPECT_TRUE(world.shows("Locked: no wallet is open in memory"));
    EXPECT_TRUE(world.engine().needs_unlock());
    world.preview_message("hello again");
    world.wait();
    world.press("S");
    EXPECT_TRUE(world.shows("Passphrase of the vault")) << world.screen();
}

TEST(DeskSigning, GivingUpThePassphraseSignsNothing) {
    HarnessOptions options;
    options.passphrase = "open sesame";
    World world(options);
    const std::int64_t before = world.events();
    world.preview_message("hello");
    world.wait();
    world.press("S");
    ASSERT_TRUE(world.shows("Passphrase of the vault")) << world.screen();
    world.press("<Esc>");
    EXPECT_TRUE(world.shows("Not done, for no passphrase was given")) << world.screen();
    EXPECT_FALSE(world.shows("failed"));
    EXPECT_NE(world.desk().top_dialog(), nullptr) << "the preview is as it was" << world.screen();
    EXPECT_EQ(world.events(), before);
    world.wait();
    world.press("S");
    EXPECT_TRUE(world.shows("Passphrase of the vault")) << "and can be confirmed again" << world.screen();
}

}  // namespace
}  // namespace keydeck::ui
