// Checking signatures and reading raw transactions: no vault is needed.
#include "app/cli/command.hpp"
#include "app/cli/commands.hpp"
#include "app/cli/input.hpp"
#include "app/cli/message_source.hpp"
#include "app/cli/verbs.hpp"

namespace keydeck::cli {
namespace {

struct SignatureArgs {
    std::string signature;
    std::string address;
};

struct MessageArgs {
    SignatureArgs signature;
    MessageSource message;
};

struct TypedDataArgs {
    SignatureArgs signature;
    std::string file;
};

struct DecodeArgs {
    std::string raw;
    std::string file;
};

void declare_signature(CLI::App& command, SignatureArgs& args) {
    command.add_option("--signature", args.signature, "65 bytes, r ‖ s ‖ v")->type_name("0x…")->required();
    command.add_option("--address", args.address, "Who should have signed")->type_name("0x…");
}

void declare_verify_message(CLI::App& command, MessageArgs& args) {
    declare_signature(command, args.signature);
    declare_message(command, args.message);
}

void declare_verify_typed_data(CLI::App& command, TypedDataArgs& args) {
    declare_signature(command, args.signature);
    command.add_option("--file", args.file, "{types, primaryType, domain, message}; - is standard input")
        ->type_name("FILE")
        ->required();
}

void declare_decode(CLI::App& command, DecodeArgs& args) {
    command.add_option("RAW", args.raw, "The raw transaction")->type_name("0x…");
    command.add_option("--file", args.file, "Read it from a file (an argument has a limit); - is standard input")
        ->type_name("FILE");
}

Result<std::optional<AddressBytes>> expected_signer(const SignatureArgs& args) {
    if (args.address.empty()) return std::optional<AddressBytes>();
    auto address = parse_address_text(args.address);
    if (!address) return fail(address);
    return std::optional<AddressBytes>(*address);
}

Outcome report(Context& context, const Result<Verification>& verification) {
    if (!verification) return fail(verification);
    Output& out = context.out();
    if (out.json()) {
        out.line(to_json(*verification));
    } else {
        out.line(verification->valid ? out.painted("valid", Paint::kGood) : out.painted("NOT valid", Paint::kBad));
        const bool nobody = signed_by_nobody(*verification);
        write_details(out, {{"Signed by", nobody ? "nobody: no key can have made this signature"
                                                 : checksum_address(verification->address)}});
    }
    return verification->valid ? 0 : 1;
}

Outcome verify_message(Context& context, const MessageArgs& args) {
    auto message = read_message(args.message);
    if (!message) return fail(message);
    auto signer = expected_signer(args.signature);
    if (!signer) return fail(signer);
    return report(context, Engine::verify_message(as_bytes(*message), args.signature.signature, *signer));
}

Outcome verify_typed_data(Context& context, const TypedDataArgs& args) {
    auto json = read_text(args.file);
    if (!json) return fail(json);
    auto signer = expected_signer(args.signature);
    if (!signer) return fail(signer);
    return report(context, Engine::verify_typed_data(*json, args.signature.signature, *signer));
}

Outcome decode_transaction(Context& context, const DecodeArgs& args) {
    if (args.raw.empty() == args.file.empty()) {
        return fail(ErrorCode::kInvalidInput, "Exactly one of RAW and --file is needed.");
    }
    std::string raw = args.raw;
    if (!args.file.empty()) {
        auto text = read_text(args.file);
        if (!text) return fail(text);
        raw = text->substr(0, text->find_last_not_of(" \t\r\n") + 1);
    }
    auto decoded = Engine::decode_transaction(raw);
    if (!decoded) return fail(decoded);
    if (context.json()) {
        context.out().line(decoded->json);
        return 0;
    }
    std::vector<Detail> details;
    for (const PreviewLine& line : decoded->lines) details.push_back({line.name, line.value});
    write_details(context.out(), details);
    return 0;
}

}  // namespace

void register_verify(CLI::App& app, Context& context) {
    CLI::App& group = add_group(app, "verify", "Check a signature, and who made it");
    add_command(group, context, "message", "Check the signature of a message (EIP-191)", declare_verify_message,
                verify_message);
    add_command(group, context, "typed-data", "Check the signature of typed data (EIP-712)", declare_verify_typed_data,
                verify_typed_data);
}

void register_decode(CLI::App& app, Context& context) {
    CLI::App& group = add_group(app, "decode", "Read what others made");
    add_command(group, context, "transaction", "What a raw transaction says and who signed it", declare_decode,
                decode_transaction);
}

}  // namespace keydeck::cli
