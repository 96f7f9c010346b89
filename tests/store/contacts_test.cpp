#include "engine/store/contacts.hpp"

#include "engine/base/hex.hpp"
#include "tests/store/fixture.hpp"

namespace keydeck::store {
namespace {

class ContactsTest : public StoreTest {
protected:
    Result<Contact> add(const std::string& name, const AddressBytes& address, const std::string& note = {}) {
        Contact contact;
        contact.name = name;
        contact.address = address;
        contact.note = note;
        return write([&](auto& database) { return insert_contact(database, contact, kNow); });
    }
    std::vector<std::string> names(std::string_view filter = {}) {
        const auto listed = list_contacts(db(), filter);
        EXPECT_TRUE(listed) << why(listed);
        std::vector<std::string> out;
        if (listed) {
            for (const Contact& contact : *listed) out.push_back(contact.name);
        }
        return out;
    }
    using Names = std::vector<std::string>;
};

TEST_F(ContactsTest, KeepsWhatItWasGiven) {
    const auto added = add("bob-cold", address_of(1), "his hardware wallet");
    ASSERT_TRUE(added) << why(added);
    EXPECT_EQ(added->created_at, kNow);
    for (const auto& found : {contact_by_name(db(), "bob-cold"), contact_by_name(db(), "BOB-Cold")}) {
        ASSERT_TRUE(found) << why(found);
        EXPECT_EQ(found->name, "bob-cold");
        EXPECT_EQ(found->address, address_of(1));
        EXPECT_EQ(found->note, "his hardware wallet");
        EXPECT_EQ(found->created_at, kNow);
    }
    EXPECT_EQ(contact_at(db(), address_of(1))->value().name, "bob-cold");
    EXPECT_FALSE(contact_at(db(), address_of(2))->has_value());
    EXPECT_EQ(code_of(contact_by_name(db(), "carol")), ErrorCode::kNotFound);
}

TEST_F(ContactsTest, ANameAndAnAddressStandOnce) {
    ASSERT_TRUE(add("bob-cold", address_of(1)));
    const auto same_name = add("Bob-COLD", address_of(2));
    EXPECT_EQ(code_of(same_name), ErrorCode::kAlreadyExists);
    EXPECT_NE(same_name.error().message.find("bob-cold"), std::string::npos) << same_name.error().message;
    const auto same_address = add("carol", address_of(1));
    EXPECT_EQ(code_of(same_address), ErrorCode::kAlreadyExists);
    EXPECT_NE(same_address.error().message.find("bob-cold"), std::string::npos) << same_address.error().message;
    EXPECT_EQ(names(), Names{"bob-cold"});
}

TEST_F(ContactsTest, RefusesNamesAndNotesThatWouldMislead) {
    for (const std::string bad :
         {"", " bob", "bob ", "b\nob", "b\x1bob", "bo\u202Eb", "b\xFFob", "0x52908400098527886E0F7030069857D2E4169EE7"}) {
        EXPECT_EQ(code_of(add(bad, address_of(1))), ErrorCode::kInvalidInput) << bad;
    }
    EXPECT_EQ(code_of(add(std::string(65, 'x'), address_of(1))), ErrorCode::kInvalidInput);
    EXPECT_EQ(code_of(add("bob", address_of(1), std::string(257, 'x'))), ErrorCode::kInvalidInput);
    EXPECT_EQ(code_of(add("bob", address_of(1), "two\nlines")), ErrorCode::kInvalidInput);
    EXPECT_TRUE(add(std::string(64, 'x'), address_of(1), std::string(256, 'y')));
    EXPECT_TRUE(add("operator", address_of(2)));
}

TEST_F(ContactsTest, ListsByNameAndFiltersByPartOrAddress) {
    AddressBytes first = address_of(1);
    first[0] = 0xAB;
    first[1] = 0xC0;
    AddressBytes second = address_of(2);
    second[0] = 0xAB;
    second[1] = 0xD0;
    ASSERT_TRUE(add("carol", first));
    ASSERT_TRUE(add("Bob 100%", second));
    ASSERT_TRUE(add("alice", address_of(3)));
    EXPECT_EQ(names(), (Names{"alice", "Bob 100%", "carol"}));
    EXPECT_EQ(names("OB"), Names{"Bob 100%"});
    EXPECT_EQ(names("0%"), Names{"Bob 100%"}) << "a per cent sign is itself";
    EXPECT_EQ(names("_"), Names{});
    EXPECT_EQ(names("0xab"), (Names{"Bob 100%", "carol"}));
    EXPECT_EQ(names("0xABC"), Names{"carol"});
    EXPECT_EQ(names("0x"), (Names{"alice", "Bob 100%", "carol"}));
    EXPECT_EQ(names("0xg"), Names{});
    EXPECT_EQ(names(to_hex_0x(second)), Names{"Bob 100%"});
}

TEST_F(ContactsTest, ForgetsAndTakesTheNameAgain) {
    ASSERT_TRUE(add("bob-cold", address_of(1)));
    ASSERT_TRUE(add("carol", address_of(2)));
    ASSERT_TRUE(write([&](auto& database) { return remove_contact(database, "BOB-cold"); }));
    EXPECT_EQ(names(), Names{"carol"});
    EXPECT_FALSE(contact_at(db(), address_of(1))->has_value());
    EXPECT_EQ(code_of(write([&](auto& database) { return remove_contact(database, "bob-cold"); })), ErrorCode::kNotFound);
    EXPECT_TRUE(add("bob-cold", address_of(4)));
}

}  // namespace
}  // namespace keydeck::store
