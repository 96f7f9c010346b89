#include <utility>

#include <fmt/format.h>

#include "app/cli/command.hpp"
#include "app/cli/commands.hpp"
#include "app/cli/job_progress.hpp"
#include "app/cli/safe_text.hpp"
#include "app/cli/verbs.hpp"

namespace keydeck::cli {
namespace {

struct CreateArgs {
    std::string user;
    std::string custody = "envelope";
    std::string words = "12";
    std::string label;
    std::string count = "1";
};

struct ListArgs {
    PageArgs page;
    std::string user;
    std::string key;
    std::string filter;
};

struct WalletArgs {
    std::string wallet;
};

struct LabelArgs {
    std::string wallet;
    std::string label;
};

struct RemoveArgs {
    std::string wallet;
    bool destroy = false;
    std::string acknowledge;
};

void declare_create(CLI::App& command, CreateArgs& args) {
    command.add_option("USER", args.user, "Whose wallet it is")->required();
    command.add_option("--custody", args.custody, "How its key is held (default: envelope)")
        ->type_name("envelope|kms-key|key-pair");
    command.add_option("--words", args.words, "Words of an envelope wallet's mnemonic (default: 12)")->type_name("12|24");
    command.add_option("--label", args.label, "A name for it, unique in the vault; with --count, LABEL-1 and so on");
    command.add_option("--count", args.count, "How many (default: 1)")->type_name("N");
}

void declare_list(CLI::App& command, ListArgs& args) {
    command.add_option("--user", args.user, "Of this user");
    command.add_option("--key", args.key, "Guarded by this key: id, ARN or alias/NAME");
    command.add_option("--filter", args.filter, "Part of the label or the user's name, or the beginning of the address");
    add_page_options(command, args.page);
}

void declare_wallet(CLI::App& command, WalletArgs& args) {
    command.add_option("WALLET", args.wallet, "Address, label, or the name of a user with one wallet")->required();
}

void declare_label(CLI::App& command, LabelArgs& args) {
    command.add_option("WALLET", args.wallet, "Address, label, or the name of a user with one wallet")->required();
    command.add_option("TEXT", args.label, "The new label; empty removes it")->required();
}

void declare_remove(CLI::App& command, RemoveArgs& args) {
    command.add_option("WALLET", args.wallet, "Address, label, or the name of a user with one wallet")->required();
    command.add_flag("--destroy", args.destroy, "Erase the wallet and its sealed key instead of hiding it");
    command.add_option("--acknowledge", args.acknowledge, "With --destroy: 1, the wallet that is lost")->type_name("1");
}

/// Engine::create_wallets, until it is done or Ctrl-C is pressed.
Result<std::vector<Wallet>> create_wallets(Context& context, Engine& engine, const CreateWallets& request) {
    constexpr std::int64_t kWorthShowing = 100;
    JobProgress making(context, engine, "create-wallets", kWorthShowing);
    auto created = engine.create_wallets(context.session(), request, making.progress());
    making.end_line();
    return created;
}

Result<CreateWallets> parse_create(const CreateArgs& args) {
    auto custody = parse_custody(args.custody);
    if (!custody) return fail(custody);
    auto words = parse_number(args.words, "--words", 12, 24);
    if (!words || (*words != 12 && *words != 24)) return fail(ErrorCode::kInvalidInput, "--words must be 12 or 24.");
    auto count = parse_number(args.count, "--count", 1, 100'000);
    if (!count) return fail(count);
    return CreateWallets{.user = args.user,
                         .custody = *custody,
                         .words = static_cast<unsigned>(*words),
                         .label = args.label,
                         .count = *count};
}

Outcome create(Context& context, const CreateArgs& args) {
    auto request = parse_create(args);
    if (!request) return fail(request);
    auto engine = context.writing_engine();
    if (!engine) return fail(engine);
    auto created = create_wallets(context, **engine, *request);
    if (!created) return fail(created);
    if (!context.json() && created->size() > 1) {
        List<Wallet> wallets(context.out());
        for (const Wallet& wallet : *created) wallets.add(wallet);
        wallets.finish();
    } else {
        for (const Wallet& wallet : *created) show(context.out(), wallet);
    }
    return 0;
}

Result<bool> guards_any(Context& context, const std::string& key) {
    WalletQuery query;
    query.key = key;
    query.page.limit = 1;
    auto wallets = look(context, [&](Engine& engine) { return engine.list_wallets(context.session(), query); });
    if (!wallets) return fail(wallets);
    return !wallets->empty();
}

Result<WalletQuery> parse_list(Context& context, const ListArgs& args) {
    WalletQuery query{.page = {}, .user = args.user, .key = {}, .filter = args.filter, .include_removed = false};
    if (!args.user.empty()) {
        // An unknown name is an error, and not a user without wallets.
        auto user = look(context, [&](Engine& engine) { return engine.user(context.session(), args.user); });
        if (!user) return fail(user);
    }
    if (!args.key.empty()) {
        auto key = known_key_id(context, args.key, [&](const std::string& id) { return guards_any(context, id); });
        if (!key) return fail(key);
        query.key = std::move(*key);
    }
    return query;
}

Outcome list(Context& context, const ListArgs& args) {
    auto range = parse_page(args.page);
    if (!range) return fail(range);
    auto query = parse_list(context, args);
    if (!query) return fail(query);
    auto engine = context.engine();
    if (!engine) return fail(engine);
    List<Wallet> wallets(context.out());
    Status walked = walk_pages(
        range->limit, range->after,
        [&](const PageQuery& page) {
            query->page = page;
            return (*engine)->list_wallets(context.session(), *query);
        },
        [&](const Wallet& wallet) { wallets.add(wallet); });
    if (!walked) return fail(walked);
    wallets.finish();
    return 0;
}

Outcome show_wallet(Context& context, const WalletArgs& args) {
    return answer(context, look(context, [&](Engine& engine) { return engine.wallet(context.session(), args.wallet); }));
}

Outcome label(Context& context, const LabelArgs& args) {
    return change(context, [&](Engine& engine) { return engine.label_wallet(context.session(), args.wallet, args.label); });
}

/// `0x… (alice, "hot")`, for a question.
std::string described(const Wallet& wallet) {
    const std::string label = wallet.label.empty() ? "" : fmt::format(", \"{}\"", safe_text(wallet.label));
    return fmt::format("{} ({}{})", checksum_address(wallet.address), safe_text(wallet.user), label);
}

Outcome hide(Context& context, const RemoveArgs& args) {
    auto engine = context.writing_engine();
    if (!engine) return fail(engine);
    std::string named = args.wallet;
    if (context.out().interactive() && !context.options.yes) {
        auto wallet = (*engine)->wallet(context.session(), args.wallet);
        if (!wallet) return fail(wallet);
        named = checksum_address(wallet->address);
        Status agreed = context.ask_first(
            fmt::format(
                "The wallet {} leaves the lists and signs nothing more. Its row and its sealed key stay in the vault: "
                "`keydeck wallet restore {}` brings it back.",
                described(*wallet), checksum_address(wallet->address)),
            "Remove it?");
        if (!agreed) return fail(agreed);
    }
    return finish(context, "removed", args.wallet, [&](Engine& e) { return e.remove_wallet(context.session(), named); });
}

Outcome restore(Context& context, const WalletArgs& args) {
    return change(context, [&](Engine& engine) { return engine.restore_wallet(context.session(), args.wallet); });
}

Outcome destroy(Context& context, const RemoveArgs& args) {
    auto lost = parse_number(args.acknowledge.empty() ? "0" : args.acknowledge, "--acknowledge", 0, 1);
    if (!lost) return fail(lost);
    auto engine = context.writing_engine();
    if (!engine) return fail(engine);
    auto wallet = (*engine)->wallet(context.session(), args.wallet);
    if (!wallet) {  // the engine refuses it, and records that
        return finish(context, "destroyed", args.wallet,
                      [&](Engine& e) { return e.destroy_wallet(context.session(), args.wallet, 0); });
    }
    const std::string_view gone = wallet->custody == Custody::kKmsKey
                                      ? "its row will be erased; its KMS key is not touched"
                                      : "it and its sealed key will be erased, and nothing brings them back";
    Status agreed = context.confirm(fmt::format("The wallet {}: {}.", described(*wallet), gone));
    if (!agreed) return fail(agreed);
    return finish_destroying(context, args.wallet, [&](Engine& e) {
        return e.destroy_wallet(context.session(), checksum_address(wallet->address), *lost);
    });
}

Outcome remove(Context& context, const RemoveArgs& args) {
    if (args.destroy) return destroy(context, args);
    if (!args.acknowledge.empty()) return fail(ErrorCode::kInvalidInput, "--acknowledge goes with --destroy.");
    return hide(context, args);
}

}  // namespace

void register_wallet(CLI::App& app, Context& context) {
    CLI::App& group = add_group(app, "wallet", "Ethereum addresses and their keys");
    add_command(group, context, "create", "Create wallets for a user", declare_create, create);
    register_wallet_secrets(group, context);
    add_command(group, context, "list", "List wallets", declare_list, list);
    add_command(group, context, "show", "Show one wallet", declare_wallet, show_wallet);
    add_command(group, context, "label", "Give a wallet another label", declare_label, label);
    add_command(group, context, "remove", "Hide a wallet, or destroy it", declare_remove, remove);
    add_command(group, context, "restore", "Bring a hidden wallet back, named by its address", declare_wallet, restore);
}

}  // namespace keydeck::cli
