#include "engine/custody/connection.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "engine/custody/access.hpp"
#include "engine/custody/iam_policy.hpp"
#include "engine/store/wallets.hpp"

namespace keydeck::custody {
namespace {

void show_credentials(KmsConnection& connection, const kms::aws::CredentialsInfo& credentials) {
    connection.credentials_source = credentials.source;
    connection.access_key_id = credentials.access_key_id;
    connection.credentials_expire_at = credentials.expires_at;
}

/// The custodies of the wallets there are.
Result<std::vector<Custody>> custodies_in_use(OpenVault& vault) {
    return ask_store(vault, [](sqlite::Database& database) -> Result<std::vector<Custody>> {
        std::vector<Custody> custodies;
        for (const Custody custody : {Custody::kEnvelope, Custody::kKmsKey, Custody::kKeyPair}) {
            const Result<bool> used = store::has_wallets_of(database, custody);
            if (!used) return fail(used);
            if (*used) custodies.push_back(custody);
        }
        if (custodies.empty()) custodies.push_back(Custody::kEnvelope);
        return custodies;
    });
}

}  // namespace

Result<KmsConnection> kms_connection(OpenVault& vault, bool fetch) {
    KmsConnection connection;
    connection.kms = vault.record().kms;
    connection.region = vault.record().region;
    kms::aws::AwsKms* aws = vault.aws_kms();
    if (aws == nullptr) return connection;
    connection.region = aws->region();
    connection.endpoint = aws->endpoint();
    connection.endpoint_source = aws->endpoint_source();
    connection.profile = aws->profile();
    if (fetch) {
        const Result<kms::aws::CredentialsInfo> credentials = aws->credentials();
        if (!credentials) return fail(credentials);
        show_credentials(connection, *credentials);
    } else if (const std::optional<kms::aws::CredentialsInfo> known = aws->known_credentials()) {
        show_credentials(connection, *known);
    }
    return connection;
}

Result<std::string> iam_policy_for(OpenVault& vault, const Session& session, std::vector<Custody> custodies) {
    if (Status allowed = require_operator(session, "write an IAM policy"); !allowed) return fail(allowed);
    if (vault.aws_kms() == nullptr) {
        return fail(ErrorCode::kRejected, "This vault's keys are in the embedded KMS, which asks for no permissions.");
    }
    if (custodies.empty()) {
        Result<std::vector<Custody>> in_use = custodies_in_use(vault);
        if (!in_use) return fail(in_use);
        custodies = std::move(*in_use);
    }
    const auto wants = [&](Custody custody) { return std::ranges::find(custodies, custody) != custodies.end(); };
    return iam_policy({.vault_id = vault.record().id,
                       .region = vault.record().region,
                       .account = vault.record().account,
                       .pool_alias_prefix = vault.options().pool_alias_prefix,
                       .envelope = wants(Custody::kEnvelope),
                       .kms_key = wants(Custody::kKmsKey),
                       .key_pair = wants(Custody::kKeyPair)});
}

}  // namespace keydeck::custody
