// The address book: who may write it, what of it is recorded, and what may stand in it.
#include "engine/contacts.hpp"

#include <algorithm>

#include "tests/custody/fixture.hpp"

namespace keydeck {
namespace {

constexpr std::string_view kStranger = "0x5F63260EecF7F5E184046A03C89B3edd147Cb820";

class AddressBookTest : public TwoUsersTest {
protected:
    static Contact contact(const std::string& name, std::string_view address = kStranger, const std::string& note = {}) {
        Contact out;
        out.name = name;
        out.address = *parse_address_text(address);
        out.note = note;
        return out;
    }
    /// The same first and last four digits, and something else between.
    static std::string twin_of(std::string_view address) {
        std::string twin = "0x" + std::string(40, '3');
        std::ranges::copy(address.substr(2, 4), twin.begin() + 2);
        std::ranges::copy(address.substr(38, 4), twin.begin() + 38);
        std::ranges::transform(twin, twin.begin(), [](char c) { return static_cast<char>(std::tolower(c)); });
        return twin;
    }
};

TEST_F(AddressBookTest, TheOperatorWritesEverybodyReads) {
    const auto added = engine_->add_contact(operator_, contact("bob-cold", kStranger, "his hardware wallet"));
    ASSERT_TRUE(added) << why(added);
    EXPECT_EQ(added->created_at, kStart);
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->add_contact(alice_, contact("mallory", twin_of(kStranger)))));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->remove_contact(alice_, "bob-cold")));
    for (const Session& session : {operator_, alice_, bob_}) {
        const auto listed = engine_->list_contacts(session);
        ASSERT_TRUE(listed) << why(listed);
        ASSERT_EQ(listed->size(), 1U);
        EXPECT_EQ(listed->front().name, "bob-cold");
        EXPECT_EQ(listed->front().note, "his hardware wallet");
    }
    EXPECT_TRUE(fails_with(ErrorCode::kNotFound, engine_->list_contacts(Session::of_user("nobody", "test"))));
}

TEST_F(AddressBookTest, EveryChangeIsRecorded) {
    ASSERT_TRUE(engine_->add_contact(operator_, contact("bob-cold", kStranger, "a note")));
    AuditEvent event = last_event();
    EXPECT_EQ(event.action, "AddContact");
    EXPECT_EQ(event.target, "bob-cold");
    EXPECT_EQ(event.result, "ok");
    EXPECT_EQ(event.detail, R"({"address":")" + std::string(kStranger) + "\"}");

    ASSERT_FALSE(engine_->add_contact(operator_, contact("carol")));
    event = last_event();
    EXPECT_EQ(event.action, "AddContact");
    EXPECT_EQ(event.result, "already_exists");

    ASSERT_TRUE(engine_->remove_contact(operator_, "BOB-COLD"));
    event = last_event();
    EXPECT_EQ(event.action, "RemoveContact");
    EXPECT_EQ(event.target, "bob-cold") << "as it stands in the book";
    EXPECT_EQ(event.detail, R"({"address":")" + std::string(kStranger) + "\"}");
    ASSERT_TRUE(fails_with(ErrorCode::kNotFound, engine_->remove_contact(operator_, "bob-cold")));
    EXPECT_EQ(last_event().result, "not_found");
    expect_sound_audit();
}

TEST_F(AddressBookTest, AKeyPastedAsANameStaysOutOfTheLog) {
    const std::string key(64, 'a');
    ASSERT_TRUE(engine_->add_contact(operator_, contact(key)));
    EXPECT_EQ(last_event().target, "(withheld)");
    ASSERT_TRUE(engine_->remove_contact(operator_, key));
    EXPECT_EQ(last_event().target, "(withheld)");
}

TEST_F(AddressBookTest, APoisonedAddressGetsNoName) {
    ASSERT_TRUE(engine_->add_contact(operator_, contact("bob-cold")));
    const auto like_a_contact = engine_->add_contact(operator_, contact("bob-new", twin_of(kStranger)));
    ASSERT_TRUE(fails_with(ErrorCode::kRejected, like_a_contact));
    EXPECT_NE(like_a_contact.error().message.find("bob-cold"), std::string::npos);
    const auto like_a_wallet = engine_->add_contact(operator_, contact("bob-new", twin_of(name_of(bobs_))));
    ASSERT_TRUE(fails_with(ErrorCode::kRejected, like_a_wallet));
    EXPECT_NE(like_a_wallet.error().message.find(name_of(bobs_)), std::string::npos);
    EXPECT_EQ(engine_->list_contacts(operator_)->size(), 1U) << "nothing of it was written";

    // Whoever signed for the false one by mistake can still name the true one.
    ASSERT_TRUE(engine_->remove_contact(operator_, "bob-cold"));
    ASSERT_TRUE(engine_->sign_transaction(
        operator_, "alice-main", R"({"chainId":1,"nonce":0,"gas":21000,"gasPrice":1,"to":")" + twin_of(kStranger) + "\"}"));
    EXPECT_TRUE(engine_->add_contact(operator_, contact("bob-cold")));
}

TEST_F(AddressBookTest, NamesCannotHideCharacters) {
    EXPECT_TRUE(fails_with(ErrorCode::kInvalidInput, engine_->add_contact(operator_, contact("bob\u200Bcold"))));
    EXPECT_TRUE(
        fails_with(ErrorCode::kInvalidInput, engine_->add_contact(operator_, contact("bob", kStranger, "a\u2060b"))));
}

TEST_F(AddressBookTest, AReadOnlyVaultShowsItAndKeepsIt) {
    ASSERT_TRUE(engine_->add_contact(operator_, contact("bob-cold")));
    EngineOptions reading = options();
    reading.read_only = true;
    open_with(reading);
    EXPECT_EQ(engine_->list_contacts(operator_)->size(), 1U);
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->add_contact(operator_, contact("carol", twin_of(kStranger)))));
    EXPECT_TRUE(fails_with(ErrorCode::kDenied, engine_->remove_contact(operator_, "bob-cold")));
}

}  // namespace
}  // namespace keydeck
