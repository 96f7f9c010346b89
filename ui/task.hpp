// Work for the engine, as a value: a view asks for it, a worker thread does it, its outcome comes back to the screen's
// thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "engine/engine.hpp"
#include "engine/error.hpp"
#include "engine/kms_calls.hpp"

namespace keydeck::ui {

struct Scene;
struct Effects;

/// Which threads do it: those that only read the database, or those that may wait for a KMS.
enum class Lane : std::uint8_t { kData, kKms, kJobs };

/// What a task sees of the program that wants it. `progress` may be called from the worker at any time.
struct TaskContext {
    std::stop_token stop;
    std::function<void(std::int64_t done, std::int64_t total)> progress;
};

/// Applied on the screen's thread, and only if whoever asked is still there.
using Deliver = std::function<void(const Scene&, Effects&)>;

struct Outcome {
    Deliver deliver;
    std::optional<Error> error;                  ///< of the verb, if it failed
    std::optional<FailedKmsCall> failed_call{};  ///< where that is why
};

/// The one place where an Engine& exists in the user interface: inside a running task.
using Work = std::function<Outcome(Engine&, const TaskContext&)>;

struct Task {
    std::string what;  ///< "sign a message with 0x454aCb…4F7956"
    Lane lane = Lane::kData;
    bool writes = false;  ///< leaving now might lose it: quitting asks first
    Work work;
    bool outlives_dialog = false;  ///< its outcome is wanted also when the dialog that asked has closed
    bool in_background = false;    ///< nobody waits for it: a locked vault is no reason to ask for the passphrase
    std::string when_quitting;     ///< what becomes of it then, where that is harmless: "pauses where it stands"
    std::uint64_t owner = 0;       ///< the dialog that asked; 0: a view. Filled in by the desk where it is 0
    std::uint64_t id = 0;          ///< filled in by the desk
};

/// A task from two functions: `verb(Engine&, TaskContext const&) -> Result<T>` on a worker, then
/// `done(Result<T> const&, Scene const&, Effects&)` on the screen's thread. Both are copied when the task is tried again.
template <class Verb, class Done>
[[nodiscard]] Task make_task(std::string what, Lane lane, bool writes, Verb verb, Done done) {
    Task task;
    task.what = std::move(what);
    task.lane = lane;
    task.writes = writes;
    task.work = [verb = std::move(verb), done = std::move(done)](Engine& engine, const TaskContext& context) {
        const KmsCalls calls(context.stop);
        auto result = verb(engine, context);
        Outcome outcome;
        if (!result) {
            outcome.error = result.error();
            outcome.failed_call = calls.cause_of(result.error());
        }
        outcome.deliver = [result = std::move(result), done](const Scene& scene, Effects& effects) {
            done(result, scene, effects);
        };
        return outcome;
    };
    return task;
}

template <class Verb, class Done>
[[nodiscard]] Task data_task(std::string what, Verb verb, Done done) {
    return make_task(std::move(what), Lane::kData, false, std::move(verb), std::move(done));
}

}  // namespace keydeck::ui
