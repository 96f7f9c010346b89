#include "app/cli/verbs.hpp"

#include <limits>

#include <fmt/format.h>

#include "app/cli/safe_text.hpp"
#include "engine/backup.hpp"

namespace keydeck::cli {

void tell_of_copies(Context& context) {
    if (context.json()) return;
    auto engine = context.engine();
    if (!engine) return;
    const auto vault = (*engine)->vault();
    const std::string warning = vault ? warn_of_copies_of_destroyed(vault->path) : std::string();
    if (!warning.empty()) context.out().note(safe_text(warning));
}

std::string address_named(Context& context, Engine& engine, const std::string& wallet) {
    const auto found = engine.wallet(context.session(), wallet);
    return found ? checksum_address(found->address) : wallet;
}

Result<PageRange> parse_page(const PageArgs& args) {
    constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
    PageRange range{.limit = kMost, .after = std::nullopt};
    if (!args.limit.empty()) {
        auto limit = parse_number(args.limit, "--limit", 1, 100'000);
        if (!limit) return fail(limit);
        range.limit = *limit;
    }
    if (!args.after.empty()) {
        auto after = parse_number(args.after, "--after", 0, kMost);
        if (!after) return fail(after);
        range.after = *after;
    }
    return range;
}

Result<std::string> key_id(Context& context, const std::string& key) {
    if (const std::size_t at = key.find(":key/"); at != std::string::npos) return key.substr(at + 5);
    if (!key.starts_with("alias/") && !key.starts_with("arn:")) return key;
    auto found = look(context, [&](Engine& engine) { return engine.key(context.session(), key); });
    if (!found) return fail(found);
    return found->id;
}

Result<std::string> known_key_id(Context& context, const std::string& key,
                                 const std::function<Result<bool>(const std::string& id)>& is_used) {
    const auto no_such_key = [&](const Error& error) {
        if (error.code != ErrorCode::kNotFound) return std::unexpected<Error>(error);
        return fail(ErrorCode::kNotFound, fmt::format("There is no key \"{}\".", key), "`keydeck key list` lists them.",
                    error.kms_error);
    };
    auto id = key_id(context, key);
    if (!id) return no_such_key(id.error());
    auto used = is_used(*id);
    if (!used) return fail(used);
    if (*used) return id;
    auto found = look(context, [&](Engine& engine) { return engine.key(context.session(), *id); });
    if (!found) return no_such_key(found.error());
    return found->id;
}

}  // namespace keydeck::cli
