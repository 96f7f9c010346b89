#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "engine/custody/doctor_checks.hpp"
#include "engine/custody/envelope.hpp"
#include "engine/custody/key_pair.hpp"
#include "engine/custody/key_view.hpp"
#include "engine/store/sealed_rows.hpp"

namespace keydeck::custody {
namespace {

using sqlite::Database;

// AWS refuses what was signed more than five minutes off; the client mends that by itself, other programs do not.
constexpr std::chrono::seconds kSkewToTell{120};

std::string skew_words(std::chrono::seconds skew) {
    const auto minutes = std::chrono::round<std::chrono::minutes>(std::chrono::abs(skew)).count();
    return std::to_string(minutes) + (minutes == 1 ? " minute" : " minutes");
}

void check_skew(OpenVault& vault, Findings& findings) {
    const std::optional<std::chrono::seconds> ahead = vault.aws_kms()->clock_ahead();
    if (!ahead || std::chrono::abs(*ahead) < kSkewToTell) return;
    findings.push_back(problem("clock-skew",
                               "This machine's clock is " + skew_words(*ahead) +
                                   (ahead->count() > 0 ? " behind" : " ahead of") +
                                   " AWS's: times in the audit log are wrong by as much, and credentials may seem expired.",
                               "timedatectl set-ntp true"));
}

/// A ciphertext of the vault's under the key, so that AWS is asked what the vault will ask it.
Result<std::optional<store::SealedRow>> sample_of(OpenVault& vault, const std::string& key_id) {
    return ask_store(vault, [&](Database& database) -> Result<std::optional<store::SealedRow>> {
        store::SealedRowQuery query;
        query.key_id = key_id;
        Result<std::vector<store::SealedRow>> rows = store::sealed_rows(database, query, 0, 1);
        if (!rows) return fail(rows);
        if (rows->empty() || rows->front().custody != Custody::kEnvelope) return std::optional<store::SealedRow>();
        return std::optional(std::move(rows->front()));
    });
}

kms::EncryptionContext context_of(const OpenVault& vault, const store::SealedRow& row) {
    return envelope_context({vault.record().id, row.id, row.user_id, ethereum::Address{row.address}});
}

void tell_denied(const Result<bool>& allowed, std::string_view operation, const store::KeyRecord& key, Findings& findings) {
    if (allowed && *allowed) return;
    if (!allowed) {
        findings.push_back(notice("permission",
                                  "Whether " + std::string(operation) + " with key " + key.key_id +
                                      " is allowed could not be found out: " + allowed.error().message,
                                  "keydeck doctor", key.key_id));
        return;
    }
    findings.push_back(problem("permission",
                               "These credentials may not call " + std::string(operation) + " with key " + key.key_id + ".",
                               "keydeck config iam-policy", key.key_id));
}

/// One pool key stands for all of them: they have one policy.
void check_pool_key(OpenVault& vault, const store::KeyRecord& key, Findings& findings) {
    kms::aws::AwsKms& aws = *vault.aws_kms();
    const Result<std::optional<store::SealedRow>> row = sample_of(vault, key.key_id);
    const bool has_row = row && row->has_value();
    const EnvelopePlace nowhere{vault.record().id, 0, 0, {}};
    const kms::EncryptionContext context = has_row ? context_of(vault, **row) : envelope_context(nowhere);
    const auto uses = [&](Custody custody) {
        return ask_store(vault, [&](Database& database) { return store::has_wallets_of(database, custody); });
    };
    const Result<bool> pairs = uses(Custody::kKeyPair);
    const Result<bool> envelopes = uses(Custody::kEnvelope);
    const bool has_pairs = pairs && *pairs;
    // A policy that is as small as can be allows what is in use.
    if (!has_pairs || (envelopes && *envelopes))
        tell_denied(aws.may_generate_data_key(key.key_id, context), "GenerateDataKey", key, findings);
    if (has_pairs) {
        tell_denied(aws.may_generate_key_pair(key.key_id, key_pair_context(nowhere)), "GenerateDataKeyPairWithoutPlaintext",
                    key, findings);
    }
    if (!has_row) return;
    const ByteView ciphertext = (*row)->sealed.data_key;
    tell_denied(aws.may_decrypt(key.key_id, ciphertext, context), "Decrypt", key, findings);
    tell_denied(aws.may_re_encrypt(key.key_id, ciphertext, context), "ReEncrypt", key, findings);
}

}  // namespace

Status check_clock(OpenVault& vault, Findings& findings) {
    kms::LocalKms* local = vault.local_kms();
    if (local == nullptr) return {};  // AWS destroys by its own clock
    const Result<bool> suspect = local->clock_is_suspect();
    if (!suspect) return fail(suspect);
    if (*suspect) {
        findings.push_back({"clock",
                            "problem",
                            "The clock stands more than a day past the last event: keys whose waiting period seems over are "
                            "not destroyed until you "
                            "confirm that it is right.",
                            "keydeck doctor --confirm-clock",
                            {}});
        return {};
    }
    if (vault.options().read_only) return {};
    const Result<int> expired = local->expire();
    return expired ? Status{} : fail(expired);
}

void check_aws(OpenVault& vault, Findings& findings) {
    if (vault.aws_kms() == nullptr) return;
    check_skew(vault, findings);
    const Result<std::vector<store::KeyRecord>> keys = known_keys(vault);
    if (!keys) return;
    // The one with most wallets: it has a ciphertext to ask with.
    const store::KeyRecord* pool = nullptr;
    const store::KeyRecord* signing = nullptr;
    for (const store::KeyRecord& key : *keys) {
        if (key.state != "Enabled") continue;
        if (key.purpose == "pool" && (pool == nullptr || key.wallets > pool->wallets)) pool = &key;
        if (key.purpose == "wallet") signing = &key;
    }
    if (pool != nullptr) check_pool_key(vault, *pool, findings);
    if (signing == nullptr) return;
    tell_denied(vault.aws_kms()->may_sign(signing->key_id), "Sign", *signing, findings);
}

}  // namespace keydeck::custody
