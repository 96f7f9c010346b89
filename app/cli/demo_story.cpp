#include "app/cli/demo_story.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "app/cli/json_object.hpp"

namespace keydeck::cli {
namespace {

struct Role {
    std::string_view name;
    Custody custody;
    std::string_view message;
    std::string_view ether;  ///< for the sentence
    std::string_view wei;    ///< what is sent to the next one
};

constexpr std::array kCast = {
    Role{"alice", Custody::kKmsKey, "Alice signs in to demo.example.", "0.05", "50000000000000000"},
    Role{"bob", Custody::kEnvelope, "Bob agrees to the terms of 2026.", "0.02", "20000000000000000"},
    Role{"charlie", Custody::kKmsKey, "Charlie was here. Ça va, 世界?", "0.01", "10000000000000000"},
};
constexpr int kPoolSize = 10;
constexpr int kDeletionDays = 30;
constexpr auto kRetiredAlias = "alias/keydeck-demo-retired";
constexpr auto kRetiredDescription = "The demo's example of a key on its way out";

Session demo_session() { return Session::of_operator("demo"); }

template <class T>
bool is_missing(const Result<T>& result) {
    return !result && result.error().code == ErrorCode::kNotFound;
}

/// The role's wallet, made with its user where they are missing.
Result<Wallet> ensure_wallet(Engine& engine, const Role& role) {
    const std::string name(role.name);
    auto user = engine.user(demo_session(), name);
    if (is_missing(user)) user = engine.add_user(demo_session(), name);
    if (!user) return fail(user);
    WalletQuery query;
    query.user = name;
    query.page.limit = 1;
    auto wallets = engine.list_wallets(demo_session(), query);
    if (wallets && wallets->empty()) {
        wallets = engine.create_wallets(
            demo_session(), {.user = name, .custody = role.custody, .words = 12, .label = name + "-main", .count = 1});
    }
    if (!wallets) return fail(wallets);
    return std::move(wallets->front());
}

Status sign_message(Engine& engine, DemoPart& part) {
    const std::string signer = checksum_address(part.wallet.address);
    auto signature = engine.sign_message(demo_session(), signer, as_bytes(part.message));
    if (!signature) return fail(signature);
    part.message_signature = *signature;
    auto check = Engine::verify_message(as_bytes(part.message), hex_text(signature->signature), part.wallet.address);
    if (!check) return fail(check);
    part.message_check = *check;
    return {};
}

Status sign_transaction(Engine& engine, const Role& role, const Wallet& recipient, DemoPart& part) {
    constexpr int kSepolia = 11'155'111;
    const std::string to = checksum_address(recipient.address);
    const std::string json = JsonObject()
                                 .number("type", 2)
                                 .number("chainId", kSepolia)
                                 .number("nonce", 0)
                                 .text("to", to)
                                 .text("value", role.wei)
                                 .number("gas", 21'000)
                                 .text("maxFeePerGas", "30000000000")
                                 .text("maxPriorityFeePerGas", "1000000000")
                                 .finish();
    auto signature = engine.sign_transaction(demo_session(), checksum_address(part.wallet.address), json);
    if (!signature) return fail(signature);
    part.transaction = std::move(*signature);
    part.transaction_sentence = fmt::format("{} ETH to {} ({}) on Sepolia ({})", role.ether, recipient.user, to, kSepolia);
    auto decoded = Engine::decode_transaction(hex_text(part.transaction.raw));
    if (!decoded) return fail(decoded);
    part.transaction_sender = decoded->from;
    return {};
}

/// This vault's example of a key on its way out, where it was made before. In AWS another demo's may bear the alias: one
/// that was cleaned up keeps it to the end of its waiting period.
Result<std::optional<KeyInfo>> find_retired_key(Engine& engine) {
    auto vault = engine.vault();
    if (!vault) return fail(vault);
    KeyQuery query;
    query.tag = {"keydeck:vault", vault->id};
    auto keys = engine.list_keys(demo_session(), query);
    if (!keys) return fail(keys);
    for (KeyInfo& key : *keys) {
        if (key.description == kRetiredDescription) return std::optional(std::move(key));
    }
    return std::optional<KeyInfo>();
}

/// A key of no use to anybody, on its way out. One whose deletion a person cancelled is left as it is.
Result<KeyInfo> ensure_retired_key(Engine& engine) {
    auto known = find_retired_key(engine);
    if (!known) return fail(known);
    if (*known && (*known)->state != "Enabled") return std::move(**known);
    std::string id = *known ? (*known)->id : "";
    if (id.empty()) {
        const CreateKey wanted{.spec = "SYMMETRIC_DEFAULT", .usage = {}, .alias = {}, .description = kRetiredDescription};
        auto made = engine.create_key(demo_session(), wanted);
        if (!made) return made;
        id = made->id;
        auto named = engine.alias_key(demo_session(), id, kRetiredAlias);
        if (!named && named.error().code != ErrorCode::kAlreadyExists) return named;
    }
    return engine.schedule_key_deletion(demo_session(), id, kDeletionDays, 0);
}

}  // namespace

bool DemoStory::verified() const {
    return audit.valid && parts.size() == kCast.size() && std::ranges::all_of(parts, &DemoPart::verified);
}

int demo_key_count() { return kPoolSize + static_cast<int>(std::ranges::count(kCast, Custody::kKmsKey, &Role::custody)); }

Result<bool> is_demo_complete(Engine& engine) {
    AuditQuery query;
    query.page.limit = 1;
    query.action = "ScheduleKeyDeletion";
    query.result = "ok";
    auto events = engine.list_audit(demo_session(), query);
    if (!events) return fail(events);
    return !events->empty();
}

Result<DemoStory> tell_demo(Engine& engine) {
    DemoStory story;
    auto pool = engine.init_pool(demo_session(), kPoolSize);
    if (!pool) return fail(pool);
    for (const Role& role : kCast) {
        auto wallet = ensure_wallet(engine, role);
        if (!wallet) return fail(wallet);
        DemoPart part;
        part.wallet = std::move(*wallet);
        part.message = role.message;
        story.parts.push_back(std::move(part));
    }
    for (std::size_t i = 0; i < kCast.size(); ++i) {
        Status done = sign_message(engine, story.parts[i]);
        if (!done) return fail(done);
        done = sign_transaction(engine, kCast[i], story.parts[(i + 1) % kCast.size()].wallet, story.parts[i]);
        if (!done) return fail(done);
    }
    auto retired = ensure_retired_key(engine);
    if (!retired) return fail(retired);
    auto audit = engine.verify_audit(demo_session(), std::nullopt);
    if (!audit) return fail(audit);
    auto vault = engine.vault();
    if (!vault) return fail(vault);
    pool = engine.pool_status(demo_session());
    if (!pool) return fail(pool);
    story.pool = std::move(*pool);
    story.retired_key = std::move(*retired);
    story.audit = std::move(*audit);
    story.vault = std::move(*vault);
    return story;
}

}  // namespace keydeck::cli
