#include "ui/widgets/dialog.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ui/widgets/error_dialog.hpp"
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
    for (int page = 0; page < 3; ++page) {
        EXPECT_EQ(answered, 0) << "a jump shows what comes next, and what lies between is not seen";
        scene.key = key(U'G');
        dialog.handle(scene.key, scene, effects);
        dialog.draw(frame, scene);
        scene.key = key(U'y');
        dialog.handle(scene.key, scene, effects);
    }
    EXPECT_NE(frame.text().find("line 59"), std::string::npos);
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

// A dialog as it is drawn on 80x24, after the scene has moved on by `age`.
std::string drawn(Dialog& dialog, const Scene& scene) {
    Frame frame(scene.screen);
    dialog.draw(frame, scene);
    return frame.text();
}

/// Whether these stand in the text in this order.
testing::AssertionResult in_order(const std::string& text, const std::vector<std::string>& parts) {
    std::size_t at = 0;
    for (const std::string& part : parts) {
        const std::size_t found = text.find(part, at);
        if (found == std::string::npos) return testing::AssertionFailure() << "no \"" << part << "\" there in\n" << text;
        at = found + part.size();
    }
    return testing::AssertionSuccess();
}

const ErrorReport kThrottledReport{
    .title = "Signing failed",
    .not_done = "Nothing was signed and nothing was sent.",
    .what = "sign with 0x1",
    .error = {ErrorCode::kThrottled, "Rate exceeded", "Wait a little.", "ThrottlingException"},
    .subject = "The KMS did not sign",
    .key = "pool-02, us-east-1"};

TEST(ErrorDialog, SaysWhatFailedWhatDidNotHappenWhereWhyAndWhatCanBeDone) {
    Scene scene;
    scene.failed_call = FailedKmsCall{"Sign", 4, std::chrono::milliseconds(1'912), "6f1c0d9a-77aa-4e2b-9c50-0d52b2fb2ae2"};
    const auto dialog = make_error_dialog(kThrottledReport, [](const Scene&, Effects&) {}, scene);
    EXPECT_TRUE(
        in_order(drawn(*dialog, scene),
                 {"Signing failed", "The KMS did not sign: too many requests (throttled).",
                  "Nothing was signed and nothing was sent.", "What", "sign with 0x1", "Key", "pool-02, us-east-1", "Tried",
                  "4 times in 1.9 s (Sign)", "Cause", "ThrottlingException (throttled), request id",
                  "6f1c0d9a-77aa-4e2b-9c50-0d52b2fb2ae2", "Rate exceeded", "──", "You can", "r  try again now",
                  "Wait a little.", "c  leave it: it stays in Messages (!)", "r retry   y copy details   c/Esc close"}));
}

TEST(ErrorDialog, OffersNoRetryWhereItWouldNotHelp) {
    const Scene scene;
    const ErrorReport report{"The user was not locked",
                             "The user is as before.",
                             "lock user alice",
                             {ErrorCode::kNotFound, "There is no user alice.", "", ""}};
    const auto dialog = make_error_dialog(report, {}, scene);
    const std::string text = drawn(*dialog, scene);
    EXPECT_TRUE(in_order(
        text, {"There is no user alice.", "The user is as before.", "lock user alice", "not_found", "c  leave it"}));
    for (const char* absent : {"retry", "try again", "Tried", "Key "})
        EXPECT_EQ(text.find(absent), std::string::npos) << absent << "\n" << text;
}

TEST(ErrorDialog, TriesAgainOnlyWhenAskedAfterTheGuard) {
    int tried = 0;
    Scene scene;
    scene.now.steady = SteadyTime(std::chrono::hours(1));
    scene.key = key(U'S');
    const auto dialog = make_error_dialog(kThrottledReport, [&](const Scene&, Effects&) { ++tried; }, scene);
    Effects opening;
    dialog->arm(scene, opening);
    EXPECT_TRUE(opening.flush_input) << "what was typed ahead is thrown away";
    static_cast<void>(drawn(*dialog, scene));
    const auto press = [&](const Key& pressed) {
        Effects effects;
        scene.key = pressed;
        dialog->handle(pressed, scene, effects);
        return effects;
    };
    EXPECT_FALSE(press(key(U'r')).close);
    EXPECT_EQ(tried, 0) << "under guard";
    scene.now.steady += Dialog::kGuard;
    EXPECT_FALSE(press(key(U'S')).close) << "not by the key that opened it";
    const Effects copied = press(key(U'y'));
    ASSERT_TRUE(copied.copy);
    EXPECT_TRUE(in_order(copied.copy->value, {"Signing failed: The KMS did not sign", "Nothing was signed",
                                              "What: ", "Key: ", "Cause: ThrottlingException", "Rate exceeded"}));
    EXPECT_TRUE(press(key(KeyCode::kEnter)).close);
    EXPECT_TRUE(press(key(U'c')).close);
    EXPECT_EQ(tried, 0);
    EXPECT_TRUE(press(key(U'r')).close);
    EXPECT_EQ(tried, 1);
}

// An error dialog that `r` opened: the retry before it failed too.
struct FailedAgain {
    FailedAgain() : dialog(make_error_dialog(kThrottledReport, [this](const Scene&, Effects&) { ++tried; }, scene)) {
        scene.now.steady = SteadyTime(std::chrono::hours(1));
        scene.key = key(U'r');
        Effects opening;
        dialog->arm(scene, opening);
        static_cast<void>(drawn(*dialog, scene));
    }
    std::vector<std::string> press(const Key& pressed, std::chrono::milliseconds later) {
        scene.now.steady += later;
        scene.key = pressed;
        Effects effects;
        dialog->handle(pressed, scene, effects);
        EXPECT_EQ(effects.close, tried > 0);
        return effects.toasts;
    }
    Scene scene;
    int tried = 0;
    std::unique_ptr<Dialog> dialog;
};

TEST(ErrorDialog, IsTriedAgainByTheKeyThatOpenedItOnceThatWasLetGo) {
    FailedAgain failed;
    EXPECT_EQ(failed.dialog->ready_at(failed.scene), failed.scene.now.steady + Dialog::kLetGo);
    failed.press(key(U'r'), Dialog::kLetGo);
    EXPECT_EQ(failed.tried, 1);
}

TEST(ErrorDialog, IsNotTriedAgainWhileTheKeyIsHeld) {
    using std::chrono::milliseconds;
    FailedAgain failed;
    // The slowest of keyboards: a second until it repeats, then twice a second, for a minute.
    failed.press(key(U'r'), milliseconds(1000));
    for (int i = 0; i < 120; ++i)
        EXPECT_THAT(failed.press(key(U'r'), milliseconds(500)),
                    testing::ElementsAre("r: let go of it for a moment, then press it once"));
    EXPECT_EQ(failed.tried, 0);
    EXPECT_EQ(failed.dialog->ready_at(failed.scene), failed.scene.now.steady + Dialog::kLetGo);
    failed.press(key(U'r'), Dialog::kLetGo);
    EXPECT_EQ(failed.tried, 1) << "then it was let go";
}

TEST(ErrorDialog, AnotherKeySaysThatTheFirstWasLetGo) {
    FailedAgain failed;
    failed.press(key(U'j'), std::chrono::milliseconds(100));
    failed.press(key(U'r'), std::chrono::milliseconds(100));
    EXPECT_EQ(failed.tried, 0) << "under guard";
    failed.press(key(U'r'), kLater);
    EXPECT_EQ(failed.tried, 1);
}

TEST(ErrorDialog, ShowsWhatComesFromOutsideSafely) {
    const Scene scene;
    ErrorReport report = kThrottledReport;
    report.error = {ErrorCode::kRejected, "a\x1b[31mb\u202e", "c\x07", "X\u200b"};
    report.what = "w\u2066";
    const auto dialog = make_error_dialog(report, {}, scene);
    const std::string text = drawn(*dialog, scene);
    EXPECT_TRUE(in_order(text, {"⟨U+202E⟩", "⟨U+2066⟩", "⟨U+200B⟩"}));
    EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

}  // namespace
}  // namespace keydeck::ui
