// A desk with a real engine on a temporary vault, driven key by key. The test is the loop: tasks run when it says so, time
// stands still until it is moved.
#pragma once

#include <chrono>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.hpp"
#include "tests/support/temporary_directory.hpp"
#include "ui/desk.hpp"
#include "ui/keymap_check.hpp"

namespace keydeck::ui {

struct HarnessOptions {
    std::string passphrase{};  ///< empty: a key file
    bool read_only = false;
    Session session = Session::of_operator("tui");
    Charset charset = Charset::kUnicode;
    Size size{24, 80};
    ScreenId start = ScreenId::kUsers;
    std::vector<KeyBinding> keymap{};
    bool start_was_asked_for = false;
    std::optional<Remembered> remembered{};
    std::shared_ptr<const RowWriters> writers{};
    bool is_demo = false;
    bool tour = false;
};

class Harness {
public:
    explicit Harness(HarnessOptions options = {});
    ~Harness();

    /// Presses keys: characters stand for themselves, <Enter> <Esc> <Tab> <S-Tab> <BS> <Up> <Down> <PgDn> <PgUp> <Home>
    /// <End> <C-x> <F1> <Space> <Left> <Right> for the others. After each key everything it asked for is done; nothing is
    /// drawn in between.
    void press(std::string_view keys);
    void paste(std::string_view text);
    /// Lets a dialog's guard pass, and everything that was to happen meanwhile.
    void wait(std::chrono::milliseconds time = std::chrono::milliseconds(301));
    void resize(Size size);
    /// What another process's commit would cause.
    void touch();

    /// The screen as text.
    std::string screen();
    std::string row(int row);
    bool shows(std::string_view text);

    /// Runs what the desk asked for. With `hold` set, tasks stay unrun in `held` instead.
    void settle();
    void run_held();

    Engine& engine() { return *engine_; }
    Engine& engine_of_another_process() { return *other_; }
    Session operator_session() const { return Session::of_operator("test"); }

    Desk& desk() { return *desk_; }
    Now now;
    ManualClock clock;
    bool hold = false;
    std::stop_source stop_tasks;
    bool draws = true;  ///< what asks nothing any more is drawn; where it is heard instead, it is not
    std::vector<Task> held;
    std::vector<std::uint64_t> cancelled;
    std::vector<Copy> copied;
    std::vector<Theme> themes;       ///< that the terminal was told
    std::optional<Reading> reading;  ///< how one who hears a dialog wants to go on
    bool flushed = false;
    bool suspended = false;

    /// How many events the audit log has: what every write leaves behind.
    std::int64_t events();
    /// Where the vault's files are.
    [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

private:
    void run(Task& task);

    testing_support::TemporaryDirectory base_;
    std::filesystem::path directory_;
    std::unique_ptr<Engine> engine_;
    std::unique_ptr<Engine> other_;
    std::unique_ptr<Desk> desk_;
};

/// Imports a wallet whose address is known: private keys 0x…01, 0x…02, as in every Ethereum test.
Wallet import_known(Engine& engine, std::string_view user, int number, std::string_view label = {});
inline constexpr std::string_view kFirstAddress = "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf";  // of the private key 1

}  // namespace keydeck::ui
