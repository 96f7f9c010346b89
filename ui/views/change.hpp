// Tasks that change the vault: what they say when it worked and when it did not is the same everywhere.
#pragma once

#include <fmt/format.h>

#include <functional>
#include <string>
#include <utility>

#include "ui/effects.hpp"
#include "ui/scene.hpp"
#include "ui/widgets/error_dialog.hpp"
#include "ui/widgets/text_dialogs.hpp"

namespace keydeck::ui {

/// The words around a change.
struct ChangeWords {
    std::string what;      ///< "disable key pool-05"
    std::string failed;    ///< "The key was not disabled": the title of the error
    std::string not_done;  ///< "The key is as it was."
};

/// Whether trying the same again may help.
[[nodiscard]] inline bool is_worth_retrying(ErrorCode code) {
    return code == ErrorCode::kThrottled || code == ErrorCode::kUnavailable || code == ErrorCode::kLocked;
}

/// After an error that says nothing about whether the other side did it.
[[nodiscard]] inline std::string outcome_of(const ChangeWords& words, const Error& error) {
    if (error.code != ErrorCode::kUnavailable && error.code != ErrorCode::kInternal) return words.not_done;
    return words.not_done + " (As far as is known here: look before trying again.)";
}

/// `verb(Engine&, TaskContext const&) -> Result<T>`; `done(T const&, Scene const&, Effects&)` when it worked. A failure is
/// reported in a dialog, with a key to try again where that makes sense.
template <class Verb, class Done>
[[nodiscard]] Task change_task(const ChangeWords& words, const Verb& verb, const Done& done) {
    const auto finish = [words, verb, done](const auto& result, const Scene& scene, Effects& effects) {
        effects.refresh = true;
        if (result) return done(result, scene, effects);
        Retry retry;
        if (is_worth_retrying(result.error().code)) {
            retry = [words, verb, done](const Scene&, Effects& again) {
                again.tasks.push_back(change_task(words, verb, done));
            };
        }
        report_error({words.failed, outcome_of(words, result.error()), words.what, result.error()}, std::move(retry), scene,
                     effects);
    };
    Task task = make_task(words.what, Lane::kKms, true, verb, finish);
    task.outlives_dialog = true;
    return task;
}

}  // namespace keydeck::ui
