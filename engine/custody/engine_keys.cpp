// The engine's verbs on KMS keys and the pool.
#include "engine/custody/key_pool.hpp"
#include "engine/custody/key_rotation.hpp"
#include "engine/custody/keys.hpp"
#include "engine/custody/open_vault.hpp"
#include "engine/engine.hpp"

namespace keydeck {

Result<KeyInfo> Engine::create_key(const Session& session, const CreateKey& request) {
    return custody::create_key(*vault_, session, request);
}
Result<std::vector<KeyInfo>> Engine::list_keys(const Session& session, const KeyQuery& query, const Progress& progress) {
    return custody::list_keys(*vault_, session, query, progress);
}
Result<KeyInfo> Engine::key(const Session& session, std::string_view key) {
    return custody::show_key(*vault_, session, key);
}
Result<KeyInfo> Engine::alias_key(const Session& session, std::string_view key, std::string_view alias) {
    return custody::alias_key(*vault_, session, key, alias);
}
Result<KeyInfo> Engine::tag_key(const Session& session, std::string_view key, std::string_view tag, std::string_view value) {
    return custody::tag_key(*vault_, session, key, tag, value);
}
Result<KeyInfo> Engine::enable_key(const Session& session, std::string_view key) {
    return custody::enable_key(*vault_, session, key);
}
Result<KeyInfo> Engine::disable_key(const Session& session, std::string_view key) {
    return custody::disable_key(*vault_, session, key);
}
Result<KeyInfo> Engine::rotate_key(const Session& session, std::string_view key) {
    return custody::rotate_key(*vault_, session, key);
}
Result<KeyInfo> Engine::set_key_rotation(const Session& session, std::string_view key, int period_days) {
    return custody::set_key_rotation(*vault_, session, key, period_days);
}
Result<DeletionImpact> Engine::deletion_impact(const Session& session, std::string_view key) {
    return custody::deletion_impact(*vault_, session, key);
}
Result<KeyInfo> Engine::schedule_key_deletion(const Session& session, std::string_view key, int days,
                                              std::int64_t acknowledge) {
    return custody::schedule_key_deletion(*vault_, session, key, days, acknowledge);
}
Result<KeyInfo> Engine::cancel_key_deletion(const Session& session, std::string_view key) {
    return custody::cancel_key_deletion(*vault_, session, key);
}

Result<PoolStatus> Engine::init_pool(const Session& session, int size, std::string_view alias_prefix) {
    return custody::init_pool(*vault_, session, size, alias_prefix);
}
Result<PoolStatus> Engine::pool_status(const Session& session) { return custody::pool_status(*vault_, session); }
Result<PoolStatus> Engine::add_pool_keys(const Session& session, int count) {
    return custody::add_pool_keys(*vault_, session, count);
}

}  // namespace keydeck
