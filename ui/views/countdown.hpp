// When keys that are pending deletion end: asked of the KMS once a key, by the screens that show what depends on them.
#pragma once

#include <fmt/format.h>

#include <chrono>
#include <map>
#include <optional>
#include <string>

#include "engine/engine.hpp"
#include "ui/effects.hpp"
#include "ui/format.hpp"
#include "ui/scene.hpp"

namespace keydeck::ui {

class Countdowns {
public:
    /// Asks for the date of a key, unless it was asked for or nobody here may know. Its answer is drawn when it comes.
    void want(const std::string& key_id, const Scene& scene, Effects& effects) {
        if (!scene.session.is_operator() || !due(key_id, scene.now.steady)) return;
        Task task = make_task(
            "read when a key ends", Lane::kKms, false,
            [key_id, session = scene.session](Engine& engine, const TaskContext&) { return engine.key(session, key_id); },
            [this, key_id](const Result<KeyInfo>& key, const Scene&, Effects&) {
                if (key && key->deletion_date) {
                    dates_[key_id] = *key->deletion_date;
                } else {
                    dates_.erase(key_id);
                }
            });
        task.in_background = true;
        effects.tasks.push_back(std::move(task));
    }
    /// The vault has changed: ask again when it is shown again. What is known stays in sight until then.
    void spoil() { spoiled_ = true; }

    /// "deleted in 6 d 4 h", or "pending deletion" while its date is not known.
    [[nodiscard]] std::string text(const std::string& key_id, Timestamp now) const {
        const auto found = dates_.find(key_id);
        return found == dates_.end() ? "pending deletion" : "deleted " + time_until(found->second, now);
    }

private:
    // However often the vault changes, a KMS is asked about the same key every ten seconds at most.
    static constexpr std::chrono::seconds kAskEvery{10};

    bool due(const std::string& key_id, SteadyTime now) {
        const auto found = asked_.find(key_id);
        if (found != asked_.end() && (!spoiled_ || now - found->second < kAskEvery)) return false;
        asked_[key_id] = now;
        spoiled_ = false;
        return true;
    }

    std::map<std::string, SteadyTime> asked_;
    bool spoiled_ = false;
    std::map<std::string, Timestamp> dates_;
};

}  // namespace keydeck::ui
