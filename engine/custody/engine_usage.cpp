// The engine's verbs on usage and cost.
#include "engine/custody/usage.hpp"
#include "engine/engine.hpp"
#include "engine/oversight/cost.hpp"

namespace keydeck {

Result<std::vector<Metric>> Engine::metrics(const Session& session, const MetricsQuery& query) {
    return custody::metrics(*vault_, session, query);
}
Result<std::string> Engine::metrics_text(const Session& session) { return custody::metrics_text(*vault_, session); }
Result<CostReport> Engine::cost(const Session& session) { return custody::cost(*vault_, session); }
std::vector<CostEstimate> Engine::estimate_cost(const CostQuestion& question, const Prices& prices) {
    return oversight::estimate_cost(question, prices);
}

}  // namespace keydeck
