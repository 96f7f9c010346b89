// The grammar of filters: `field:value` words and plain ones, the same on every screen and on the command line.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>

#include "engine/types.hpp"

namespace keydeck::ui {

/// A filter taken apart. A field without a value yet (`state:`) does not narrow and is left out.
struct FilterWords {
    std::map<std::string, std::string, std::less<>> fields;
    std::string text;     ///< the plain words, one blank between
    std::string problem;  ///< empty: the filter is understood

    /// The field's value; empty where it is not there.
    [[nodiscard]] std::string of(std::string_view field) const;
};

/// Words between blanks. A word with a colon is a field when its name is among `known`; the same field twice is a problem,
/// and so is a name that was probably meant to be a known one. Any other word is plain text, for names may hold a colon.
[[nodiscard]] FilterWords read_filter_words(std::string_view text, std::initializer_list<std::string_view> known);

/// The filter of the wallets: `user:` and `key:` (an id, or an alias with or without `alias/`), and as plain text a part of
/// a label or user name or the beginning of an address.
[[nodiscard]] FilterWords read_wallet_filter(std::string_view text);
[[nodiscard]] std::string wallet_filter_problem(const std::string& text);
/// Whether a text is a key's id and not an alias.
[[nodiscard]] bool is_key_id(std::string_view text);

/// The filter of the keys: `state:` with the beginning of a state in any case (`pending`), `key:` with a part of an alias or
/// the beginning of an id; as plain text any of these, or what the key is for (pool, wallet).
struct KeyFilter {
    std::string state;
    std::string key;
    std::string text;
    std::string problem;

    [[nodiscard]] bool matches(const KeyInfo& info) const;
};
[[nodiscard]] KeyFilter read_key_filter(std::string_view text);
[[nodiscard]] std::string key_filter_problem(const std::string& text);

}  // namespace keydeck::ui
