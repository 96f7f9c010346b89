// Keys, pastes, sizes, time, other people's writes and answers in any order, from a seed. Whatever comes of it: nothing is
// written without a completed confirmation, nothing escapes, and every frame is whole.
//
// Runs KEYDECK_MONKEY_SECONDS (60) over new worlds with the seeds from KEYDECK_MONKEY_SEED (1) on. A failure names its seed
// and its step; that seed alone, with KEYDECK_MONKEY_SECONDS=0, does the same again.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <deque>
#include <iostream>
#include <map>
#include <random>
#include <regex>
#include <set>
#include <sstream>

#include "monkey_world.hpp"
#include "ui/views/screens.hpp"

namespace keydeck::ui {
namespace {

constexpr int kStepsInAWorld = 500;

std::uint64_t setting(const char* name, std::uint64_t otherwise) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nothing here changes the environment
    return value == nullptr ? otherwise : std::strtoull(value, nullptr, 10);
}

// What stands behind a task before its answer is given.
struct Waiting {
    Task task;
    std::stop_source stop;
    std::optional<Outcome> outcome;
};

// A dialog as it became dangerous: by which key, and when.
struct Danger {
    Level level = Level::kLook;
    Key opened_by;
    SteadyTime since{};
};

class Monkey {
public:
    explicit Monkey(std::uint64_t seed) : seed_(seed), random_(seed), world_(seed) { watch(); }
    void run();
    /// How often each kind of thing was done, confirmed.
    [[nodiscard]] const std::map<std::string, int>& done() const { return done_; }

private:
    [[nodiscard]] std::size_t below(std::size_t limit) { return static_cast<std::size_t>(random_() % limit); }
    [[nodiscard]] bool chance(unsigned percent) { return below(100) < percent; }
    template <class List>
    [[nodiscard]] const auto& any_of(const List& list) {
        return list[below(list.size())];
    }

    void step();
    void press(const Key& key);
    void type(std::string_view text);
    void tell(std::string_view story);
    void confirm();
    std::string what_is_to_be_typed();
    std::string name_of_a_key();
    void pass(std::chrono::milliseconds time);
    void answer_all();
    Key some_key();
    std::string some_text();
    std::string word_on_the_screen();
    void some_size();
    void some_time();
    void others();
    void some_answer();

    void take(const std::string& cause, const Key* key, std::uint64_t dialog, Level level);
    void judge(const Task& task, const std::string& cause, const Key* key, std::uint64_t dialog, Level level);
    void work(Waiting& waiting);
    void watch();
    void check_frame();

    std::uint64_t seed_;
    std::mt19937_64 random_;
    MonkeyWorld world_;
    std::deque<Waiting> waiting_;
    std::map<std::uint64_t, Danger> dangers_;
    std::map<std::string, int> done_;
    Key last_key_;
    Size size_{24, 80};
    int steps_ = 0;
};

void Monkey::run() {
    for (steps_ = 0; steps_ < kStepsInAWorld && !world_.desk().wants_to_quit(); ++steps_) {
        SCOPED_TRACE(fmt::format("KEYDECK_MONKEY_SEED={} step {}", seed_, steps_));
        step();
        if (testing::Test::HasFailure()) {
            std::cout << world_.screen();
            return;
        }
    }
    while (!waiting_.empty()) some_answer();
}

void Monkey::step() {
    // Ways to everything that can be confirmed; chance alone would seldom find them.
    static constexpr std::array kStories{"2L",
                                         "2u~\t\r",
                                         "2w\t\t\t\r\r",
                                         "2w\t\t ~\t\r\r",
                                         "3r~\r",
                                         "3smhello\t\t\r",
                                         "3smdeadbeef\t \t\r",
                                         "3st\t~\t\r",
                                         "3sd\t~\t\r",
                                         "3m\r\r\r",
                                         "4d",
                                         "4e",
                                         "4R\r\r",
                                         "4m\r\r\r",
                                         "4m\x12\r\r\r",
                                         "4t",
                                         "4X",
                                         "4c",
                                         "4n\r\r",
                                         "6p",
                                         "6C",
                                         "6f",
                                         "7a",
                                         "7S",
                                         "z",
                                         "3v",
                                         "1"};
    const std::size_t dice = below(100);
    if (dice < 6) {
        tell(any_of(kStories));
    } else if (dice < 12) {
        confirm();
    } else if (dice < 62) {
        press(some_key());
    } else if (dice < 70) {
        type(some_text());
    } else if (dice < 73) {
        world_.desk().handle(Paste{SecretBytes::copy_of(some_text()), chance(5)}, world_.now);
        take("a paste", nullptr, 0, Level::kLook);
    } else if (dice < 78) {
        some_size();
    } else if (dice < 90) {
        some_time();
    } else if (dice < 93) {
        others();
    } else {
        some_answer();
    }
    if (chance(85)) answer_all();  // mostly answers come before the next key
    check_frame();
}

void Monkey::answer_all() {
    while (!waiting_.empty()) some_answer();
}

// Keys one after another, everything answered in between: Enter, Tab and the right arrow as \r, \t and \x12, some text as ~.
void Monkey::tell(std::string_view story) {
    while (world_.desk().top_dialog() != nullptr && chance(90)) press(key(KeyCode::kEscape));
    if (chance(50)) press(any_of(std::array{key(U'g'), key(U'j'), key(U'j'), key(U'G')}));
    for (const char c : story) {
        if (c == '~') {
            type(some_text());
        } else {
            press(c == '\r'     ? key(KeyCode::kEnter)
                  : c == '\t'   ? key(KeyCode::kTab)
                  : c == '\x12' ? key(KeyCode::kRight)
                                : key(static_cast<char32_t>(c)));
        }
        answer_all();
    }
    check_frame();
}

// What somebody does who means it: waits, reads to the end, types what is asked for, and says yes.
void Monkey::confirm() {
    Dialog* top = world_.desk().top_dialog();
    if (top == nullptr) return;
    const Level level = top->level();
    pass(std::chrono::milliseconds(301));
    check_frame();
    if (level == Level::kIrreversible) {
        for (const Key& each : {key(KeyCode::kTab), key(KeyCode::kTab), key(U' '), key(KeyCode::kTab)}) press(each);
    } else {
        press(key(U'G'));
        check_frame();
        if (level == Level::kRisky) press(key(KeyCode::kTab));
    }
    if (level >= Level::kRisky) {
        type(what_is_to_be_typed());
        press(key(KeyCode::kTab));
        check_frame();
    }
    press(level == Level::kLook ? key(KeyCode::kEnter)
                                : key(any_of(level == Level::kReversible ? std::u32string_view(U"y") : U"SCDM")));
}

std::string Monkey::what_is_to_be_typed() {
    static const std::regex kMiddle("characters ([0-9]+)-([0-9]+) of the To address");
    static const std::regex kWord("Type ([A-Z]+) to sign");
    const std::string screen = world_.screen();
    std::smatch found;
    if (std::regex_search(screen, found, kWord)) return found[1];
    if (std::regex_search(screen, found, kMiddle)) {
        const std::size_t first = std::stoul(found[1]);
        for (const std::string_view to : {kFirstAddress, kStranger}) {
            if (screen.find(to) != std::string::npos)
                return std::string(to.substr(first + 1, std::stoul(found[2]) - first + 1));
        }
    }
    return name_of_a_key();
}

// As deletions want it typed.
std::string Monkey::name_of_a_key() {
    const auto keys = world_.engine_of_another_process().list_keys(world_.operator_session(), {});
    if (!keys || keys->empty()) return "";
    const std::string screen = world_.screen();
    const KeyInfo* one = &any_of(*keys);
    for (const KeyInfo& each : *keys) {
        if (screen.find("key " + each.alias.substr(std::min<std::size_t>(6, each.alias.size()))) != std::string::npos &&
            chance(50))
            one = &each;
    }
    return one->alias.starts_with("alias/") ? one->alias.substr(6) : one->id;
}

void Monkey::press(const Key& key) {
    const Dialog* top = world_.desk().top_dialog();
    const std::uint64_t dialog = top != nullptr ? top->id : 0;
    const Level level = top != nullptr ? top->level() : Level::kLook;
    last_key_ = key;
    world_.desk().handle(key, world_.now);
    take(fmt::format("the key {}", name_of(key)), &key, dialog, level);
}

void Monkey::type(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        const DecodedCharacter decoded = decode_character(text, at);
        at += decoded.length;
        press(key(decoded.code));
    }
}

// Mostly what is bound here, so that it gets somewhere; else whatever a keyboard has.
Key Monkey::some_key() {
    static constexpr std::array kNamed{
        KeyCode::kEnter,     KeyCode::kEnter,   KeyCode::kEnter, KeyCode::kTab, KeyCode::kTab,    KeyCode::kEscape,
        KeyCode::kBackspace, KeyCode::kBackTab, KeyCode::kDown,  KeyCode::kUp,  KeyCode::kLeft,   KeyCode::kRight,
        KeyCode::kPageDown,  KeyCode::kPageUp,  KeyCode::kHome,  KeyCode::kEnd, KeyCode::kDelete, KeyCode::kInsert};
    const std::size_t dice = below(100);
    if (dice < 35) return key(any_of(kNamed));
    if (dice < 40) return ctrl(static_cast<char32_t>(U'a' + below(26)));
    if (dice < 50) return key(static_cast<char32_t>(U' ' + below(95)));
    if (dice < 51) return function_key(static_cast<char32_t>(1 + below(12)));
    if (dice < 52) return Key{KeyCode::kAlt, static_cast<char32_t>(U'a' + below(26))};
    Desk& desk = world_.desk();
    Dialog* top = desk.top_dialog();
    if (top != nullptr && dice < 60) return key(any_of(std::u32string_view(U"yYSCDMR nG")));
    View& view = desk.view(desk.screen());
    const Actions& actions = top != nullptr ? top->actions()
                             : dice < 85    ? view.actions()
                             : dice < 90    ? view.moves()
                                            : desk.global_actions();
    if (actions.empty()) return key(KeyCode::kEnter);
    const Action& action = any_of(actions);
    if (action.keys.empty() || (action.name == "quit" && !chance(2))) return key(KeyCode::kTab);
    return any_of(action.keys);
}

std::string Monkey::word_on_the_screen() {
    std::istringstream screen(world_.screen());
    std::vector<std::string> words;
    for (std::string word; screen >> word;) words.push_back(word);
    return words.empty() ? "x" : any_of(words);
}

std::string Monkey::some_text() {
    if (chance(50)) return word_on_the_screen();
    if (chance(20)) return name_of_a_key();
    return any_of(monkey_texts());
}

void Monkey::some_size() {
    size_ = chance(60)   ? Size{24, 80}
            : chance(50) ? Size{16 + static_cast<int>(below(45)), 60 + static_cast<int>(below(141))}
                         : Size{1 + static_cast<int>(below(60)), 1 + static_cast<int>(below(200))};
    world_.desk().resize(size_, world_.now);
    take("a resize", nullptr, 0, Level::kLook);
}

void Monkey::some_time() {
    using std::chrono::milliseconds;
    static constexpr std::array kTimes{milliseconds(0),      milliseconds(29),     milliseconds(299),   milliseconds(301),
                                       milliseconds(301),    milliseconds(301),    milliseconds(1'100), milliseconds(4'100),
                                       milliseconds(61'000), milliseconds(301'000)};
    pass(any_of(kTimes));
}

void Monkey::pass(std::chrono::milliseconds time) {
    world_.now.steady += time;
    world_.clock.advance(time);
    world_.now.wall = world_.clock.now();
    world_.desk().tick(world_.now);
    take("the time", nullptr, 0, Level::kLook);
}

// Another process does something; what comes of it is not ours.
void Monkey::others() {
    Engine& engine = world_.engine_of_another_process();
    const Session session = world_.operator_session();
    const auto keys = engine.list_keys(session, {});
    switch (below(6)) {
        case 0:
            static_cast<void>(engine.add_user(session, fmt::format("other-{}", below(1'000))));
            break;
        case 1:
            static_cast<void>(engine.remove_user(session, fmt::format("user-{:02}", below(70))));
            break;
        case 2:
            static_cast<void>(engine.remove_wallet(session, kFirstAddress));
            break;
        case 3:
            static_cast<void>(engine.restore_wallet(session, kFirstAddress));
            break;
        case 4:
            if (keys && !keys->empty()) static_cast<void>(engine.disable_key(session, any_of(*keys).id));
            break;
        default:
            if (keys && !keys->empty()) static_cast<void>(engine.enable_key(session, any_of(*keys).id));
            break;
    }
    world_.desk().vault_touched(world_.now);
    take("another process", nullptr, 0, Level::kLook);
}

// A worker finishes something, or what one has finished arrives; in any order.
void Monkey::some_answer() {
    if (waiting_.empty()) return;
    const std::size_t which = below(waiting_.size());
    Waiting& one = waiting_[which];
    if (!one.outcome) {
        work(one);
        if (chance(50)) return;
    }
    const std::uint64_t id = one.task.id;
    const Outcome outcome = std::move(*one.outcome);
    const std::string cause = "the answer to: " + one.task.what;
    waiting_.erase(waiting_.begin() + static_cast<std::ptrdiff_t>(which));
    world_.desk().complete(id, outcome, world_.now);
    take(cause, nullptr, 0, Level::kLook);
}

void Monkey::work(Waiting& waiting) {
    if (std::ranges::find(world_.cancelled, waiting.task.id) != world_.cancelled.end() && chance(50))
        waiting.stop.request_stop();
    const std::int64_t before = world_.events();
    waiting.outcome = waiting.task.work(world_.engine(), {waiting.stop.get_token(), [](std::int64_t, std::int64_t) {}});
    const bool wrote = world_.events() != before;
    if (wrote && !waiting.task.in_background) {
        EXPECT_TRUE(waiting.task.writes) << waiting.task.what << " wrote and had not said that it does";
    }
    if (wrote)
        ++done_[waiting.task.what.substr(0, waiting.task.what.find(' ')) + (waiting.task.in_background ? " (unasked)" : "")];
}

// What the desk asks for after an event, judged by what the event was.
void Monkey::take(const std::string& cause, const Key* key, std::uint64_t dialog, Level level) {
    while (true) {
        DeskRequests requests = world_.desk().take_requests();
        for (const std::uint64_t id : requests.cancelled) world_.cancelled.push_back(id);
        for (Task& task : requests.tasks) {
            judge(task, cause, key, dialog, level);
            waiting_.push_back({std::move(task), {}, {}});
        }
        if (!requests.copy) break;
        world_.desk().show_value(*requests.copy, world_.now);
    }
    watch();
}

// Who may write: a key pressed in a dialog, and in a dangerous one not at once, nor the key that opened it.
void Monkey::judge(const Task& task, const std::string& cause, const Key* key, std::uint64_t dialog, Level level) {
    if (!task.writes) return;
    ASSERT_NE(key, nullptr) << "to " << task.what << " was asked for by " << cause;
    ASSERT_NE(dialog, 0U) << "to " << task.what << " was asked for without a dialog, by " << cause;
    static constexpr std::u32string_view kConfirming = U"yCSDMRXPTFAVLOr";
    const bool confirms = key->code == KeyCode::kEnter ||
                          (key->code == KeyCode::kChar && kConfirming.find(key->character) != std::u32string_view::npos);
    EXPECT_TRUE(confirms) << "to " << task.what << " by " << cause;
    if (level == Level::kLook) return;
    EXPECT_NE(key->code, KeyCode::kEnter) << "Enter is Cancel, and it did: " << task.what;
    const auto danger = dangers_.find(dialog);
    ASSERT_NE(danger, dangers_.end());
    EXPECT_GE(world_.now.steady, danger->second.since + Dialog::kGuard) << "too early to " << task.what;
    EXPECT_NE(*key, danger->second.opened_by) << "the opening key did: " << task.what;
}

// Notes since when the dialog in front is as dangerous as it is.
void Monkey::watch() {
    const Dialog* top = world_.desk().top_dialog();
    if (top == nullptr || top->level() == Level::kLook) return;
    const auto [danger, is_new] = dangers_.try_emplace(top->id);
    if (is_new || danger->second.level == Level::kLook) danger->second = {top->level(), last_key_, world_.now.steady};
}

void Monkey::check_frame() {
    const Frame frame = world_.desk().draw(world_.now);
    ASSERT_EQ(frame.size(), size_);
    for (int row = 0; row < size_.rows; ++row) {
        const auto cells = frame.row(row);
        for (std::size_t col = 0; col < cells.size(); ++col) {
            const Cell& cell = cells[col];
            if (cell.width == 2) {
                ASSERT_TRUE(col + 1 < cells.size() && cells[col + 1].width == 0) << row << "," << col;
            }
            if (cell.width == 0) {
                ASSERT_TRUE(col > 0 && cells[col - 1].width == 2) << row << "," << col;
            }
            std::string text;
            for (std::size_t i = 0; i < cell.length; ++i) append_utf8(text, cell.text[i]);
            ASSERT_EQ(safe_text(text, frame.charset()), text) << "a hidden character at " << row << "," << col;
        }
    }
    if (frame.cursor) {
        ASSERT_TRUE(frame.cursor->row >= 0 && frame.cursor->row < size_.rows && frame.cursor->col >= 0 &&
                    frame.cursor->col < size_.cols)
            << frame.cursor->row << "," << frame.cursor->col << " of " << size_.rows << "x" << size_.cols;
    }
    Desk& desk = world_.desk();
    View& view = desk.view(desk.screen());
    const std::array<std::span<const Action>, 3> tables{view.actions(), view.moves(), desk.global_actions()};
    EXPECT_EQ(conflicts(tables), std::vector<std::string>{});
    if (Dialog* top = desk.top_dialog()) {
        const std::array<std::span<const Action>, 1> own{top->actions()};
        EXPECT_EQ(conflicts(own), std::vector<std::string>{});
    }
}

TEST(Monkey, WritesNothingWithoutACompletedConfirmation) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(setting("KEYDECK_MONKEY_SECONDS", 60));
    std::map<std::string, int> done;
    std::uint64_t seed = setting("KEYDECK_MONKEY_SEED", 1);
    const std::uint64_t first = seed;
    do {
        Monkey monkey(seed++);
        monkey.run();
        for (const auto& [what, times] : monkey.done()) done[what] += times;
    } while (std::chrono::steady_clock::now() < until && !HasFailure());
    std::cout << fmt::format("seeds {} to {}, {} steps each at most; done:", first, seed - 1, kStepsInAWorld);
    for (const auto& [what, times] : done) std::cout << fmt::format(" {} {},", times, what);
    std::cout << "\n";
    if (seed - first >= 4) {
        for (const char* what : {"create", "disable", "lock", "sign"})
            EXPECT_GT(done[what], 0) << "it confirms things too, or it proves nothing";
    }
}

}  // namespace
}  // namespace keydeck::ui
