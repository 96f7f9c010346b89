// The engine's verbs on secrets.
#include "engine/custody/open_vault.hpp"
#include "engine/custody/secrets/secrets.hpp"
#include "engine/engine.hpp"

namespace keydeck {

Result<SecretInfo> Engine::put_secret(const Session& session, const PutSecret& request, const SecretBytes& value) {
    return custody::put_secret(*vault_, session, request, value);
}
Result<SecretValue> Engine::get_secret(const Session& session, const SecretName& name, std::int64_t version) {
    return custody::get_secret(*vault_, session, name, version);
}
Result<std::vector<SecretInfo>> Engine::list_secrets(const Session& session, const SecretQuery& query) {
    return custody::list_secrets(*vault_, session, query);
}
Result<std::vector<SecretVersion>> Engine::secret_versions(const Session& session, const SecretName& name) {
    return custody::secret_versions(*vault_, session, name);
}
Result<SecretInfo> Engine::remove_secret(const Session& session, const SecretName& name) {
    return custody::remove_secret(*vault_, session, name);
}
Result<SecretInfo> Engine::restore_secret(const Session& session, const SecretName& name) {
    return custody::restore_secret(*vault_, session, name);
}
Status Engine::destroy_secret(const Session& session, const SecretName& name, std::int64_t acknowledge) {
    return custody::destroy_secret(*vault_, session, name, acknowledge);
}

}  // namespace keydeck
