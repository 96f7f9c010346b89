#include <fmt/format.h>

#include "app/cli/command.hpp"
#include "app/cli/commands.hpp"
#include "app/cli/input.hpp"
#include "app/cli/message_source.hpp"
#include "app/cli/sign_batch.hpp"
#include "app/cli/verbs.hpp"

namespace keydeck::cli {
namespace {

struct MessageArgs {
    std::string wallet;
    MessageSource message;
    bool lines = false;
};

struct FileArgs {
    std::string wallet;
    std::string file;
};

struct AuthorizationArgs {
    std::string wallet;
    std::string chain_id;
    std::string address;
    std::string nonce;
    bool any_chain = false;
};

constexpr auto kWalletHelp = "Address, label, or the name of a user with one wallet";

void declare_sign_message(CLI::App& command, MessageArgs& args) {
    command.add_option("WALLET", args.wallet, kWalletHelp)->required();
    declare_message(command, args.message);
    command.add_flag("--lines", args.lines, "With --file: sign each line of it as a message of its own");
}

void declare_typed_data(CLI::App& command, FileArgs& args) {
    command.add_option("WALLET", args.wallet, kWalletHelp)->required();
    command.add_option("--file", args.file, "{types, primaryType, domain, message}, one or many; - is standard input")
        ->type_name("FILE")
        ->required();
}

void declare_transaction(CLI::App& command, FileArgs& args) {
    command.add_option("WALLET", args.wallet, kWalletHelp)->required();
    command.add_option("--file", args.file, "JSON with the JSON-RPC field names, one or many; - is standard input")
        ->type_name("FILE")
        ->required();
}

void declare_authorization(CLI::App& command, AuthorizationArgs& args) {
    command.add_option("WALLET", args.wallet, kWalletHelp)->required();
    command.add_option("--chain-id", args.chain_id, "The chain it holds on; 0 is every chain")->type_name("N")->required();
    command.add_option("--address", args.address, "The contract whose code the wallet will run")->type_name("A")->required();
    command.add_option("--nonce", args.nonce, "The wallet's nonce, decimal or 0x…")->type_name("N")->required();
    command.add_flag("--any-chain", args.any_chain, "Needed with chain id 0");
}

Outcome sign_message(Context& context, const MessageArgs& args) {
    Status source = check_message(args.message);
    if (!source) return fail(source);
    if (args.lines && args.message.file.empty()) return fail(ErrorCode::kInvalidInput, "--lines goes with --file.");
    auto engine = context.writing_engine();
    if (!engine) return fail(engine);
    auto message = read_message(args.message);
    if (!message) return fail(message);
    if (args.lines) return sign_lines(context, args.wallet, *message);
    const std::string wallet = address_named(context, **engine, args.wallet);
    Status agreed =
        context.approve([&](Engine& e) { return e.preview_message(context.session(), wallet, as_bytes(*message)); });
    if (!agreed) return fail(agreed);
    return answer(context, (*engine)->sign_message(context.session(), wallet, as_bytes(*message)));
}

Outcome sign_typed_data(Context& context, const FileArgs& args) {
    using Wallet = std::string_view;
    return sign_values<MessageSignature>(
        context, args.wallet, args.file,
        {.what = "typed data",
         .preview = [&](Engine& e, Wallet wallet,
                        std::string_view json) { return e.preview_typed_data(context.session(), wallet, json); },
         .one = [&](Engine& e, Wallet wallet,
                    std::string_view json) { return e.sign_typed_data(context.session(), wallet, json); },
         .many =
             [&](Engine& e, Wallet wallet, std::string_view json, const BatchSink<MessageSignature>& sink) {
                 return e.sign_typed_data_batch(context.session(), wallet, json, context.options.yes, sink);
             }});
}

Outcome sign_transaction(Context& context, const FileArgs& args) {
    using Wallet = std::string_view;
    return sign_values<TransactionSignature>(
        context, args.wallet, args.file,
        {.what = "transactions",
         .preview = [&](Engine& e, Wallet wallet,
                        std::string_view json) { return e.preview_transaction(context.session(), wallet, json); },
         .one = [&](Engine& e, Wallet wallet,
                    std::string_view json) { return e.sign_transaction(context.session(), wallet, json); },
         .many =
             [&](Engine& e, Wallet wallet, std::string_view json, const BatchSink<TransactionSignature>& sink) {
                 return e.sign_transactions(context.session(), wallet, json, context.options.yes, sink);
             }});
}

Outcome sign_authorization(Context& context, const AuthorizationArgs& args) {
    auto nonce = parse_quantity(args.nonce, "--nonce", 0, std::numeric_limits<std::int64_t>::max());
    if (!nonce) return fail(nonce);
    auto engine = context.writing_engine();
    if (!engine) return fail(engine);
    const auto count = static_cast<std::uint64_t>(*nonce);
    const bool every_chain = args.chain_id.find_first_not_of("0x") == std::string::npos;
    if (every_chain && !args.any_chain) {
        return fail(ErrorCode::kInvalidInput, "Chain id 0 authorizes the contract on every chain.",
                    "Add --any-chain if that is meant.");
    }
    const std::string wallet = address_named(context, **engine, args.wallet);
    Status agreed = context.approve(
        [&](Engine& e) { return e.preview_authorization(context.session(), wallet, args.chain_id, args.address, count); });
    if (!agreed) return fail(agreed);
    return answer(context, (*engine)->sign_authorization(context.session(), wallet, args.chain_id, args.address, count,
                                                         args.any_chain));
}

}  // namespace

void register_sign(CLI::App& app, Context& context) {
    CLI::App& group = add_group(app, "sign", "Sign with a wallet");
    add_command(group, context, "message", "Sign a message (EIP-191)", declare_sign_message, sign_message);
    add_command(group, context, "typed-data", "Sign typed data (EIP-712)", declare_typed_data, sign_typed_data);
    add_command(group, context, "transaction", "Sign transactions of any type", declare_transaction, sign_transaction);
    add_command(group, context, "authorization", "Sign a delegation to a contract (EIP-7702)", declare_authorization,
                sign_authorization);
}

}  // namespace keydeck::cli
