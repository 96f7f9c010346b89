// The engine's verbs on alerts.
#include "engine/custody/alerts.hpp"
#include "engine/engine.hpp"

namespace keydeck {

Result<std::vector<Alert>> Engine::check_alerts(const Session& session, bool write) {
    return custody::check_alerts(*vault_, session, write);
}
Result<std::vector<Alert>> Engine::list_alerts(const Session& session, bool cleared) {
    return custody::list_alerts(*vault_, session, cleared);
}
Result<Alert> Engine::acknowledge_alert(const Session& session, std::int64_t id) {
    return custody::acknowledge_alert(*vault_, session, id);
}
Result<Alert> Engine::silence_alert(const Session& session, std::int64_t id, std::chrono::seconds time) {
    return custody::silence_alert(*vault_, session, id, time);
}

}  // namespace keydeck
