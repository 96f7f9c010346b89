// The address book: listed, added to, taken from and back, by key and by command.
#include <gtest/gtest.h>

#include "engine/contacts.hpp"
#include "harness.hpp"

namespace keydeck::ui {
namespace {

constexpr std::string_view kCold = "0x5F63260EecF7F5E184046A03C89B3edd147Cb820";
constexpr std::string_view kShop = "0x2B5AD5c4795c026514f8317c7a215E218DcCD6cF";

struct World : Harness {
    explicit World(HarnessOptions options = {}) : Harness(std::move(options)) {
        add("bob-cold", kCold, "in the safe");
        add("Shop", kShop, "");
        touch();
    }
    void add(std::string_view name, std::string_view address, std::string_view note) {
        Contact contact;
        contact.name = name;
        contact.address = *parse_address_text(address);
        contact.note = note;
        EXPECT_TRUE(engine_of_another_process().add_contact(operator_session(), contact));
    }
    std::vector<std::string> names() {
        std::vector<std::string> out;
        const auto contacts = engine().list_contacts(operator_session());
        EXPECT_TRUE(contacts);
        for (const Contact& contact : *contacts) out.push_back(contact.name);
        return out;
    }
};

using Names = std::vector<std::string>;

TEST(DeskContacts, AreListedWithWholeAddressesAndNotes) {
    World world;
    for (const char* keys : {"b", ":contact list<Enter>"}) {
        world.press(keys);
        EXPECT_TRUE(world.shows("Address book")) << world.screen();
        EXPECT_TRUE(world.shows("> bob-cold")) << world.screen();
        for (const std::string_view part : {kCold, kShop, std::string_view("in the safe"), std::string_view("Shop")})
            EXPECT_TRUE(world.shows(part)) << part << world.screen();
        world.press("j");
        EXPECT_TRUE(world.shows("> Shop")) << world.screen();
        world.press("y");
        ASSERT_FALSE(world.copied.empty());
        EXPECT_EQ(world.copied.back().value, kShop);
        world.press("<Esc>");
        EXPECT_EQ(world.desk().top_dialog(), nullptr);
    }
}

TEST(DeskContacts, RemovingAsksAndCanBeTakenBackWithItsNote) {
    World world;
    world.press("bX");
    EXPECT_TRUE(world.shows("Take bob-cold out of the address book?")) << world.screen();
    EXPECT_TRUE(world.shows(kCold));
    world.press("y");
    EXPECT_EQ(world.names(), (Names{"bob-cold", "Shop"})) << "within the guard";
    world.wait();
    world.press("<Enter>");
    EXPECT_EQ(world.names(), (Names{"bob-cold", "Shop"})) << "Cancel has the focus";
    world.press("X");
    world.wait();
    world.press("y");
    EXPECT_EQ(world.names(), Names{"Shop"});
    EXPECT_TRUE(world.shows("> Shop")) << "the list is read again, the cursor on the neighbour" << world.screen();
    EXPECT_FALSE(world.shows(kCold)) << world.screen();
    world.press("<Esc>z");
    EXPECT_TRUE(world.shows("Put bob-cold into the address book again?")) << world.screen();
    world.press("<Enter>");
    world.wait();
    world.press("y");
    const auto back = world.engine().list_contacts(world.operator_session());
    ASSERT_EQ(back->size(), 2U);
    EXPECT_EQ(back->front().note, "in the safe");
    EXPECT_EQ(checksum_address(back->front().address), kCold);
}

TEST(DeskContacts, AddingAsksForNameAddressAndNote) {
    World world;
    const std::int64_t before = world.events();
    world.press("ba");
    EXPECT_TRUE(world.shows("New contact")) << world.screen();
    world.press("exchange<Tab>0x12<Tab><Tab><Enter>");
    EXPECT_EQ(world.events(), before) << "no address" << world.screen();
    EXPECT_TRUE(world.shows("New contact"));
    world.press("<Esc><Esc>:contact add exchange<Enter>");
    EXPECT_TRUE(world.shows("exchange")) << "its name stands there already" << world.screen();
    world.press("<Tab>0x1563915e194D8CfBA1943570603F7606A3115508<Tab>hot<Tab><Enter>");
    EXPECT_EQ(world.names(), (Names{"bob-cold", "exchange", "Shop"})) << world.screen();
    EXPECT_TRUE(world.shows("exchange is in the address book")) << world.screen();
    world.press("z<Enter>");
    world.wait();
    world.press("y");
    EXPECT_EQ(world.names(), (Names{"bob-cold", "Shop"})) << world.screen();
}

TEST(DeskContacts, ACommandPutsTheCursorThereAndAsks) {
    World world;
    world.press(":contact remove shop<Enter>");
    EXPECT_TRUE(world.shows("Take Shop out of the address book?")) << world.screen();
    EXPECT_EQ(world.names().size(), 2U);
    world.press("<Esc><Esc>:contact remove bob-clod<Enter>");
    EXPECT_TRUE(world.shows("There is no contact \"bob-clod\"; did you mean bob-cold?")) << world.screen();
    EXPECT_FALSE(world.shows("out of the address book?")) << world.screen();
    world.press("<Esc>:contact remove bob<Tab>");
    EXPECT_TRUE(world.shows(":contact remove bob-cold")) << world.screen();
    world.press("<Esc>");
}

TEST(DeskContacts, SayTheirCommandLines) {
    World world({.size = {40, 120}});
    world.press("b.");
    EXPECT_TRUE(world.shows("keydeck contact list")) << world.screen();
    EXPECT_TRUE(world.shows("keydeck contact remove bob-cold")) << world.screen();
    world.press("<Esc>X.");
    EXPECT_FALSE(world.shows("keydeck contact remove")) << "not within the guard" << world.screen();
    world.wait();
    world.press(".");
    EXPECT_TRUE(world.shows("keydeck contact remove bob-cold")) << world.screen();
    world.press("<Esc><Esc>a");
    world.press("new one<Tab>0x1563915e194D8CfBA1943570603F7606A3115508<Tab>hot<Tab>.");
    world.press("y");
    ASSERT_FALSE(world.copied.empty()) << world.screen();
    EXPECT_EQ(world.copied.back().value,
              "keydeck contact add --note hot 'new one' 0x1563915e194D8CfBA1943570603F7606A3115508");
}

TEST(DeskContacts, FollowWhatOthersDo) {
    World world;
    world.press("b");
    world.add("zoe", "0x1563915e194D8CfBA1943570603F7606A3115508", "");
    world.touch();
    EXPECT_TRUE(world.shows("zoe")) << world.screen();
    EXPECT_TRUE(world.shows("> bob-cold")) << "the cursor is a name" << world.screen();
}

TEST(DeskContacts, WhoMayNotWriteReadsThem) {
    HarnessOptions options;
    options.session = Session::of_user("alice", "tui");
    World world(options);
    ASSERT_TRUE(world.engine_of_another_process().add_user(world.operator_session(), "alice"));
    world.press("b");
    EXPECT_TRUE(world.shows(kCold)) << world.screen();
    world.press("a");
    EXPECT_TRUE(world.shows("a: only the operator may do this")) << world.screen();
    world.press("X<Esc>");
    world.press(":contact add x<Enter>");
    EXPECT_TRUE(world.shows("only the operator may do this")) << world.screen();
    EXPECT_FALSE(world.shows("New contact"));
    world.press("<C-u>contact remove Shop<Enter>");
    EXPECT_FALSE(world.shows("out of the address book?")) << world.screen();
    EXPECT_EQ(world.engine_of_another_process().list_contacts(world.operator_session())->size(), 2U);
}

TEST(DeskContacts, AnEmptyBookSaysHowToBegin) {
    Harness world;
    world.press("b");
    EXPECT_TRUE(world.shows("There are no contacts yet. a adds the first one.")) << world.screen();
    world.press("yX");
    EXPECT_TRUE(world.shows("nobody is selected")) << world.screen();
}

TEST(DeskCommand, TheTourIsACommandOfADemo) {
    Harness demo({.is_demo = true});
    demo.press(":tour<Enter>");
    EXPECT_TRUE(demo.shows("Tour 1 of 6")) << demo.screen();
    Harness real;
    real.press(":tour<Enter>");
    EXPECT_TRUE(real.shows("tour: it leads through a demo")) << real.screen();
    EXPECT_FALSE(real.shows("Tour 1"));
}

}  // namespace
}  // namespace keydeck::ui
