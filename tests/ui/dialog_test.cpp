#include "ui/widgets/dialog.hpp"

#include <gtest/gtest.h>

#include "ui/widgets/text_dialogs.hpp"

namespace keydeck::ui {
namespace {

// A question as the desk would hold it: opened by a key, drawn, then fed keys at chosen times.
struct Asked {
    explicit Asked(const Key& opened_by) : dialog("Do it?", {}, [this](const Scene&, Effects&) { ++answered; }) {
        scene.now.steady = SteadyTime(std::chrono::hours(1));
        scene.key = opened_by;
        Effects effects;
        dialog.arm(scene, effects);
        EXPECT_TRUE(effects.flush_input) << "type-ahead is thrown away";
        Frame frame({24, 80});
        dialog.draw(frame, scene);
    }
    bool press(const Key& key, std::chrono::milliseconds later = {}) {
        scene.now.steady += later;
        scene.key = key;
        Effects effects;
        dialog.handle(key, scene, effects);
        return effects.close;
    }
    Scene scene;
    int answered = 0;
    QuestionDialog dialog;
};

constexpr std::chrono::milliseconds kLater{301};

TEST(Guard, TheConfirmingKeyDoesNothingForAMoment) {
    Asked asked(key(U'd'));
    for (int i = 0; i < 10; ++i) EXPECT_FALSE(asked.press(key(U'y'), std::chrono::milliseconds(29)));
    EXPECT_EQ(asked.answered, 0);
    EXPECT_TRUE(asked.press(key(U'y'), std::chrono::milliseconds(20)));
    EXPECT_EQ(asked.answered, 1);
}

TEST(Guard, EscAndNCloseAtOnce) {
    Asked by_escape(key(U'd'));
    EXPECT_TRUE(by_escape.press(key(KeyCode::kEscape)));
    Asked by_n(key(U'd'));
    EXPECT_TRUE(by_n.press(key(U'n')));
    EXPECT_EQ(by_escape.answered + by_n.answered, 0);
}

TEST(Guard, EnterAtOnceAndLaterIsCancel) {
    Asked at_once(key(U'd'));
    EXPECT_FALSE(at_once.press(key(KeyCode::kEnter)));
    EXPECT_TRUE(at_once.press(key(KeyCode::kEnter), kLater)) << "Cancel has the focus";
    EXPECT_EQ(at_once.answered, 0);
}

TEST(Guard, TheOpeningKeyNeverConfirms) {
    Asked asked(key(U'y'));
    for (int i = 0; i < 10; ++i) EXPECT_FALSE(asked.press(key(U'y'), kLater));
    EXPECT_EQ(asked.answered, 0);
}

TEST(Guard, OtherKeysDoNothing) {
    Asked asked(key(U'd'));
    for (const char32_t c : std::u32string_view(U"YdxS qj")) EXPECT_FALSE(asked.press(key(c), kLater));
    EXPECT_EQ(asked.answered, 0);
}

TEST(Guard, EndsWhenItSays) {
    const Asked asked(key(U'd'));
    Scene scene = asked.scene;
    EXPECT_EQ(asked.dialog.guarded_until(scene), scene.now.steady + Dialog::kGuard);
    scene.now.steady += Dialog::kGuard;
    EXPECT_FALSE(asked.dialog.guarded_until(scene));
}

TEST(Guard, WhatWasNotSeenIsNotConfirmed) {
    std::vector<TextLine> many;
    for (int i = 0; i < 60; ++i) many.push_back({"", "line " + std::to_string(i), {}, false, false});
    int answered = 0;
    QuestionDialog dialog("Long?", many, [&](const Scene&, Effects&) { ++answered; });
    Scene scene;
    scene.now.steady = SteadyTime(std::chrono::hours(1));
    Effects effects;
    dialog.arm(scene, effects);
    scene.now.steady += kLater;
    Frame frame({24, 80});
    dialog.draw(frame, scene);
    EXPECT_NE(frame.text().find("more rows below"), std::string::npos);
    scene.key = key(U'y');
    dialog.handle(scene.key, scene, effects);
    EXPECT_EQ(answered, 0);
    scene.key = key(U'G');
    dialog.handle(scene.key, scene, effects);
    dialog.draw(frame, scene);
    scene.key = key(U'y');
    dialog.handle(scene.key, scene, effects);
    EXPECT_EQ(answered, 1);
}

TEST(Dialog, TheFirstFrameOfAShortQuestionOffersItsAnswer) {
    QuestionDialog dialog("Short?", {}, [](const Scene&, Effects&) {});
    const Scene scene;
    Frame frame({24, 80});
    dialog.draw(frame, scene);
    EXPECT_NE(frame.text().find("Yes (y)"), std::string::npos) << frame.text();
}

TEST(Dialog, FitsTheSmallestScreen) {
    std::vector<TextLine> many(100, TextLine{"Name", std::string(200, 'x'), {}, true, false});
    TextDialog dialog("A title that is much too long for the smallest screen there is, by far", many, {{"it", "x"}});
    Scene scene;
    Frame frame({16, 60});
    dialog.draw(frame, scene);
    EXPECT_EQ(frame.row(1)[0].text[0], U'┌') << "below the header";
    EXPECT_EQ(frame.row(15)[59].text[0], U'┘');
}

TEST(Dialog, HintsAreDroppedWholeAndTheWayOutLast) {
    EXPECT_EQ(fitted_hints("S sign   t text/hex   b back   Esc/n cancel", 80),
              "S sign   t text/hex   b back   Esc/n cancel");
    EXPECT_EQ(fitted_hints("S sign   t text/hex   b back   Esc/n cancel", 40), "S sign   t text/hex   Esc/n cancel");
    EXPECT_EQ(fitted_hints("S sign   t text/hex   b back   Esc/n cancel", 24), "S sign   Esc/n cancel");
    EXPECT_EQ(fitted_hints("S sign   Esc/n cancel", 14), "Esc/n cancel");
    EXPECT_EQ(fitted_hints("Esc close", 20), "Esc close");
}

TEST(Dialog, ErrorsSayWhatDidNotHappen) {
    const Scene scene;
    const ErrorReport report{"Signing failed",
                             "Nothing was signed.",
                             "sign with 0x1",
                             {ErrorCode::kThrottled, "Too many requests.", "Wait a little.", "ThrottlingException"}};
    const auto dialog = make_error_dialog(report, [](const Scene&, Effects&) {}, scene);
    Frame frame({24, 80});
    dialog->draw(frame, scene);
    const std::string text = frame.text();
    const std::size_t failed = text.find("Too many requests.");
    const std::size_t not_done = text.find("Nothing was signed.");
    const std::size_t where = text.find("sign with 0x1");
    const std::size_t cause = text.find("throttled, ThrottlingException");
    const std::size_t hint = text.find("Wait a little.");
    EXPECT_TRUE(failed < not_done && not_done < where && where < cause && cause < hint && hint != std::string::npos) << text;
    EXPECT_NE(text.find("r try again"), std::string::npos);
}

}  // namespace
}  // namespace keydeck::ui
