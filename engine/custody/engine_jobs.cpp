// The engine's verbs on jobs, and those that begin one.
#include "engine/custody/bulk.hpp"
#include "engine/custody/jobs.hpp"
#include "engine/custody/open_vault.hpp"
#include "engine/custody/retire.hpp"
#include "engine/custody/rewrap.hpp"
#include "engine/engine.hpp"

namespace keydeck {

Result<JobInfo> Engine::rewrap(const Session& session, const Rewrap& request, const Progress& progress) {
    return custody::rewrap(*vault_, session, request, progress);
}
Result<KeyInfo> Engine::retire_pool_key(const Session& session, std::string_view key, const Progress& progress) {
    return custody::retire_pool_key(*vault_, session, key, progress);
}

Result<BulkRun> Engine::start_bulk(const Session& session, BulkAction action, std::span<const std::string> items,
                                   const Progress& progress) {
    return custody::start_bulk(*vault_, session, action, items, progress);
}

Result<BulkRun> Engine::resume_bulk(const Session& session, std::int64_t id, const Progress& progress) {
    return custody::resume_bulk(*vault_, session, id, progress);
}
Result<BulkRun> Engine::retry_bulk(const Session& session, std::int64_t id, const Progress& progress) {
    return custody::retry_bulk(*vault_, session, id, progress);
}
Result<std::vector<std::string>> Engine::bulk_items(const Session& session, std::int64_t id) {
    return custody::bulk_items(*vault_, session, id);
}

Result<std::vector<JobInfo>> Engine::list_jobs(const Session& session, std::int64_t before, std::int64_t limit) {
    return custody::list_jobs(*vault_, session, before, limit);
}
Result<JobInfo> Engine::job(const Session& session, std::int64_t id) { return custody::show_job(*vault_, session, id); }
Result<std::vector<JobFailure>> Engine::job_failures(const Session& session, std::int64_t id, std::int64_t limit) {
    return custody::job_failures(*vault_, session, id, limit);
}
Result<JobInfo> Engine::pause_job(const Session& session, std::int64_t id) {
    return custody::pause_job(*vault_, session, id);
}
Result<JobInfo> Engine::cancel_job(const Session& session, std::int64_t id) {
    return custody::cancel_job(*vault_, session, id);
}
Result<JobInfo> Engine::resume_job(const Session& session, std::int64_t id, const Progress& progress) {
    return custody::resume_job(*vault_, session, id, progress);
}

}  // namespace keydeck
