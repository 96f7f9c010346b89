#include "engine/store/recipients.hpp"

#include <algorithm>

#include "engine/store/contacts.hpp"
#include "tests/store/fixture.hpp"

namespace keydeck::store {
namespace {

using RecipientsTest = StoreTest;

AddressBytes with_ends(std::uint8_t first, std::uint8_t middle, std::uint8_t last) {
    AddressBytes address;
    address.fill(middle);
    address[0] = address[1] = first;
    address[18] = address[19] = last;
    return address;
}

Contact contact(const std::string& name, const AddressBytes& address) {
    Contact out;
    out.name = name;
    out.address = address;
    return out;
}

/// Notes them as paid by a user.
Status note_paid(sqlite::Database& database, std::int64_t user, std::span<const AddressBytes> addresses) {
    std::vector<Recipient> recipients;
    for (const AddressBytes& address : addresses) recipients.push_back({address, false});
    return note_recipients(database, user, recipients, kNow);
}

std::vector<AddressBytes> addresses_of(const Result<std::vector<LookAlike>>& found) {
    EXPECT_TRUE(found) << why(found);
    std::vector<AddressBytes> out;
    if (found) {
        for (const LookAlike& one : *found) out.push_back(one.address);
    }
    return out;
}

TEST_F(RecipientsTest, EachUserKnowsItsRecipientsAndItsOwnWallets) {
    const auto alice = add_user("alice");
    const auto bob = add_user("bob");
    const AddressBytes stranger = with_ends(1, 2, 3);
    EXPECT_FALSE(standing_of(db(), alice, stranger)->is_known());
    ASSERT_TRUE(write([&](auto& database) { return note_paid(database, alice, std::span(&stranger, 1)); }));
    EXPECT_TRUE(standing_of(db(), alice, stranger)->is_known());
    EXPECT_FALSE(standing_of(db(), alice, stranger)->is_trusted()) << "it was only paid";
    EXPECT_FALSE(standing_of(db(), bob, stranger)->is_known()) << "alice's recipients are not bob's";
    const Recipient spender{stranger, true};
    ASSERT_TRUE(write([&](auto& database) { return note_recipients(database, alice, std::span(&spender, 1), kNow); }));
    ASSERT_TRUE(write([&](auto& database) { return note_paid(database, alice, std::span(&stranger, 1)); }));
    EXPECT_TRUE(standing_of(db(), alice, stranger)->is_trusted()) << "once trusted, a payment does not undo it";

    add_key("k1");
    const auto wallet = add_wallet(alice, "k1", "main");
    const auto own = standing_of(db(), alice, address_of(wallet));
    ASSERT_TRUE(own) << why(own);
    EXPECT_TRUE(own->is_wallet);
    EXPECT_TRUE(own->is_own);
    EXPECT_TRUE(own->is_trusted());
    EXPECT_EQ(own->wallet_user, alice);
    EXPECT_EQ(own->user, "alice");
    EXPECT_EQ(own->label, "main");
    EXPECT_FALSE(own->was_recipient);
    EXPECT_TRUE(standing_of(db(), bob, address_of(wallet))->is_wallet);
    EXPECT_FALSE(standing_of(db(), bob, address_of(wallet))->is_known()) << "somebody else's wallet";

    ASSERT_TRUE(write([&](auto& database) { return insert_contact(database, contact("bob-cold", stranger), kNow); }));
    EXPECT_EQ(standing_of(db(), bob, stranger)->contact, "bob-cold");
    EXPECT_TRUE(standing_of(db(), bob, stranger)->is_trusted()) << "the address book is for all";
    EXPECT_FALSE(standing_of(db(), bob, stranger)->is_wallet);
}

TEST_F(RecipientsTest, FindsAddressesThatBeginAndEndAlike) {
    const AddressBytes known[] = {with_ends(0xAA, 0x01, 0xBB), with_ends(0xAA, 0xFF, 0xBB), with_ends(0xAA, 0x00, 0xBC),
                                  with_ends(0xAB, 0x01, 0xBB)};
    ASSERT_TRUE(write([&](auto& database) { return note_paid(database, 1, known); }));
    EXPECT_EQ(addresses_of(look_alikes(db(), 1, with_ends(0xAA, 0x77, 0xBB))),
              (std::vector<AddressBytes>{known[0], known[1]}));
    EXPECT_EQ(addresses_of(look_alikes(db(), 1, known[0])), std::vector<AddressBytes>{known[1]});
    EXPECT_TRUE(look_alikes(db(), 2, known[0])->empty()) << "another user has not met them";
}

TEST_F(RecipientsTest, LooksAmongContactsAndWalletsTooAndStopsAtTen) {
    const auto user = add_user("alice");
    add_key("k1");
    const auto wallet = add_wallet(user, "k1");
    AddressBytes twin = address_of(wallet);
    twin[9] = static_cast<std::uint8_t>(twin[9] + 1);
    const auto like_a_wallet = look_alikes(db(), user, twin);
    EXPECT_EQ(addresses_of(like_a_wallet), std::vector<AddressBytes>{address_of(wallet)});
    EXPECT_EQ(like_a_wallet->front().known_as, LookAlike::KnownAs::kWallet);
    EXPECT_TRUE(look_alikes(db(), user + 1, twin)->empty()) << "another user's wallets are not told";
    EXPECT_EQ(addresses_of(named_look_alikes(db(), twin)), std::vector<AddressBytes>{address_of(wallet)});

    std::vector<AddressBytes> many;
    for (std::uint8_t i = 1; i <= 20; ++i) many.push_back(with_ends(0x10, i, 0x20));
    ASSERT_TRUE(write([&](auto& database) { return note_paid(database, user, many); }));
    EXPECT_EQ(look_alikes(db(), user, with_ends(0x10, 0x99, 0x20))->size(), 10U);

    ASSERT_TRUE(write([&](auto& database) { return insert_contact(database, contact("carol", many[4]), kNow); }));
    const auto with_contact = look_alikes(db(), user, with_ends(0x10, 0x99, 0x20));
    ASSERT_EQ(with_contact->size(), 10U);
    EXPECT_EQ(with_contact->front().address, many[4]) << "contacts first, and once";
    EXPECT_EQ(with_contact->front().known_as, LookAlike::KnownAs::kContact);
    EXPECT_EQ(with_contact->front().name, "carol");
    EXPECT_EQ(std::ranges::count(*with_contact, many[4], &LookAlike::address), 1);
}

TEST_F(RecipientsTest, RemembersChainsByUser) {
    EXPECT_EQ(any_chain_was_used(db()), false);
    ASSERT_TRUE(write([&](auto& database) { return note_chain(database, 1, "1", kNow); }));
    ASSERT_TRUE(write([&](auto& database) { return note_chain(database, 1, "1", kNow); }));
    EXPECT_EQ(any_chain_was_used(db()), true);
    EXPECT_EQ(chain_was_used(db(), 1, "1"), true);
    EXPECT_EQ(chain_was_used(db(), 1, "10"), false);
    EXPECT_EQ(chain_was_used(db(), 2, "1"), false);
}

TEST_F(RecipientsTest, RemembersKindsOfMessagesByUser) {
    const Hash32 kind{7};
    EXPECT_EQ(message_was_signed(db(), 1, kind), false);
    ASSERT_TRUE(write([&](auto& database) { return note_message(database, 1, kind, kNow); }));
    ASSERT_TRUE(write([&](auto& database) { return note_message(database, 1, kind, kNow); }));
    EXPECT_EQ(message_was_signed(db(), 1, kind), true);
    EXPECT_EQ(message_was_signed(db(), 1, Hash32{8}), false);
    EXPECT_EQ(message_was_signed(db(), 2, kind), false);
}

}  // namespace
}  // namespace keydeck::store
