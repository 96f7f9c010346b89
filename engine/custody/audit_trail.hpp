// How a verb leaves its trace: the event it begins with, and the failure it may end with.
#pragma once

#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "engine/custody/open_vault.hpp"
#include "engine/error.hpp"
#include "engine/types.hpp"

namespace keydeck::custody {

/// An event of now, by this session, with result `ok` and an empty detail.
[[nodiscard]] AuditEvent event_of(const OpenVault& vault, const Session& session, std::string_view action,
                                  std::string_view target);

/// Says in the event what it is about.
void about(AuditEvent& event, const Wallet& wallet);

/// Turns an event into that of a failure: the code as its result, the sentence in its detail.
void mark_failed(AuditEvent& event, const Error& error);

/// Appends a failure on its own, as far as that is possible: the caller answers with the failure itself either way.
void record_failure(OpenVault& vault, AuditEvent event, const Error& error);

/// Runs a verb. It records its success itself, in the DbTransaction of its change; a failure is recorded here.
template <class F>
auto audited(OpenVault& vault, AuditEvent& event, F&& verb) -> std::invoke_result_t<F> {
    auto outcome = std::forward<F>(verb)();
    if (!outcome) record_failure(vault, event, outcome.error());
    return outcome;
}

}  // namespace keydeck::custody
