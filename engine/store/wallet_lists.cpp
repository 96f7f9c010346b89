// Pages of wallets, out of a million.
#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <string>
#include <utility>

#include "engine/base/hex.hpp"
#include "engine/base/text.hpp"
#include "engine/store/rows.hpp"
#include "engine/store/store.hpp"
#include "engine/store/wallet_rows.hpp"
#include "engine/store/wallet_search.hpp"
#include "engine/store/wallets.hpp"

namespace keydeck::store {
namespace {

using sqlite::Database;
using sqlite::Statement;

// What a page is read along: the index that has the fewest rows to look at.
enum class Along : std::uint8_t { kId, kUser, kKey, kAddress, kSearch };
constexpr std::size_t kAlongCount = 5;

// ?1 and ?2 bound the ids (both excluded), ?3 is the limit, ?4 the user, ?5 the key, ?6 and ?7 bound the addresses (?7
// included), ?8 is the search expression, ?9 whether removed ones are shown, ?10 the pattern. CROSS JOIN keeps the order of
// the tables.
constexpr std::array<std::string_view, kAlongCount> kSources{
    " FROM wallets w CROSS JOIN users u ON u.id = w.user_id CROSS JOIN keys k ON k.id = w.key_ref"
    " WHERE w.id > ?1 AND w.id < ?2",
    " FROM wallets w INDEXED BY wallets_user CROSS JOIN users u ON u.id = w.user_id CROSS JOIN keys k ON k.id = w.key_ref"
    " WHERE w.user_id = ?4 AND w.id > ?1 AND w.id < ?2",
    " FROM wallets w INDEXED BY wallets_key CROSS JOIN users u ON u.id = w.user_id CROSS JOIN keys k ON k.id = w.key_ref"
    " WHERE w.key_ref = ?5 AND w.id > ?1 AND w.id < ?2",
    " FROM wallets w CROSS JOIN users u ON u.id = w.user_id CROSS JOIN keys k ON k.id = w.key_ref"
    " WHERE w.id IN (SELECT a.id FROM wallets a INDEXED BY wallets_address WHERE a.address >= ?6 AND a.address <= ?7)"
    " AND w.id > ?1 AND w.id < ?2",
    " FROM wallet_search s CROSS JOIN wallets w ON w.id = s.rowid"
    " CROSS JOIN users u ON u.id = w.user_id CROSS JOIN keys k ON k.id = w.key_ref"
    " WHERE s.wallet_search MATCH ?8 AND s.rowid > ?1 AND s.rowid < ?2",
};
constexpr std::array<std::array<std::string_view, 2>, kAlongCount> kOrders{{
    {" ORDER BY w.id LIMIT ?3", " ORDER BY w.id DESC LIMIT ?3"},
    {" ORDER BY w.id LIMIT ?3", " ORDER BY w.id DESC LIMIT ?3"},
    {" ORDER BY w.id LIMIT ?3", " ORDER BY w.id DESC LIMIT ?3"},
    {" ORDER BY w.id LIMIT ?3", " ORDER BY w.id DESC LIMIT ?3"},
    {" ORDER BY s.rowid LIMIT ?3", " ORDER BY s.rowid DESC LIMIT ?3"},
}};
// What is not given is bound as NULL and lets everything through.
constexpr std::string_view kConditions =
    " AND (?9 OR w.removed_at IS NULL) AND (?4 IS NULL OR w.user_id = ?4) AND (?5 IS NULL OR w.key_ref = ?5)"
    " AND (?6 IS NULL OR (w.address >= ?6 AND w.address <= ?7))"
    " AND (?10 IS NULL OR w.label LIKE ?10 ESCAPE '\\' OR u.name LIKE ?10 ESCAPE '\\')";

using PageTexts = std::array<std::array<std::string, 2>, kAlongCount>;

// Put together once, from the constants above alone.
const PageTexts& page_texts() {
    static const PageTexts kTexts = [] {
        PageTexts texts;
        for (std::size_t along = 0; along < kAlongCount; ++along) {
            for (std::size_t direction = 0; direction < 2; ++direction) {
                texts[along][direction].append("SELECT ").append(kWalletColumns).append(kSources[along]);
                texts[along][direction].append(kConditions).append(kOrders[along][direction]);
            }
        }
        return texts;
    }();
    return kTexts;
}

// A user or key with at most so many wallets, or so small a part of all of them, is read through whatever else is asked:
// along the search index their few might stand behind very many others.
constexpr std::int64_t kFew = 2'000;
constexpr std::int64_t kSmallPart = 25;
// A part of one or two letters stands in most wallets or in none: so many ids are read before the search index is asked.
constexpr std::int64_t kWindow = 4'000;

// A query with its names looked up.
struct Resolved {
    bool nothing = false;  // names an unknown user or key, or what no wallet can have
    std::optional<std::int64_t> user_id;
    std::optional<std::int64_t> key_ref;
    std::int64_t most = std::numeric_limits<std::int64_t>::max();  // wallets of that user or key, whichever are fewer
    Along narrowest = Along::kId;                                  // by user and key alone
    std::optional<Bytes> first_address;
    Bytes last_address;
    std::size_t address_digits = 0;
    std::optional<std::string> pattern;
    std::string match;
};

// The addresses that begin with these hex digits: from the digits filled up with 0 to the digits filled up with f.
void resolve_address_prefix(std::string_view digits, Resolved& out) {
    // from_hex() would take a second 0x for a prefix.
    if (digits.size() > 40 || digits.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos) {
        out.nothing = true;
        return;
    }
    std::string first(digits);
    std::string last(digits);
    first.resize(40, '0');
    last.resize(40, 'f');
    auto from = from_hex(first, "address");
    auto to = from_hex(last, "address");
    if (!from || !to) {
        out.nothing = true;
        return;
    }
    out.first_address = std::move(*from);
    out.last_address = std::move(*to);
    out.address_digits = digits.size();
}

void resolve_filter(std::string_view filter, Resolved& out) {
    if (filter.empty()) return;
    if (filter.starts_with("0x") || filter.starts_with("0X")) {
        resolve_address_prefix(filter.substr(2), out);
    } else if (!is_utf8(filter) || filter.contains('\0')) {
        out.nothing = true;
    } else {
        out.pattern = like_pattern(filter);
    }
}

Status resolve_user(Database& database, std::string_view name, Resolved& out) {
    if (name.empty()) return {};
    auto row = database.prepare("SELECT id, wallets FROM users WHERE name = ? AND removed_at IS NULL");
    const auto found = row.bind(1, name).step();
    if (!found) return fail(found);
    out.nothing = out.nothing || !*found;
    if (!*found) return {};
    out.user_id = row.integer(0);
    out.most = row.integer(1);
    out.narrowest = Along::kUser;
    return {};
}

Status resolve_key(Database& database, std::string_view key_id, Resolved& out) {
    if (key_id.empty()) return {};
    auto row = database.prepare("SELECT id, wallets FROM keys WHERE key_id = ?");
    const auto found = row.bind(1, key_id).step();
    if (!found) return fail(found);
    out.nothing = out.nothing || !*found;
    if (!*found) return {};
    out.key_ref = row.integer(0);
    if (row.integer(1) < out.most) {
        out.most = row.integer(1);
        out.narrowest = Along::kKey;
    }
    return {};
}

Result<Resolved> resolve(Database& database, const WalletQuery& query) {
    Resolved out;
    if (const auto done = resolve_user(database, query.user, out); !done) return fail(done);
    if (const auto done = resolve_key(database, query.key, out); !done) return fail(done);
    resolve_filter(query.filter, out);
    return out;
}

Result<bool> is_few(Database& database, std::int64_t wallets) {
    if (wallets <= kFew) return true;
    if (wallets == std::numeric_limits<std::int64_t>::max()) return false;  // no user or key is asked for
    const auto all = totals(database);
    if (!all) return fail(all);
    return wallets <= all->wallets / kSmallPart;
}

struct Range {
    std::int64_t after = 0;
    std::int64_t before = std::numeric_limits<std::int64_t>::max();
};

// `down`: towards smaller ids, which is forwards where the list is descending.
bool is_down(const WalletQuery& query) { return query.page.backwards != query.descending; }

Range range_of(const WalletQuery& query) {
    Range range;
    if (query.page.after) (is_down(query) ? range.before : range.after) = *query.page.after;
    return range;
}

// Part of the order of the last signatures: those that share the cursor's time, by their ids, then those beyond it. Two
// ranges of one index; compared as one pair (time, id), SQLite would read all that share the time, and a million never
// signed.
enum class Part : std::uint8_t { kTies, kBeyond };
struct SignedRange {
    Part part = Part::kBeyond;
    std::int64_t time = 0;  ///< microseconds; 0: never
};

constexpr std::string_view kAlongSigned =
    " FROM wallets w INDEXED BY wallets_signed CROSS JOIN users u ON u.id = w.user_id CROSS JOIN keys k ON k.id = w.key_ref"
    " WHERE w.id > ?1 AND w.id < ?2";
constexpr std::array<std::array<std::string_view, 2>, 2> kSignedParts{{
    {" AND ifnull(w.last_signed_at, 0) = ?11 ORDER BY w.id LIMIT ?3",
     " AND ifnull(w.last_signed_at, 0) = ?11 ORDER BY w.id DESC LIMIT ?3"},
    {" AND ifnull(w.last_signed_at, 0) > ?11 ORDER BY ifnull(w.last_signed_at, 0), w.id LIMIT ?3",
     " AND ifnull(w.last_signed_at, 0) < ?11 ORDER BY ifnull(w.last_signed_at, 0) DESC, w.id DESC LIMIT ?3"},
}};

// Along kId: along the index of the last signatures. Along anything else: what is found there, sorted.
const std::array<PageTexts, 2>& signed_texts() {
    static const std::array<PageTexts, 2> kTexts = [] {
        std::array<PageTexts, 2> texts;
        for (std::size_t part = 0; part < 2; ++part) {
            for (std::size_t along = 0; along < kAlongCount; ++along) {
                for (std::size_t direction = 0; direction < 2; ++direction) {
                    std::string& text = texts[part][along][direction];
                    text.append("SELECT ").append(kWalletColumns).append(along == 0 ? kAlongSigned : kSources[along]);
                    text.append(kConditions).append(kSignedParts[part][direction]);
                }
            }
        }
        return texts;
    }();
    return kTexts;
}

Result<std::vector<Wallet>> read_rows(Statement row, Along along, const WalletQuery& query, const Resolved& resolved,
                                      const Range& range) {
    row.bind(1, range.after).bind(2, range.before).bind(3, query.page.limit);
    row.bind(4, resolved.user_id).bind(5, resolved.key_ref);
    if (resolved.first_address) {
        row.bind(6, ByteView(*resolved.first_address)).bind(7, ByteView(resolved.last_address));
    } else {
        row.bind_null(6).bind_null(7);
    }
    if (along == Along::kSearch) row.bind(8, resolved.match);
    row.bind(9, std::int64_t{query.include_removed}).bind(10, resolved.pattern);
    std::vector<Wallet> wallets;
    auto more = row.step();
    for (; more && *more; more = row.step()) {
        auto wallet = read_wallet(row);
        if (!wallet) return fail(wallet);
        wallets.push_back(std::move(*wallet));
    }
    if (!more) return fail(more);
    return wallets;
}

// In the order in which they are met: list_wallets() turns a page that was read backwards.
Result<std::vector<Wallet>> read_page(Database& database, Along along, const WalletQuery& query, const Resolved& resolved,
                                      const Range& range) {
    const auto& text = page_texts()[static_cast<std::size_t>(along)][is_down(query) ? 1 : 0];
    return read_rows(database.prepare(text), along, query, resolved, range);
}

Result<std::vector<Wallet>> read_signed_part(Database& database, Along along, const WalletQuery& query,
                                             const Resolved& resolved, const Range& range, const SignedRange& signatures) {
    const auto& texts = signed_texts()[static_cast<std::size_t>(signatures.part)];
    Statement row = database.prepare(texts[static_cast<std::size_t>(along)][is_down(query) ? 1 : 0]);
    row.bind(11, signatures.time);
    return read_rows(std::move(row), along, query, resolved, range);
}

// The next few thousand ids. Empty where they do not fill the page although there may be more behind them.
Result<std::optional<std::vector<Wallet>>> read_window(Database& database, const WalletQuery& query,
                                                       const Resolved& resolved, Range range) {
    if (is_down(query)) {
        if (!query.page.after) {
            auto row = database.prepare("SELECT ifnull(max(id), 0) FROM wallets");
            const auto found = row.step();
            if (!found) return fail(found);
            range.before = row.integer(0) + 1;
        }
        range.after = std::max<std::int64_t>(0, range.before - kWindow);
    } else {
        range.before = range.after + kWindow;
    }
    auto page = read_page(database, Along::kId, query, resolved, range);
    if (!page) return fail(page);
    if (std::cmp_less(page->size(), query.page.limit)) return std::optional<std::vector<Wallet>>();
    return std::optional(std::move(*page));
}

Result<std::vector<Wallet>> read_by_text(Database& database, const WalletQuery& query, Resolved& resolved,
                                         const Range& range) {
    if (is_short(query.filter)) {
        auto window = read_window(database, query, resolved, range);
        if (!window) return fail(window);
        if (*window) return std::move(**window);
    }
    auto expression = search_expression(database, query.filter);
    if (!expression) return fail(expression);
    if (expression->too_common) return read_page(database, resolved.narrowest, query, resolved, range);
    if (expression->match.empty()) return std::vector<Wallet>{};
    resolved.match = std::move(expression->match);
    return read_page(database, Along::kSearch, query, resolved, range);
}

Result<std::vector<Wallet>> read_by_id(Database& database, const WalletQuery& query, Resolved& resolved) {
    const Range range = range_of(query);
    const auto few = is_few(database, resolved.most);
    if (!few) return fail(few);
    if (*few) return read_page(database, resolved.narrowest, query, resolved, range);
    if (resolved.pattern) return read_by_text(database, query, resolved, range);
    // One digit is in every sixteenth wallet: reading in order meets it sooner than sorting the sixteenth part of them.
    if (resolved.address_digits > 1) return read_page(database, Along::kAddress, query, resolved, range);
    return read_page(database, resolved.narrowest, query, resolved, range);
}

// So many wallets are sorted; of more there is one at every few steps along the index of the order.
constexpr std::int64_t kMostSorted = 20'000;

// What to read in the order of the last signatures: few wallets sorted, else along the order's own index. None: no wallet.
Result<std::optional<Along>> along_for_signed(Database& database, const WalletQuery& query, Resolved& resolved) {
    if (resolved.most <= kMostSorted) return std::optional(resolved.narrowest);
    if (resolved.address_digits > 1) return std::optional(Along::kAddress);
    if (!resolved.pattern) return std::optional(Along::kId);
    auto expression = search_expression(database, query.filter);
    if (!expression) return fail(expression);
    if (expression->too_common) return std::optional(Along::kId);
    if (expression->match.empty()) return std::optional<Along>();
    auto row = database.prepare("SELECT count(*) FROM (SELECT 1 FROM wallet_search WHERE wallet_search MATCH ?1 LIMIT ?2)");
    const auto counted = row.bind(1, expression->match).bind(2, kMostSorted + 1).step();
    if (!counted) return fail(counted);
    if (row.integer(0) > kMostSorted) return std::optional(Along::kId);
    resolved.match = std::move(expression->match);
    return std::optional(Along::kSearch);
}

Result<std::vector<Wallet>> read_by_signature(Database& database, WalletQuery query, Resolved& resolved) {
    const auto along = along_for_signed(database, query, resolved);
    if (!along) return fail(along);
    if (!*along) return std::vector<Wallet>{};
    SignedRange signatures{Part::kBeyond, is_down(query) ? std::numeric_limits<std::int64_t>::max() : -1};
    std::vector<Wallet> wallets;
    if (query.page.after) {
        auto row = database.prepare("SELECT ifnull(last_signed_at, 0) FROM wallets WHERE id = ?");
        const auto found = row.bind(1, *query.page.after).step();
        if (!found) return fail(found);
        signatures = {Part::kTies, *found ? row.integer(0) : 0};
        auto ties = read_signed_part(database, **along, query, resolved, range_of(query), signatures);
        if (!ties) return fail(ties);
        wallets = std::move(*ties);
        signatures.part = Part::kBeyond;
        query.page.limit -= static_cast<std::int64_t>(wallets.size());
    }
    if (query.page.limit < 1) return wallets;
    auto beyond = read_signed_part(database, **along, query, resolved, Range{}, signatures);
    if (!beyond) return fail(beyond);
    wallets.insert(wallets.end(), std::make_move_iterator(beyond->begin()), std::make_move_iterator(beyond->end()));
    return wallets;
}

}  // namespace

Result<std::vector<Wallet>> list_wallets(Database& database, const WalletQuery& query) {
    if (query.page.limit < 1) return fail(ErrorCode::kInvalidInput, "The limit must be at least 1.");
    auto resolved = resolve(database, query);
    if (!resolved) return fail(resolved);
    if (resolved->nothing) return std::vector<Wallet>{};
    auto wallets = query.order == WalletOrder::kCreated ? read_by_id(database, query, *resolved)
                                                        : read_by_signature(database, query, *resolved);
    if (wallets && query.page.backwards) std::ranges::reverse(*wallets);
    return wallets;
}

}  // namespace keydeck::store
