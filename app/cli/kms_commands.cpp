// `kms serve` and `kms access-key`: the embedded KMS for other programs.
#include <pthread.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <vector>

#include <fmt/format.h>

#include "app/cli/command.hpp"
#include "app/cli/commands.hpp"
#include "app/cli/safe_text.hpp"
#include "app/cli/verbs.hpp"

namespace keydeck::cli {
namespace {

struct ServeArgs {
    std::string listen = "127.0.0.1:4599";
    bool allow_remote = false;
    std::string tls_certificate;
    std::string tls_key;
};

void declare_serve(CLI::App& command, ServeArgs& args) {
    command.add_option("--listen", args.listen, "Where to listen (default: 127.0.0.1:4599; port 0: any that is free)")
        ->type_name("ADDRESS:PORT");
    command.add_flag("--allow-remote", args.allow_remote, "Let other machines in; needs --tls-cert and --tls-key too");
    command.add_option("--tls-cert", args.tls_certificate, "Serve HTTPS with this certificate (PEM)")->type_name("FILE");
    command.add_option("--tls-key", args.tls_key, "The certificate's key (PEM)")->type_name("FILE");
}

struct CreateArgs {
    bool session_token = false;
};

void declare_create(CLI::App& command, CreateArgs& args) {
    command.add_flag("--session-token", args.session_token, "With a session token, as temporary credentials have one");
}

struct RemoveArgs {
    std::string id;
};

void declare_remove(CLI::App& command, RemoveArgs& args) {
    command.add_option("id", args.id, "The access key's id")->type_name("ID")->required();
}

/// `127.0.0.1:4599` or `[::1]:4599`.
Result<KmsServing> parse_listen(const ServeArgs& args) {
    KmsServing serving;
    const std::size_t colon = args.listen.rfind(':');
    std::string address = colon == std::string::npos ? std::string() : args.listen.substr(0, colon);
    if (address.starts_with('[') && address.ends_with(']')) address = address.substr(1, address.size() - 2);
    if (address.empty()) {
        return fail(ErrorCode::kInvalidInput, "--listen must be an address and a port.",
                    "Like 127.0.0.1:4599 or [::1]:4599.");
    }
    auto port = parse_number(args.listen.substr(colon + 1), "The port of --listen", 0, 65'535);
    if (!port) return fail(port);
    serving.address = address == "localhost" ? "127.0.0.1" : address;
    serving.port = static_cast<std::uint16_t>(*port);
    serving.allow_remote = args.allow_remote;
    serving.tls_certificate = args.tls_certificate;
    serving.tls_key = args.tls_key;
    return serving;
}

/// The signals that end a server, held back in every thread that is made afterwards, to be waited for.
class EndingSignals {
public:
    EndingSignals() {
        sigemptyset(&signals_);
        for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&signals_, signal);
        pthread_sigmask(SIG_BLOCK, &signals_, &before_);
    }
    ~EndingSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    EndingSignals(const EndingSignals&) = delete;
    EndingSignals& operator=(const EndingSignals&) = delete;
    void wait() {
        int signal = 0;
        while (sigwait(&signals_, &signal) != 0) {
        }
    }

private:
    sigset_t signals_{};
    sigset_t before_{};
};

void announce(Output& out, const KmsService& service, const VaultInfo& vault, std::size_t access_keys) {
    if (out.json()) {
        out.line(JsonObject()
                     .text("url", service.url())
                     .number("port", service.port())
                     .text("region", vault.region)
                     .text("account", vault.account)
                     .number("access_keys", static_cast<std::int64_t>(access_keys))
                     .boolean("policies_enforced", false)
                     .finish());
        return;
    }
    out.line(fmt::format("The keys of {} are served at {} (region {}, account {}).", safe_text(vault.path), service.url(),
                         vault.region, vault.account));
    out.line("Whoever has an access key may do everything with them: key policies are kept, not enforced.");
    out.line(fmt::format("Programs that speak AWS KMS need AWS_ENDPOINT_URL={} AWS_REGION={} and an access key.",
                         service.url(), vault.region));
    out.line("Ctrl-C ends it.");
    if (access_keys == 0) {
        out.line(out.painted("There is no access key yet, so every request will be refused.", Paint::kWarn));
        out.line("Make one: keydeck kms access-key create");
    }
}

Outcome serve(Context& context, const ServeArgs& args) {
    auto serving = parse_listen(args);
    if (!serving) return fail(serving);
    auto engine = context.writing_engine();
    if (!engine) return fail(engine);
    auto vault = (*engine)->vault();
    if (!vault) return fail(vault);
    auto access_keys = (*engine)->list_access_keys(context.session());
    if (!access_keys) return fail(access_keys);
    // Output is not for several threads: a fault's sentence goes straight out.
    serving->note_fault = [](std::string_view sentence) {
        const std::string line = fmt::format("kms serve: {}\n", safe_text(sentence));
        (void)!::write(STDERR_FILENO, line.data(), line.size());
    };
    EndingSignals signals;
    auto service = (*engine)->serve_kms(context.session(), *serving);
    if (!service) return fail(service);
    announce(context.out(), **service, *vault, access_keys->size());
    if (Status said = context.out().flush(); !said) return fail(said);
    signals.wait();
    (*service)->stop();
    return 0;
}

/// Straight from locked memory to standard output. Its characters are base64's: nothing needs escaping.
Status print_access_key(Output& out, const NewAccessKey& key) {
    if (Status flushed = out.flush(); !flushed) return flushed;
    SecretBytes text;
    const auto add = [&](std::string_view name, std::string_view json_name, ByteView value) {
        if (value.empty()) return;
        const std::string_view comma = text.empty() ? "{" : ",";
        text.append(as_bytes(out.json() ? fmt::format("{}\"{}\":\"", comma, json_name) : fmt::format("{:<19}", name)));
        text.append(value);
        text.append(as_bytes(out.json() ? "\"" : "\n"));
    };
    add("Access key id", "access_key_id", as_bytes(key.id));
    add("Secret access key", "secret_access_key", key.secret.view());
    add("Session token", "session_token", key.session_token.view());
    if (out.json()) text.append(as_bytes("}\n"));
    for (ByteView left = text.view(); !left.empty();) {
        const ssize_t n = ::write(STDOUT_FILENO, left.data(), left.size());
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return fail(ErrorCode::kUnavailable, "Standard output cannot be written.");
        left = left.subspan(static_cast<std::size_t>(n));
    }
    if (!out.json()) out.note("The secret is shown this once.");
    return {};
}

Outcome create_access_key(Context& context, const CreateArgs& args) {
    auto engine = context.writing_engine();
    if (!engine) return fail(engine);
    auto key = (*engine)->create_access_key(context.session(), args.session_token);
    if (!key) return fail(key);
    if (Status printed = print_access_key(context.out(), *key); !printed) return fail(printed);
    return 0;
}

Outcome list_access_keys(Context& context) {
    auto keys = look(context, [&](Engine& engine) { return engine.list_access_keys(context.session()); });
    if (!keys) return fail(keys);
    Output& out = context.out();
    Table table(out, {{"Access key id"}, {"Created"}, {"Session token"}});
    for (const AccessKeyInfo& key : *keys) {
        if (out.json()) {
            out.line(JsonObject()
                         .text("access_key_id", key.id)
                         .time("created_at", key.created_at)
                         .boolean("session_token", key.has_session_token)
                         .finish());
        } else {
            table.row({key.id, to_rfc3339(key.created_at), key.has_session_token ? "yes" : "no"});
        }
    }
    if (!out.json()) table.finish("No access keys. Make one: keydeck kms access-key create");
    return 0;
}

Outcome remove_access_key(Context& context, const RemoveArgs& args) {
    return finish(context, "removed", args.id,
                  [&](Engine& engine) { return engine.remove_access_key(context.session(), args.id); });
}

}  // namespace

void register_kms(CLI::App& app, Context& context) {
    CLI::App& group = add_group(app, "kms", "The embedded KMS for other programs, over AWS's protocol");
    add_command(group, context, "serve", "Serve the vault's keys over HTTP until a signal ends it", declare_serve, serve);
    CLI::App& keys = add_group(group, "access-key", "What requests to `kms serve` are signed with");
    add_command(keys, context, "create", "Make an access key; its secret is shown this once", declare_create,
                create_access_key);
    add_command(keys, context, "list", "List access keys, without their secrets", list_access_keys);
    add_command(keys, context, "remove", "Remove an access key: requests signed with it are refused at once", declare_remove,
                remove_access_key);
}

}  // namespace keydeck::cli
