// The engine's values as JSON lines, table rows and details.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "app/cli/output.hpp"
#include "engine/types.hpp"

namespace keydeck::cli {

[[nodiscard]] std::string to_json(const VaultInfo& vault);
[[nodiscard]] std::string to_json(const User& user);
[[nodiscard]] std::string to_json(const Wallet& wallet);
[[nodiscard]] std::string to_json(const KeyInfo& key);
[[nodiscard]] std::string to_json(const PoolStatus& pool);
[[nodiscard]] std::string to_json(const AuditEvent& event);
[[nodiscard]] std::string to_json(const DoctorFinding& finding);
[[nodiscard]] std::string to_json(const Alert& alert);
[[nodiscard]] std::string to_json(const AuditArchive& archive);
[[nodiscard]] std::string to_json(const MessageSignature& signature);
[[nodiscard]] std::string to_json(const TransactionSignature& signature);
[[nodiscard]] std::string to_json(const AuthorizationSignature& signature);
[[nodiscard]] std::string to_json(const Verification& verification);

/// Whether no key can have made the signature: there is no address then.
[[nodiscard]] bool signed_by_nobody(const Verification& verification);

/// `2026-09-28 12:04:28` (UTC), for people; empty for no time.
[[nodiscard]] std::string shown_time(Timestamp time);
[[nodiscard]] std::string shown_time(const std::optional<Timestamp>& time);

/// `firing`, `acknowledged`, `silenced` or `over`.
[[nodiscard]] std::string state_of(const Alert& alert);

/// `48 µs`, `4.13 ms`, `1.2 s`.
[[nodiscard]] std::string shown_latency(std::chrono::microseconds time);

/// The name of a key for people: its alias, else its id.
[[nodiscard]] std::string key_name(const KeyInfo& key);

/// One record: JSON, or details for people.
void show(Output& out, const VaultInfo& vault);
void show(Output& out, const User& user);
void show(Output& out, const Wallet& wallet);
void show(Output& out, const KeyInfo& key);
void show(Output& out, const PoolStatus& pool);
void show(Output& out, const Alert& alert);
void show(Output& out, const AuditArchive& archive);
void show(Output& out, const MessageSignature& signature);
void show(Output& out, const TransactionSignature& signature);
void show(Output& out, const AuthorizationSignature& signature);

/// A list under construction: JSON lines, or a table for people.
template <class T>
class List {
public:
    explicit List(Output& out);
    void add(const T& item);
    void finish();

private:
    Output& out_;
    Table table_;
};

}  // namespace keydeck::cli
