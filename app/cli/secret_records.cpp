#include "app/cli/secret_records.hpp"

#include "app/cli/json_object.hpp"

namespace keydeck::cli {
namespace {

std::string key_of(const SecretVersion& version) { return version.key_alias.empty() ? version.key_id : version.key_alias; }

std::string context_json(const SecretVersion& version) {
    JsonObject json;
    for (const auto& [name, value] : version.context) json.text(name, value);
    return json.finish();
}

std::string owner_of(const SecretInfo& secret) { return secret.owner.empty() ? "the vault" : secret.owner; }

}  // namespace

std::string to_json(const SecretInfo& secret) {
    return JsonObject()
        .number("id", secret.id)
        .text("name", secret.name)
        .text_or_null("user", secret.owner)
        .text("environment", secret.environment)
        .number("version", secret.newest.version)
        .number("size", secret.newest.size)
        .text("key_id", secret.newest.key_id)
        .text_or_null("key_alias", secret.newest.key_alias)
        .number("key_version", secret.newest.key_version)
        .boolean("has_data_key", secret.newest.has_data_key)
        .raw("context", context_json(secret.newest))
        .time("created_at", secret.created_at)
        .time("updated_at", secret.newest.created_at)
        .time("removed_at", secret.removed_at)
        .finish();
}

std::string to_json(const SecretVersion& version) {
    return JsonObject()
        .number("version", version.version)
        .number("size", version.size)
        .text("key_id", version.key_id)
        .text_or_null("key_alias", version.key_alias)
        .number("key_version", version.key_version)
        .boolean("has_data_key", version.has_data_key)
        .raw("context", context_json(version))
        .time("created_at", version.created_at)
        .finish();
}

void show(Output& out, const SecretInfo& secret) {
    if (out.json()) return out.line(to_json(secret));
    std::string context;
    for (const auto& [name, value] : secret.newest.context) {
        context.append(context.empty() ? "" : ", ").append(name).append("=").append(value);
    }
    write_details(out, {{"Secret", secret.name},
                        {"Owner", owner_of(secret)},
                        {"Environment", secret.environment},
                        {"Version", std::to_string(secret.newest.version)},
                        {"Size", std::to_string(secret.newest.size) + " bytes"},
                        {"Key", key_of(secret.newest)},
                        {"Context", context},
                        {"Changed", shown_time(secret.newest.created_at)},
                        {"Removed", shown_time(secret.removed_at)}});
}

template <>
List<SecretInfo>::List(Output& out)
    : out_(out),
      table_(
          out,
          {{"ID", true}, {"SECRET"}, {"ENVIRONMENT"}, {"OWNER"}, {"VERSION", true}, {"BYTES", true}, {"KEY"}, {"CHANGED"}}) {
}

template <>
void List<SecretInfo>::add(const SecretInfo& secret) {
    if (out_.json()) return out_.line(to_json(secret));
    table_.row({std::to_string(secret.id), secret.name, secret.environment, owner_of(secret),
                std::to_string(secret.newest.version), std::to_string(secret.newest.size), key_of(secret.newest),
                shown_time(secret.newest.created_at)});
}

template <>
void List<SecretInfo>::finish() {
    if (!out_.json()) table_.finish("No secrets.");
}

template <>
List<SecretVersion>::List(Output& out)
    : out_(out), table_(out, {{"VERSION", true}, {"BYTES", true}, {"KEY"}, {"KEY VERSION", true}, {"CREATED"}}) {}

template <>
void List<SecretVersion>::add(const SecretVersion& version) {
    if (out_.json()) return out_.line(to_json(version));
    table_.row({std::to_string(version.version), std::to_string(version.size), key_of(version),
                std::to_string(version.key_version), shown_time(version.created_at)});
}

template <>
void List<SecretVersion>::finish() {
    if (!out_.json()) table_.finish("No versions.");
}

}  // namespace keydeck::cli
