#include "app/cli/verbs.hpp"

#include <limits>

namespace keydeck::cli {

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

}  // namespace keydeck::cli
