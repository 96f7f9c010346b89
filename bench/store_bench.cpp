// Pages, look-ups and audit events at a million wallets (10,000 with KEYDECK_BENCH_SMALL).
#include <benchmark/benchmark.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "bench/rows.hpp"
#include "engine/oversight/audit_log.hpp"
#include "engine/sqlite/db_transaction.hpp"
#include "engine/store/keys.hpp"
#include "engine/store/store.hpp"
#include "engine/store/users.hpp"
#include "engine/store/wallets.hpp"

namespace keydeck {
namespace {

using bench::address_of;
using bench::kNow;
using bench::must;
using bench::numbered;

constexpr const char* kVaultId = "2f1c7a5e-8f5b-4c55-9d0e-3a1b2c3d4e5f";
constexpr FixedBytes<32> kSealKey{1, 2, 3};

bool small() {
    static const bool kSmall = std::getenv("KEYDECK_BENCH_SMALL") != nullptr;  // NOLINT(concurrency-mt-unsafe): one thread
    return kSmall;
}
std::int64_t wallet_count() { return small() ? 10'000 : 1'000'000; }
std::int64_t user_count() { return wallet_count() / 2; }

store::NewWallet wallet_of(std::int64_t id) {
    return bench::wallet_of(id, id, 1 + id % user_count(), "key-" + std::to_string(id % 10));
}

oversight::AuditSeal seal() { return {kVaultId, kSealKey}; }

AuditEvent event_of(std::int64_t n) {
    AuditEvent event;
    event.time = kNow;
    event.actor = "operator";
    event.surface = "cli";
    event.action = "SignMessage";
    event.target = "0x454aCb3ff08dDd7F6ff1bf836d95196e134F7956";
    event.user = "alice";
    event.key_id = "1234abcd-12ab-34cd-56ef-1234567890ab";
    event.result = "ok";
    event.digest = "0x43fdca0a21b71197d032bcece978591ebd5239a78595605e8a3a2fe0bb9ae604";
    event.detail = R"({"kind":"message","length":66,"n":)" + std::to_string(n) + "}";
    return event;
}

std::vector<AuditEvent> events_from(std::int64_t first, std::int64_t count) {
    std::vector<AuditEvent> events;
    events.reserve(static_cast<std::size_t>(count));
    for (std::int64_t n = 0; n < count; ++n) events.push_back(event_of(first + n));
    return events;
}

// A filled vault in a temporary directory, for the life of the program.
class Vault {
public:
    static Vault& instance() {
        static Vault vault;
        return vault;
    }
    sqlite::Database& db() { return **lease_; }

    ~Vault() {
        lease_.reset();
        store_.reset();
        std::error_code ignored;
        std::filesystem::remove_all(directory_, ignored);
    }
    Vault(const Vault&) = delete;
    Vault& operator=(const Vault&) = delete;

private:
    Vault() {
        std::string pattern = (std::filesystem::temp_directory_path() / "keydeck-bench-XXXXXX").string();
        if (mkdtemp(pattern.data()) == nullptr) std::abort();
        directory_ = pattern;
        store::VaultRecord record;
        record.id = kVaultId;
        record.created_at = kNow;
        must(store::Store::create(directory_ / "keydeck.db", record,
                                  [](sqlite::Database& database) { return oversight::start_audit_log(database, seal()); }));
        auto store = store::Store::open(directory_ / "keydeck.db", false);
        must(store);
        store_ = std::move(*store);
        auto lease = store_->lease();
        must(lease);
        lease_ = std::make_unique<store::Lease>(std::move(*lease));
        fill();
        sign();
    }

    void fill() {
        auto setup = sqlite::DbTransaction::begin_write(db());
        must(setup);
        for (int i = 0; i < 10; ++i) {
            store::KeyRecord key;
            key.key_id = "key-" + std::to_string(i);
            key.arn = "arn:aws:kms:us-east-1:000000000000:key/" + key.key_id;
            key.state = "Enabled";
            key.alias = "alias/keydeck-pool-" + std::to_string(i + 1);
            must(store::record_key(db(), key));
        }
        for (std::int64_t n = 0; n < user_count(); ++n) must(store::insert_user(db(), numbered("u", n), kNow));
        must(setup->commit());
        for (std::int64_t done = 0; done < wallet_count(); done += 1'000) {
            auto batch = sqlite::DbTransaction::begin_write(db());
            must(batch);
            const auto first = store::reserve_wallet_ids(db(), 1'000);
            must(first);
            for (std::int64_t id = *first; id < *first + 1'000; ++id) must(store::insert_wallet(db(), wallet_of(id)));
            must(batch->commit());
        }
    }

    // A tenth has signed, at times that have nothing to do with the order of the ids.
    void sign() {
        auto batch = sqlite::DbTransaction::begin_write(db());
        must(batch);
        for (std::int64_t n = 0; n < wallet_count() / 10; ++n) {
            const std::int64_t id = 1 + n * 10;
            must(store::note_signatures(db(), id, 1, kNow + std::chrono::microseconds(id * 7'919 % 1'000'003)));
        }
        must(batch->commit());
    }

    std::filesystem::path directory_;
    std::unique_ptr<store::Store> store_;
    std::unique_ptr<store::Lease> lease_;
};

void run_pages(benchmark::State& state, WalletQuery query, bool everywhere) {
    auto& db = Vault::instance().db();
    query.page.limit = 40;
    std::uint64_t random = 1;
    std::size_t rows = 0;
    for (auto _ : state) {
        if (everywhere) {
            random = random * 6364136223846793005ULL + 1442695040888963407ULL;
            query.page.after = static_cast<std::int64_t>((random >> 20) % static_cast<std::uint64_t>(wallet_count()));
        }
        const auto page = store::list_wallets(db, query);
        must(page);
        rows = page->size();
        benchmark::DoNotOptimize(rows);
    }
    state.counters["rows"] = static_cast<double>(rows);
}

void page_anywhere(benchmark::State& state) { run_pages(state, {}, true); }
BENCHMARK(page_anywhere);

void page_backwards(benchmark::State& state) {
    WalletQuery query;
    query.page.backwards = true;
    run_pages(state, query, true);
}
BENCHMARK(page_backwards);

void page_last(benchmark::State& state) {
    WalletQuery query;
    query.page.backwards = true;
    run_pages(state, query, false);
}
BENCHMARK(page_last);

void page_of_key(benchmark::State& state) {
    WalletQuery query;
    query.key = "key-3";
    run_pages(state, query, true);
}
BENCHMARK(page_of_key);

void page_of_user(benchmark::State& state) {
    WalletQuery query;
    query.user = numbered("u", 4'321);
    run_pages(state, query, false);
}
BENCHMARK(page_of_user);

// Each a thing a person types; the last of a kind finds nothing.
void page_filtered(benchmark::State& state, const char* filter) {
    WalletQuery query;
    query.filter = filter;
    run_pages(state, query, false);
}
BENCHMARK_CAPTURE(page_filtered, address_1, "0x4");
BENCHMARK_CAPTURE(page_filtered, address_2, "0x4a");
BENCHMARK_CAPTURE(page_filtered, address_3, "0x4a1");
BENCHMARK_CAPTURE(page_filtered, address_8, "0x4a1b2c3d");
BENCHMARK_CAPTURE(page_filtered, one_letter, "l");
BENCHMARK_CAPTURE(page_filtered, two_letters, "u0");
BENCHMARK_CAPTURE(page_filtered, two_letters_none, "zz");
BENCHMARK_CAPTURE(page_filtered, two_digits, "98");
BENCHMARK_CAPTURE(page_filtered, common, "label");
BENCHMARK_CAPTURE(page_filtered, rare, "0004321");
BENCHMARK_CAPTURE(page_filtered, rare_middle, "432");
BENCHMARK_CAPTURE(page_filtered, none, "nobody");
BENCHMARK_CAPTURE(page_filtered, none_of_common_parts, "000000000");

void page_of_users(benchmark::State& state, const char* prefix) {
    auto& db = Vault::instance().db();
    UserQuery query;
    query.prefix = prefix;
    query.page.limit = 40;
    if (*prefix == 0) query.page.after = user_count() / 2;
    for (auto _ : state) {
        const auto page = store::list_users(db, query);
        must(page);
        benchmark::DoNotOptimize(page->size());
    }
}
BENCHMARK_CAPTURE(page_of_users, middle, "");
BENCHMARK_CAPTURE(page_of_users, prefix, "U0001");

// Both halves of the order: those that signed, and those that never did.
void page_by_signature(benchmark::State& state) {
    WalletQuery query;
    query.order = WalletOrder::kLastSigned;
    query.descending = true;
    query.page.backwards = state.range(0) == 1;
    run_pages(state, query, true);
}
BENCHMARK(page_by_signature)->Arg(0)->Arg(1);

void page_by_signature_of(benchmark::State& state, const char* key, const char* filter) {
    WalletQuery query;
    query.order = WalletOrder::kLastSigned;
    query.descending = true;
    query.key = key;
    query.filter = filter;
    run_pages(state, query, false);
}
BENCHMARK_CAPTURE(page_by_signature_of, key, "key-0", "");
BENCHMARK_CAPTURE(page_by_signature_of, address_2, "", "0x4a");
BENCHMARK_CAPTURE(page_by_signature_of, common, "", "label");
BENCHMARK_CAPTURE(page_by_signature_of, rare, "", "0004321");

void page_of_users_by(benchmark::State& state, UserOrder order, const char* prefix) {
    auto& db = Vault::instance().db();
    UserQuery query;
    query.order = order;
    query.descending = true;
    query.prefix = prefix;
    query.page.limit = 40;
    std::uint64_t random = 1;
    for (auto _ : state) {
        random = random * 6364136223846793005ULL + 1442695040888963407ULL;
        if (*prefix == 0) {
            const auto users = static_cast<std::uint64_t>(user_count());
            query.page.after = 1 + static_cast<std::int64_t>((random >> 20) % users);
        }
        const auto page = store::list_users(db, query);
        must(page);
        benchmark::DoNotOptimize(page->size());
    }
}
BENCHMARK_CAPTURE(page_of_users_by, signature, UserOrder::kLastSigned, "");
BENCHMARK_CAPTURE(page_of_users_by, wallets, UserOrder::kWallets, "");
BENCHMARK_CAPTURE(page_of_users_by, signature_of_prefix, UserOrder::kLastSigned, "U0001");
BENCHMARK_CAPTURE(page_of_users_by, signature_of_common_prefix, UserOrder::kLastSigned, "U01");

// What a signature adds to the transaction of its audit event.
void note_signature(benchmark::State& state) {
    auto& db = Vault::instance().db();
    std::int64_t n = 1;
    for (auto _ : state) {
        n = (n * 7919) % wallet_count() + 1;
        auto batch = sqlite::DbTransaction::begin_write(db);
        must(batch);
        must(store::note_signatures(db, n, 1, kNow + std::chrono::seconds(n)));
        must(batch->commit());
    }
}
BENCHMARK(note_signature)->Unit(benchmark::kMicrosecond);

void wallet_by_address(benchmark::State& state) {
    auto& db = Vault::instance().db();
    std::int64_t n = 1;
    for (auto _ : state) {
        n = (n * 7919) % wallet_count() + 1;
        const auto wallet = store::wallet_by_address(db, address_of(n));
        must(wallet);
        benchmark::DoNotOptimize(wallet->id);
    }
}
BENCHMARK(wallet_by_address);

void find_by_label(benchmark::State& state) {
    auto& db = Vault::instance().db();
    const std::string label = numbered("label-", 3 * (wallet_count() / 7));
    for (auto _ : state) {
        const auto wallet = store::find_wallet(db, label);
        must(wallet);
        benchmark::DoNotOptimize(wallet->id);
    }
}
BENCHMARK(find_by_label);

void insert_wallets(benchmark::State& state) {
    auto& db = Vault::instance().db();
    const auto batch_size = state.range(0);
    for (auto _ : state) {
        auto batch = sqlite::DbTransaction::begin_write(db);
        must(batch);
        const auto first = store::reserve_wallet_ids(db, batch_size);
        must(first);
        for (std::int64_t id = *first; id < *first + batch_size; ++id) must(store::insert_wallet(db, wallet_of(id)));
        must(batch->commit());
    }
    state.SetItemsProcessed(state.iterations() * batch_size);
}
BENCHMARK(insert_wallets)->Arg(1)->Arg(100)->Arg(1'000)->Unit(benchmark::kMicrosecond);

void append_events(benchmark::State& state) {
    auto& db = Vault::instance().db();
    std::vector<AuditEvent> events = events_from(0, state.range(0));
    for (auto _ : state) {
        auto batch = sqlite::DbTransaction::begin_write(db);
        must(batch);
        must(oversight::append_audit(db, seal(), events));
        must(batch->commit());
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(append_events)->Arg(1)->Arg(1'000)->Unit(benchmark::kMicrosecond);

void fill_audit(sqlite::Database& db, std::int64_t wanted) {
    const auto head = oversight::audit_head(db);
    must(head);
    for (std::int64_t have = head->events; have < wanted; have += 1'000) {
        std::vector<AuditEvent> events = events_from(have, 1'000);
        auto batch = sqlite::DbTransaction::begin_write(db);
        must(batch);
        must(oversight::append_audit(db, seal(), events));
        must(batch->commit());
    }
}

void verify_events(benchmark::State& state) {
    auto& db = Vault::instance().db();
    fill_audit(db, small() ? 1'000 : 100'000);
    std::int64_t events = 0;
    for (auto _ : state) {
        const auto verified = oversight::verify_audit(db, seal(), std::nullopt);
        must(verified);
        if (!verified->valid) bench::give_up(Error{ErrorCode::kInternal, verified->reason, {}, {}});
        events += verified->events;
    }
    state.SetItemsProcessed(events);
}
BENCHMARK(verify_events)->Unit(benchmark::kMillisecond);

void page_of_events(benchmark::State& state) {
    auto& db = Vault::instance().db();
    fill_audit(db, small() ? 1'000 : 100'000);
    AuditQuery query;
    query.newest_first = true;
    query.page.limit = 40;
    if (state.range(0) == 1) query.actor = "operator";
    for (auto _ : state) {
        const auto page = oversight::list_audit(db, query);
        must(page);
        benchmark::DoNotOptimize(page->size());
    }
}
BENCHMARK(page_of_events)->Arg(0)->Arg(1);

}  // namespace
}  // namespace keydeck
