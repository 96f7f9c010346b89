#include "engine/store/wallet_search.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/base/text.hpp"
#include "engine/store/rows.hpp"

namespace keydeck::store {
namespace {

using sqlite::Database;

// More trigrams narrow nothing any further, and a pasted novel must not become a query of thousands of terms.
constexpr std::size_t kMaxTrigrams = 24;
// What more terms than this begin with stands in so many wallets that reading them in order is quicker.
constexpr std::int64_t kMaxTerms = 200;

// A part of one or two characters is looked for as the beginning of a trigram; the line ends behind the text let
// each of its characters begin one.
std::string document(std::string_view label, std::string_view user_name) {
    std::string text;
    text.reserve(label.size() + user_name.size() + 3);
    text.append(label).append("\n").append(user_name).append("\n\n");
    return text;
}

std::string quoted(std::string_view term) {
    std::string out = "\"";
    for (const char c : term) {
        if (c == '"') out += '"';
        out += c;
    }
    return out + '"';
}

Result<SearchExpression> terms_beginning_with(Database& database, std::string_view part) {
    // The index holds folded characters. LIKE, which checks each find, folds ASCII only: beyond it a part that is
    // not lower case already is left to the reading in order.
    const bool is_ascii = std::ranges::all_of(part, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
    if (!is_ascii) return SearchExpression{{}, true};
    const std::string first = ascii_lower(part);
    const std::string past = first + '\xFF';
    auto row = database.prepare("SELECT term FROM wallet_terms WHERE term >= ? AND term < ? LIMIT ?");
    row.bind(1, first).bind(2, past).bind(3, kMaxTerms + 1);
    SearchExpression expression;
    std::int64_t terms = 0;
    auto more = row.step();
    for (; more && *more; more = row.step()) {
        if (++terms > kMaxTerms) return SearchExpression{{}, true};
        if (terms > 1) expression.match += " OR ";
        expression.match += quoted(row.text(0));
    }
    if (!more) return fail(more);
    return expression;
}

}  // namespace

Status search_add(Database& database, std::int64_t wallet_id, std::string_view label, std::string_view user_name) {
    const std::string text = document(label, user_name);
    auto insert = database.prepare("INSERT INTO wallet_search (rowid, text) VALUES (?, ?)");
    return insert.bind(1, wallet_id).bind(2, text).run();
}

Status search_remove(Database& database, std::int64_t wallet_id, std::string_view label, std::string_view user_name) {
    const std::string text = document(label, user_name);
    auto remove = database.prepare("INSERT INTO wallet_search (wallet_search, rowid, text) VALUES ('delete', ?, ?)");
    return remove.bind(1, wallet_id).bind(2, text).run();
}

Status search_rename_user(Database& database, std::int64_t user_id, std::string_view name, std::string_view new_name) {
    std::vector<std::pair<std::int64_t, std::string>> wallets;
    {
        auto row = database.prepare("SELECT id, label FROM wallets WHERE user_id = ?");
        row.bind(1, user_id);
        auto more = row.step();
        for (; more && *more; more = row.step()) wallets.emplace_back(row.integer(0), string_at(row, 1));
        if (!more) return fail(more);
    }
    for (const auto& [id, label] : wallets) {
        if (const auto done = search_remove(database, id, label, name); !done) return fail(done);
        if (const auto done = search_add(database, id, label, new_name); !done) return fail(done);
    }
    return {};
}

bool is_short(std::string_view part) {
    // Bytes that begin a character; broken UTF-8 counts somehow and is refused by search_expression().
    return std::ranges::count_if(part, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }) < 3;
}

Result<SearchExpression> search_expression(Database& database, std::string_view part) {
    std::vector<std::size_t> starts;  // of the characters
    for (std::size_t at = 0; at < part.size();) {
        const std::size_t length = utf8_sequence_length(part.substr(at));
        if (length == 0 || part[at] == '\0') return SearchExpression{};
        starts.push_back(at);
        at += length;
    }
    if (starts.size() < 3) return terms_beginning_with(database, part);
    starts.push_back(part.size());
    SearchExpression expression;
    for (std::size_t i = 0; i < std::min(starts.size() - 3, kMaxTrigrams); ++i) {
        if (i > 0) expression.match += " AND ";
        expression.match += quoted(part.substr(starts[i], starts[i + 3] - starts[i]));
    }
    return expression;
}

std::string like_pattern(std::string_view part) {
    std::string pattern = "%";
    for (const char c : part) {
        if (c == '%' || c == '_' || c == '\\') pattern += '\\';
        pattern += c;
    }
    return pattern + '%';
}

}  // namespace keydeck::store
