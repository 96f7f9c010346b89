#include "harness.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <clocale>
#include <map>

namespace keydeck::ui {
namespace {

// 2026-09-28T12:04:05Z
constexpr std::int64_t kStart = 1'790'597'045'000'000;

// wcwidth needs to know that text is UTF-8.
const bool locale_set = std::setlocale(LC_CTYPE, "C.UTF-8") != nullptr;

Key key_pressed(std::string_view name) {
    static const std::map<std::string_view, Key> kNames{
        {"Enter", key(KeyCode::kEnter)},   {"Esc", key(KeyCode::kEscape)},    {"Tab", key(KeyCode::kTab)},
        {"S-Tab", key(KeyCode::kBackTab)}, {"BS", key(KeyCode::kBackspace)},  {"Up", key(KeyCode::kUp)},
        {"Down", key(KeyCode::kDown)},     {"PgDn", key(KeyCode::kPageDown)}, {"PgUp", key(KeyCode::kPageUp)},
        {"Home", key(KeyCode::kHome)},     {"End", key(KeyCode::kEnd)},       {"Space", key(U' ')},
        {"Left", key(KeyCode::kLeft)},     {"Right", key(KeyCode::kRight)},   {"F1", function_key(1)},
        {"F2", function_key(2)},           {"F6", function_key(6)},           {"lt", key(U'<')},
    };
    if (name.starts_with("C-")) return ctrl(static_cast<char32_t>(name[2]));
    return kNames.at(name);
}

}  // namespace

Harness::Harness(HarnessOptions options) : clock(from_micros(kStart)), directory_(base_.path() / "vault") {
    EXPECT_TRUE(locale_set);
    VaultCreation creation;
    creation.directory = directory_;
    creation.scrypt_n = 16;
    creation.is_demo = options.is_demo;
    if (options.passphrase.empty()) {
        creation.key_file = base_.path() / "vault.key";
    } else {
        creation.passphrase = SecretBytes::copy_of(options.passphrase);
    }
    const Status created = Engine::create_vault(creation);
    EXPECT_TRUE(created) << created.error().message;
    EngineOptions opening;
    opening.directory = directory_;
    opening.clock = &clock;
    opening.pool_size = 1;
    auto writer = Engine::open(opening);
    EXPECT_TRUE(writer) << writer.error().message;
    other_ = std::move(*writer);
    opening.read_only = options.read_only;
    auto opened = Engine::open(opening);
    EXPECT_TRUE(opened) << opened.error().message;
    engine_ = std::move(*opened);
    now = {SteadyTime(std::chrono::hours(1)), clock.now()};
    DeskOptions desk{.session = options.session,
                     .environment = "TEST",
                     .read_only = options.read_only,
                     .charset = options.charset,
                     .start = options.start};
    ReadKeymap keymap = read_keymap(options.keymap);
    EXPECT_EQ(keymap.problems, std::vector<UiProblem>{});
    desk.keymap = std::move(keymap.keymap);
    desk.start_was_asked_for = options.start_was_asked_for;
    desk.remembered = options.remembered;
    desk.writers = options.writers;
    desk.tour = options.tour;
    desk_ = std::make_unique<Desk>(std::move(desk));
    desk_->start(options.size, now);
    settle();
}

Harness::~Harness() {
    desk_.reset();
    engine_.reset();
    other_.reset();
}

void Harness::run(Task& task) {
    const TaskContext context{stop_tasks.get_token(), [](std::int64_t, std::int64_t) {}};
    const Outcome outcome = task.work(*engine_, context);
    desk_->complete(task.id, outcome, now);
}

void Harness::settle() {
    for (int round = 0; round < 1000; ++round) {
        DeskRequests requests = desk_->take_requests();
        if (requests.copy) copied.push_back(*requests.copy);
        if (requests.theme) themes.push_back(*requests.theme);
        if (requests.reading) reading = requests.reading;
        flushed = flushed || requests.flush_input;
        suspended = suspended || requests.suspend;
        cancelled.insert(cancelled.end(), requests.cancelled.begin(), requests.cancelled.end());
        if (requests.tasks.empty()) {
            if (draws) static_cast<void>(desk_->draw(now));  // a dialog knows what was in sight only when it has been drawn
            return;
        }
        for (Task& task : requests.tasks) {
            if (hold) {
                held.push_back(std::move(task));
            } else {
                run(task);
            }
        }
    }
    FAIL() << "the desk asks for tasks without end";
}

void Harness::run_held() {
    hold = false;
    for (Task& task : std::exchange(held, {})) run(task);
    settle();
}

void Harness::press(std::string_view keys) {
    while (!keys.empty()) {
        std::size_t length = 1;
        Key pressed;
        if (keys.front() == '<') {
            length = keys.find('>') + 1;
            pressed = key_pressed(keys.substr(1, length - 2));
        } else {
            const DecodedCharacter decoded = decode_character(keys, 0);
            length = decoded.length;
            pressed = key(decoded.code);
        }
        keys.remove_prefix(length);
        desk_->handle(pressed, now);
        settle();
    }
}

void Harness::paste(std::string_view text) {
    desk_->handle(Paste{SecretBytes::copy_of(text), false}, now);
    settle();
}

void Harness::wait(std::chrono::milliseconds time) {
    now.steady += time;
    clock.advance(time);
    now.wall = clock.now();
    desk_->tick(now);
    settle();
}

void Harness::resize(Size size) {
    desk_->resize(size, now);
    settle();
}

void Harness::touch() {
    desk_->vault_touched(now);
    settle();
    wait(Desk::kCheckEvery);
}

std::string Harness::screen() { return desk_->draw(now).text(); }
std::string Harness::row(int row) { return desk_->draw(now).row_text(row); }
bool Harness::shows(std::string_view text) { return screen().find(text) != std::string::npos; }

std::int64_t Harness::events() {
    AuditQuery query;
    query.newest_first = true;
    query.page.limit = 1;
    const auto newest = other_->list_audit(operator_session(), query);
    EXPECT_TRUE(newest) << newest.error().message;
    return newest && !newest->empty() ? newest->front().id : 0;
}

Wallet import_known(Engine& engine, std::string_view user, int number, std::string_view label) {
    ImportWallet import;
    import.user = user;
    import.label = label;
    import.private_key = SecretBytes::copy_of(fmt::format("{:064x}", number));
    auto wallet = engine.import_wallet(Session::of_operator("test"), std::move(import));
    EXPECT_TRUE(wallet) << wallet.error().message;
    return wallet ? *wallet : Wallet{};
}

}  // namespace keydeck::ui
