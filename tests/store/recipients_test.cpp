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

std::vector<AddressBytes> addresses_of(const Result<std::vector<LookAlike>>& found) {
    EXPECT_TRUE(found) << why(found);
    std::vector<AddressBytes> out;
    if (found) {
        for (const LookAlike& one : *found) out.push_back(one.address);
    }
    return out;
}

TEST_F(RecipientsTest, KnowsWhomItHasNotedItsOwnWalletsAndItsContacts) {
    const AddressBytes stranger = with_ends(1, 2, 3);
    EXPECT_FALSE(standing_of(db(), stranger)->is_known());
    ASSERT_TRUE(write([&](auto& database) { return note_recipients(database, std::span(&stranger, 1), kNow); }));
    EXPECT_TRUE(standing_of(db(), stranger)->was_recipient);
    EXPECT_TRUE(standing_of(db(), stranger)->is_known());
    ASSERT_TRUE(write([&](auto& database) { return note_recipients(database, std::span(&stranger, 1), kNow); }));

    const auto user = add_user("alice");
    add_key("k1");
    const auto wallet = add_wallet(user, "k1", "main");
    const auto own = standing_of(db(), address_of(wallet));
    ASSERT_TRUE(own) << why(own);
    EXPECT_TRUE(own->is_wallet);
    EXPECT_EQ(own->wallet_user, user);
    EXPECT_EQ(own->user, "alice");
    EXPECT_EQ(own->label, "main");
    EXPECT_FALSE(own->was_recipient);

    ASSERT_TRUE(write([&](auto& database) { return insert_contact(database, contact("bob-cold", stranger), kNow); }));
    EXPECT_EQ(standing_of(db(), stranger)->contact, "bob-cold");
    EXPECT_FALSE(standing_of(db(), stranger)->is_wallet);
}

TEST_F(RecipientsTest, FindsAddressesThatBeginAndEndAlike) {
    const AddressBytes known[] = {with_ends(0xAA, 0x01, 0xBB), with_ends(0xAA, 0xFF, 0xBB), with_ends(0xAA, 0x00, 0xBC),
                                  with_ends(0xAB, 0x01, 0xBB)};
    ASSERT_TRUE(write([&](auto& database) { return note_recipients(database, known, kNow); }));
    EXPECT_EQ(addresses_of(look_alikes(db(), with_ends(0xAA, 0x77, 0xBB))), (std::vector<AddressBytes>{known[0], known[1]}));
    EXPECT_EQ(addresses_of(look_alikes(db(), known[0])), std::vector<AddressBytes>{known[1]});
}

TEST_F(RecipientsTest, LooksAmongContactsAndWalletsTooAndStopsAtTen) {
    const auto user = add_user("alice");
    add_key("k1");
    const auto wallet = add_wallet(user, "k1");
    AddressBytes twin = address_of(wallet);
    twin[9] = static_cast<std::uint8_t>(twin[9] + 1);
    const auto like_a_wallet = look_alikes(db(), twin);
    EXPECT_EQ(addresses_of(like_a_wallet), std::vector<AddressBytes>{address_of(wallet)});
    EXPECT_EQ(like_a_wallet->front().known_as, LookAlike::KnownAs::kWallet);

    std::vector<AddressBytes> many;
    for (std::uint8_t i = 1; i <= 20; ++i) many.push_back(with_ends(0x10, i, 0x20));
    ASSERT_TRUE(write([&](auto& database) { return note_recipients(database, many, kNow); }));
    EXPECT_EQ(look_alikes(db(), with_ends(0x10, 0x99, 0x20))->size(), 10U);

    ASSERT_TRUE(write([&](auto& database) { return insert_contact(database, contact("carol", many[4]), kNow); }));
    const auto with_contact = look_alikes(db(), with_ends(0x10, 0x99, 0x20));
    ASSERT_EQ(with_contact->size(), 10U);
    EXPECT_EQ(with_contact->front().address, many[4]) << "contacts first, and once";
    EXPECT_EQ(with_contact->front().known_as, LookAlike::KnownAs::kContact);
    EXPECT_EQ(with_contact->front().name, "carol");
    EXPECT_EQ(std::ranges::count(*with_contact, many[4], &LookAlike::address), 1);
}

TEST_F(RecipientsTest, RemembersChains) {
    EXPECT_EQ(any_chain_was_used(db()), false);
    ASSERT_TRUE(write([&](auto& database) { return note_chain(database, "1", kNow); }));
    ASSERT_TRUE(write([&](auto& database) { return note_chain(database, "1", kNow); }));
    EXPECT_EQ(any_chain_was_used(db()), true);
    EXPECT_EQ(chain_was_used(db(), "1"), true);
    EXPECT_EQ(chain_was_used(db(), "10"), false);
}

}  // namespace
}  // namespace keydeck::store
