#include "engine/store/recipients.hpp"

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

TEST_F(RecipientsTest, KnowsWhomItHasNotedAndItsOwnWallets) {
    const AddressBytes stranger = with_ends(1, 2, 3);
    EXPECT_EQ(is_known_address(db(), stranger), false);
    ASSERT_TRUE(write([&](auto& database) { return note_recipients(database, std::span(&stranger, 1), kNow); }));
    EXPECT_EQ(is_known_address(db(), stranger), true);
    ASSERT_TRUE(write([&](auto& database) { return note_recipients(database, std::span(&stranger, 1), kNow); }));

    const auto user = add_user("alice");
    add_key("k1");
    const auto wallet = add_wallet(user, "k1");
    EXPECT_EQ(is_known_address(db(), address_of(wallet)), true);
}

TEST_F(RecipientsTest, FindsAddressesThatBeginAndEndAlike) {
    const AddressBytes known[] = {with_ends(0xAA, 0x01, 0xBB), with_ends(0xAA, 0xFF, 0xBB), with_ends(0xAA, 0x00, 0xBC),
                                  with_ends(0xAB, 0x01, 0xBB)};
    ASSERT_TRUE(write([&](auto& database) { return note_recipients(database, known, kNow); }));
    const auto alike = look_alikes(db(), with_ends(0xAA, 0x77, 0xBB));
    ASSERT_TRUE(alike);
    EXPECT_EQ(*alike, (std::vector<AddressBytes>{known[0], known[1]}));
    const auto without_itself = look_alikes(db(), known[0]);
    ASSERT_TRUE(without_itself);
    EXPECT_EQ(*without_itself, std::vector<AddressBytes>{known[1]});
}

TEST_F(RecipientsTest, LooksAmongWalletsTooAndStopsAtTen) {
    const auto user = add_user("alice");
    add_key("k1");
    const auto wallet = add_wallet(user, "k1");
    AddressBytes twin = address_of(wallet);
    twin[9] = static_cast<std::uint8_t>(twin[9] + 1);
    const auto alike = look_alikes(db(), twin);
    ASSERT_TRUE(alike);
    EXPECT_EQ(*alike, std::vector<AddressBytes>{address_of(wallet)});

    std::vector<AddressBytes> many;
    for (std::uint8_t i = 1; i <= 20; ++i) many.push_back(with_ends(0x10, i, 0x20));
    ASSERT_TRUE(write([&](auto& database) { return note_recipients(database, many, kNow); }));
    EXPECT_EQ(look_alikes(db(), with_ends(0x10, 0x99, 0x20))->size(), 10U);
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
