#include "ui/views/filter_words.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>
#include <vector>

#include "ui/nearest.hpp"

namespace keydeck::ui {
namespace {

// https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html, and what is shown of a key that the KMS says nothing
// of.
constexpr std::array<std::string_view, 9> kStates{"Enabled",       "Disabled",    "PendingDeletion",
                                                  "PendingImport", "Unavailable", "Creating",
                                                  "Updating",      "Unreadable",  "PendingReplicaDeletion"};

std::string lower(std::string_view text) {
    std::string out(text);
    std::ranges::transform(out, out.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return out;
}

bool begins(std::string_view text, std::string_view beginning) { return lower(text).starts_with(lower(beginning)); }

bool names_key(const KeyInfo& info, std::string_view text) {
    return info.alias.contains(text) || info.id.starts_with(text) || info.arn == text;
}

std::string state_problem(const std::string& state) {
    if (std::ranges::any_of(kStates, [&](std::string_view known) { return begins(known, state); })) return "";
    std::vector<std::string> beginnings;  // as much of each as was typed
    beginnings.reserve(kStates.size());
    for (const std::string_view known : kStates) beginnings.push_back(lower(known.substr(0, state.size())));
    const std::string nearest = nearest_name(lower(state), beginnings);
    if (nearest.empty())
        return fmt::format("no state {} — Enabled Disabled PendingDeletion PendingImport Unavailable", state);
    const auto meant = std::ranges::find(beginnings, nearest) - beginnings.begin();
    return fmt::format("no state {} — did you mean {}?", state, kStates[static_cast<std::size_t>(meant)]);
}

}  // namespace

std::string FilterWords::of(std::string_view field) const {
    const auto found = fields.find(field);
    return found == fields.end() ? "" : found->second;
}

FilterWords read_filter_words(std::string_view text, std::initializer_list<std::string_view> known) {
    FilterWords out;
    const std::vector<std::string> names(known.begin(), known.end());
    while (out.problem.empty()) {
        const std::size_t start = text.find_first_not_of(' ');
        if (start == std::string_view::npos) break;
        text.remove_prefix(start);
        const std::string_view word = text.substr(0, text.find(' '));
        text.remove_prefix(word.size());
        const std::size_t colon = std::min(word.find(':'), word.size());
        const std::string name(word.substr(0, colon));
        if (colon < word.size() && std::ranges::find(names, name) != names.end()) {
            const std::string value(word.substr(colon + 1));
            if (!value.empty() && !out.fields.emplace(name, value).second)
                out.problem = fmt::format("{}: stands there twice", name);
            continue;
        }
        const std::string nearest = colon < word.size() ? nearest_name(name, names) : std::string();
        if (!nearest.empty()) out.problem = fmt::format("no field {}: — did you mean {}:?", name, nearest);
        out.text += (out.text.empty() ? "" : " ") + std::string(word);
    }
    return out;
}

FilterWords read_wallet_filter(std::string_view text) { return read_filter_words(text, {"user", "key"}); }

std::string wallet_filter_problem(const std::string& text) { return read_wallet_filter(text).problem; }

bool is_key_id(std::string_view text) {
    constexpr std::size_t kUuid = 36;
    constexpr std::size_t kMultiRegion = 36;  // mrk- and 32 hex digits
    return (text.size() == kUuid && std::ranges::count(text, '-') == 4) ||
           (text.starts_with("mrk-") && text.size() == kMultiRegion);
}

KeyFilter read_key_filter(std::string_view text) {
    const FilterWords words = read_filter_words(text, {"state", "key"});
    KeyFilter out{words.of("state"), words.of("key"), words.text, words.problem};
    if (out.problem.empty() && !out.state.empty()) out.problem = state_problem(out.state);
    return out;
}

bool KeyFilter::matches(const KeyInfo& info) const {
    if (!state.empty() && !begins(info.state, state)) return false;
    if (!key.empty() && !names_key(info, key)) return false;
    return text.empty() || names_key(info, text) || begins(info.state, text) || info.purpose == text;
}

std::string key_filter_problem(const std::string& text) { return read_key_filter(text).problem; }

}  // namespace keydeck::ui
