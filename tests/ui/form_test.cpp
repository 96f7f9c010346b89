#include "ui/widgets/form.hpp"

#include <gtest/gtest.h>

namespace keydeck::ui {
namespace {

std::string not_empty(const std::string& text) { return text.empty() ? "a name, please" : ""; }

std::string drawn(const Form& form) {
    const Scene scene;
    Frame frame({form.rows(40, scene), 40});
    form.draw(frame, frame.area(), scene);
    return frame.text();
}

struct Fields {
    Form form{"Go"};
    TextField& name = form.add<TextField>("Name", 20, not_empty);
    ChoiceField& kind = form.add<ChoiceField>("Kind", std::vector<std::string>{"one", "two"});
    TextField& extra = form.add<TextField>("Extra", 20);
    CheckField& sure = form.add<CheckField>("Sure", "I am", "tick it");
};

TEST(Form, WalksOverFieldsAndButtons) {
    Fields fields;
    EXPECT_TRUE(fields.form.takes_text());
    fields.form.on_key(key(KeyCode::kTab));
    EXPECT_FALSE(fields.form.takes_text());
    fields.form.on_key(key(KeyCode::kTab));
    EXPECT_TRUE(fields.form.takes_text());
    for (int i = 0; i < 2; ++i) fields.form.on_key(key(KeyCode::kTab));
    EXPECT_TRUE(fields.form.on_button());
    fields.form.on_key(key(KeyCode::kTab));
    EXPECT_TRUE(fields.form.on_button());
    fields.form.on_key(key(KeyCode::kTab));
    EXPECT_TRUE(fields.form.takes_text()) << "round again";
    fields.form.on_key(key(KeyCode::kBackTab));
    EXPECT_EQ(fields.form.on_key(key(KeyCode::kEnter)), FormAnswer::kCancel);
}

TEST(Form, SaysWhatEnterDoes) {
    Form form("Preview");
    TextField& message = form.add<TextField>("Message", 100, 3);
    form.add<TextField>("Label", 20);
    EXPECT_EQ(form.enter_does(), "new line") << "nobody signs a line end they were told would go on";
    form.on_key(key(KeyCode::kEnter));
    EXPECT_EQ(message.text(), "\n");
    form.on_key(key(KeyCode::kTab));
    EXPECT_EQ(form.enter_does(), "go on");
    form.on_key(key(KeyCode::kEnter));
    EXPECT_EQ(form.enter_does(), "Preview");
    form.on_key(key(KeyCode::kTab));
    EXPECT_EQ(form.enter_does(), "Cancel");
}

TEST(Form, SkipsHiddenFields) {
    Fields fields;
    fields.extra.shown = [&] { return fields.kind.chosen() == 1; };
    EXPECT_EQ(drawn(fields.form).find("Extra"), std::string::npos);
    fields.form.on_key(key(KeyCode::kTab));
    fields.form.on_key(key(KeyCode::kRight));
    EXPECT_EQ(fields.kind.chosen(), 1U);
    EXPECT_NE(drawn(fields.form).find("Extra"), std::string::npos);
}

TEST(Form, SaysWhatIsWrongBesideTheField) {
    Fields fields;
    EXPECT_EQ(drawn(fields.form).find("a name, please"), std::string::npos) << "not before anything was typed";
    fields.form.on_key(key(KeyCode::kBackTab));
    fields.form.on_key(key(KeyCode::kBackTab));
    EXPECT_EQ(fields.form.on_key(key(KeyCode::kEnter)), FormAnswer::kTaken) << "nothing is submitted";
    EXPECT_NE(drawn(fields.form).find("▲ a name, please"), std::string::npos);
    EXPECT_TRUE(fields.form.takes_text()) << "the cursor goes to the first field in trouble";
}

TEST(Form, SubmitsWhenComplete) {
    Fields fields;
    fields.name.set("alice");
    for (int i = 0; i < 3; ++i) fields.form.on_key(key(KeyCode::kTab));
    fields.form.on_key(key(U' '));
    EXPECT_TRUE(fields.sure.checked());
    EXPECT_TRUE(fields.form.complete());
    fields.form.on_key(key(KeyCode::kEnter));
    EXPECT_EQ(fields.form.on_key(key(KeyCode::kEnter)), FormAnswer::kSubmit);
}

TEST(Form, APasteThatIsTooLongIsRefusedAloud) {
    Fields fields;
    EXPECT_TRUE(fields.form.on_paste(SecretBytes::copy_of(std::string(21, 'x'))));
    EXPECT_EQ(fields.name.text(), "");
    EXPECT_NE(fields.name.problem().find("too long"), std::string::npos);
    fields.form.on_key(key(U'a'));
    EXPECT_EQ(fields.name.problem(), "");
    fields.form.on_key(key(KeyCode::kTab));
    EXPECT_TRUE(fields.form.on_paste(SecretBytes::copy_of("x")));
    EXPECT_EQ(fields.extra.text(), "x") << "a choice takes no text, the next field does";
    fields.form.on_key(key(KeyCode::kTab));
    EXPECT_FALSE(fields.form.on_paste(SecretBytes::copy_of("y"))) << "nothing below takes any";
    EXPECT_EQ(fields.extra.text(), "x");
}

TEST(Form, CanStartOnCancel) {
    Form form("Destroy", true);
    form.add<TextField>("Name", 20, not_empty);
    EXPECT_TRUE(form.on_button());
    EXPECT_EQ(form.on_key(key(KeyCode::kEnter)), FormAnswer::kCancel);
}

}  // namespace
}  // namespace keydeck::ui
