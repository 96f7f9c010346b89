#include "app/cli/audit_filters.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "app/cli/nearest.hpp"
#include "app/cli/verbs.hpp"

namespace keydeck::cli {
namespace {

// What the engine writes down today. Whatever else stands in a log is known by standing there.
constexpr std::array<std::string_view, 41> kActions = {
    "AddPoolKeys",    "AdoptKey",          "CancelKeyDeletion",   "ConfirmClock",
    "CreateAlias",    "CreateKey",         "CreateUser",          "CreateWallet",
    "DestroyWallet",  "DisableKey",        "EnableKey",           "ExportKeystore",
    "ExportMnemonic", "ExportPrivateKey",  "ImportWallet",        "InitPool",
    "LabelWallet",    "LockUser",          "RemoveUser",          "RemoveWallet",
    "RenameUser",     "RotateKeyOnDemand", "ScheduleKeyDeletion", "SignAuthorization",
    "SignMessage",    "SignTransaction",   "SignTypedData",       "TagResource",
    "UnlockUser",     "CreateAccessKey",   "RemoveAccessKey",     "RestoreWallet",
    "ServeKms",       "AcknowledgeAlert",  "ArchiveAudit",        "ClearAlert",
    "RaiseAlert",     "RunAlertCommand",   "SilenceAlert",        "AddContact",
    "RemoveContact",
};

std::vector<std::string> result_words() {
    std::vector<std::string> words = {"ok"};
    for (auto code = static_cast<int>(ErrorCode::kInvalidInput); code <= static_cast<int>(ErrorCode::kInternal); ++code) {
        words.emplace_back(to_string(static_cast<ErrorCode>(code)));
    }
    return words;
}

/// Whether any event answers to this one filter.
Result<bool> occurs(Context& context, std::string AuditQuery::* filter, const std::string& value) {
    AuditQuery query;
    query.*filter = value;
    query.page.limit = 1;
    auto events = look(context, [&](Engine& engine) { return engine.list_audit(context.session(), query); });
    if (!events) return fail(events);
    return !events->empty();
}

/// A name is known by its events (its user may be gone) or by its user.
Status check_name(Context& context, std::string AuditQuery::* filter, const std::string& name) {
    if (name.empty()) return {};
    auto known = occurs(context, filter, name);
    if (!known) return fail(known);
    if (*known) return {};
    auto user = look(context, [&](Engine& engine) { return engine.user(context.session(), name); });
    if (!user) return fail(user);
    return {};
}

Status check_word(Context& context, std::string AuditQuery::* filter, const std::string& word, std::string_view what,
                  const std::vector<std::string>& words) {
    if (word.empty() || std::ranges::find(words, word) != words.end()) return {};
    auto known = occurs(context, filter, word);
    if (!known) return fail(known);
    if (*known) return {};
    const std::string nearest = nearest_name(word, words);
    return fail(ErrorCode::kInvalidInput, fmt::format("There is no {} \"{}\".", what, word),
                nearest.empty() ? fmt::format("It is one of: {}.", fmt::join(words, ", "))
                                : fmt::format("Did you mean {}?", nearest));
}

/// Whoever was ever a target is in the log with the event that made it one.
Status check_target(Context& context, std::string& target) {
    if (target.empty()) return {};
    if (auto address = parse_address_text(target)) target = checksum_address(*address);
    auto known = occurs(context, &AuditQuery::target, target);
    if (!known) return fail(known);
    if (*known) return {};
    return fail(ErrorCode::kNotFound, fmt::format("Nothing in the log was done to \"{}\".", target),
                "A target is an address, a user's name or a key id.");
}

}  // namespace

Result<AuditQuery> checked_filters(Context& context, AuditQuery query) {
    if (query.actor != "operator") {
        if (Status known = check_name(context, &AuditQuery::actor, query.actor); !known) return fail(known);
    }
    if (Status known = check_name(context, &AuditQuery::user, query.user); !known) return fail(known);
    const std::vector<std::string> actions(kActions.begin(), kActions.end());
    Status known = check_word(context, &AuditQuery::action, query.action, "action", actions);
    if (!known) return fail(known);
    known = check_word(context, &AuditQuery::result, query.result, "result", result_words());
    if (!known) return fail(known);
    known = check_target(context, query.target);
    if (!known) return fail(known);
    if (query.key.empty()) return query;
    auto key =
        known_key_id(context, query.key, [&](const std::string& id) { return occurs(context, &AuditQuery::key, id); });
    if (!key) return fail(key);
    query.key = std::move(*key);
    return query;
}

}  // namespace keydeck::cli
