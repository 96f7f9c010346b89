#include "engine/custody/kms_service.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <span>
#include <utility>

#include "engine/custody/access.hpp"
#include "engine/custody/audit_trail.hpp"
#include "engine/custody/migration/dependants.hpp"
#include "engine/kms/kms_error.hpp"
#include "engine/kms/server/server.hpp"
#include "engine/oversight/detail.hpp"
#include "engine/oversight/metered_kms.hpp"
#include "engine/store/keys.hpp"

namespace keydeck {

KmsService::KmsService(std::unique_ptr<kms::server::Server> server) : server_(std::move(server)) {}
KmsService::~KmsService() = default;
std::uint16_t KmsService::port() const { return server_->port(); }
std::string KmsService::url() const { return server_->url(); }
void KmsService::stop() { server_->stop(); }

Result<NewAccessKey> Engine::create_access_key(const Session& session, bool with_session_token) {
    return custody::create_access_key(*vault_, session, with_session_token);
}
Result<std::vector<AccessKeyInfo>> Engine::list_access_keys(const Session& session) {
    return custody::list_access_keys(*vault_, session);
}
Status Engine::remove_access_key(const Session& session, std::string_view id) {
    return custody::remove_access_key(*vault_, session, id);
}
Result<std::unique_ptr<KmsService>> Engine::serve_kms(const Session& session, const KmsServing& serving) {
    return custody::serve_kms(*vault_, session, serving);
}

namespace custody {
namespace {

const SystemClock kSystemClock;

/// The embedded KMS, opened, for the operator. Errors: denied, locked; rejected where the vault's keys are elsewhere.
Result<kms::LocalKms*> local_kms(OpenVault& vault, const Session& session, std::string_view what) {
    if (Status allowed = require_operator(session, what); !allowed) return fail(allowed);
    if (vault.local_kms() == nullptr) {
        return fail(ErrorCode::kRejected, "This vault's keys are not in the embedded KMS: there is nothing to serve.");
    }
    if (Status writable = vault.require_writable(); !writable) return fail(writable);
    if (Result<kms::Kms*> opened = vault.unlocked_kms(); !opened) return fail(opened);
    return vault.local_kms();
}

/// Refuses to destroy, at an access key's word, what wallets of this vault depend on: here nobody is asked for their number.
Status refuse_destruction(OpenVault& vault, const kms::server::ServedChange& change) {
    if (change.operation != "ScheduleKeyDeletion" && change.operation != "DeleteImportedKeyMaterial") return {};
    return ask_store(vault, [&](sqlite::Database& database) -> Status {
        const auto key = store::find_key(database, change.key_id);
        if (!key) return fail(key);
        if (!*key) return {};
        const auto databases = migration::migrated_to(database, (*key)->key_id);
        if (!databases) return fail(databases);
        std::int64_t values = 0;
        for (const MigratedDatabase& each : *databases) values += each.values;
        if ((*key)->wallets + (*key)->secrets + values == 0) return {};
        return kms::kms_fail("AccessDeniedException",
                             fmt::format("{} wallets and {} secrets of the vault and {} migrated values depend on {}: only "
                                         "`keydeck key schedule-deletion`, which asks for that number, may do this.",
                                         (*key)->wallets, (*key)->secrets, values, (*key)->arn));
    });
}

/// What an access key changed, or tried to.
Status record_change(OpenVault& vault, const kms::server::ServedChange& change, const Status& done) {
    constexpr std::size_t kLongestArn = 256;  // what a request calls a key may be anything
    const std::string_view key = change.key_id.substr(0, kLongestArn);
    AuditEvent event = event_of(vault, Session::of_operator("kms"), change.operation, key);
    event.actor = change.access_key_id;
    event.key_id = key;
    if (!done) {
        event.result = to_string(done.error().code);
        event.detail = oversight::Detail().text("kms_error", done.error().kms_error).done();
    }
    return vault.write({}, std::span(&event, 1));
}

/// Appends the event of what has just been done.
Status record(OpenVault& vault, AuditEvent& event) { return vault.write({}, std::span(&event, 1)); }

}  // namespace

Result<NewAccessKey> create_access_key(OpenVault& vault, const Session& session, bool with_session_token) {
    AuditEvent event = event_of(vault, session, "CreateAccessKey", "");
    return audited(vault, event, [&]() -> Result<NewAccessKey> {
        const Result<kms::LocalKms*> local = local_kms(vault, session, "make access keys");
        if (!local) return fail(local);
        if (Status sound = vault.check_audit_head(); !sound) return fail(sound);
        Result<kms::AccessKey> made = (*local)->create_access_key(with_session_token);
        if (!made) return fail(made);
        event.target = made->id;
        event.detail = oversight::Detail().text("session_token", with_session_token ? "yes" : "no").done();
        if (Status written = record(vault, event); !written) {
            (void)(*local)->remove_access_key(made->id).has_value();
            return fail(written);
        }
        return NewAccessKey{std::move(made->id), std::move(made->secret), std::move(made->session_token)};
    });
}

Result<std::vector<AccessKeyInfo>> list_access_keys(OpenVault& vault, const Session& session) {
    if (Status allowed = require_operator(session, "list access keys"); !allowed) return fail(allowed);
    kms::LocalKms* local = vault.local_kms();
    if (local == nullptr) return std::vector<AccessKeyInfo>();
    const Result<std::vector<kms::AccessKeyEntry>> entries = local->list_access_keys();
    if (!entries) return fail(entries);
    std::vector<AccessKeyInfo> out;
    for (const kms::AccessKeyEntry& entry : *entries) out.push_back({entry.id, entry.created_at, entry.has_session_token});
    return out;
}

Status remove_access_key(OpenVault& vault, const Session& session, std::string_view id) {
    AuditEvent event = event_of(vault, session, "RemoveAccessKey", id);
    return audited(vault, event, [&]() -> Status {
        const Result<kms::LocalKms*> local = local_kms(vault, session, "remove access keys");
        if (!local) return fail(local);
        if (Status sound = vault.check_audit_head(); !sound) return sound;
        if (Status removed = (*local)->remove_access_key(id); !removed) return removed;
        return record(vault, event);
    });
}

Result<std::unique_ptr<KmsService>> serve_kms(OpenVault& vault, const Session& session, const KmsServing& serving) {
    AuditEvent event = event_of(vault, session, "ServeKms", serving.address);
    return audited(vault, event, [&]() -> Result<std::unique_ptr<KmsService>> {
        const Result<kms::LocalKms*> local = local_kms(vault, session, "serve the KMS");
        if (!local) return fail(local);
        const Clock& clock = vault.options().clock != nullptr ? *vault.options().clock : kSystemClock;
        kms::server::ServerOptions options;
        options.address = serving.address;
        options.port = serving.port;
        options.allow_remote = serving.allow_remote;
        options.tls_certificate = serving.tls_certificate;
        options.tls_key = serving.tls_key;
        options.note_fault = serving.note_fault;
        options.guard.before = [&vault](const auto& change) -> Status {
            Status allowed = refuse_destruction(vault, change);
            if (allowed) return {};
            if (Status noted = record_change(vault, change, allowed); !noted) return noted;
            return allowed;
        };
        options.guard.after = [&vault](const auto& change, const Status& done) {
            return record_change(vault, change, done);
        };
        options.note_call = [&vault](const kms::server::ServedCall& call) {
            vault.usage().record({oversight::key_id_of(call.key_id), call.operation, call.error, call.latency});
        };
        options.keep_house = [&vault, tell = serving.note_fault] {
            if (const Status written = vault.write_usage(); !written && tell) tell(written.error().message);
        };
        auto server = kms::server::Server::start(**local, clock, vault.random(), options);
        if (!server) return fail(server);
        event.target = (*server)->url();
        if (Status written = record(vault, event); !written) return fail(written);
        return std::make_unique<KmsService>(std::move(*server));
    });
}

}  // namespace custody
}  // namespace keydeck
