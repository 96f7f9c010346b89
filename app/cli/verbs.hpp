// The shapes that most commands have.
#pragma once

#include "app/cli/context.hpp"
#include "app/cli/json_object.hpp"
#include "app/cli/records.hpp"

namespace keydeck::cli {

/// Shows the one record that a verb answered with.
template <class T>
Outcome answer(Context& context, const Result<T>& result) {
    if (!result) return fail(result);
    show(context.out(), *result);
    return 0;
}

/// Runs a verb that changes the vault and shows its record. `verb` takes an Engine& and returns a Result.
template <class Verb>
Outcome change(Context& context, Verb verb) {
    auto engine = context.writing_engine();
    if (!engine) return fail(engine);
    return answer(context, verb(**engine));
}

/// The address of the wallet that this names now. A question and the deed that follows both name it so: a label may move to
/// another wallet while the person reads. A name that leads nowhere comes back as it is, for the verb to refuse and record.
[[nodiscard]] std::string address_named(Context& context, Engine& engine, const std::string& wallet);

/// Runs a verb that only looks and shows its record. Most need no unlock; one that does gets it.
template <class Verb>
auto look(Context& context, Verb verb) -> decltype(verb(std::declval<Engine&>())) {
    auto engine = context.engine();
    if (!engine) return fail(engine);
    auto result = verb(**engine);
    if (result || result.error().code != ErrorCode::kLocked || !(*engine)->needs_unlock()) return result;
    engine = context.unlocked_engine();
    if (!engine) return fail(engine);
    return verb(**engine);
}

/// Runs a verb without a result: `{"done":"WHAT","name":…}` with --json, a sentence otherwise.
template <class Verb>
Outcome finish(Context& context, std::string_view what, std::string_view name, Verb verb) {
    auto engine = context.writing_engine();
    if (!engine) return fail(engine);
    Status done = verb(**engine);
    if (!done) return fail(done);
    Output& out = context.out();
    if (out.json()) {
        out.line(JsonObject().text("done", what).text("name", name).finish());
    } else {
        write_details(out, {{what, std::string(name)}});
    }
    return 0;
}

/// Tells people which copies that the vault has made by itself still hold what was destroyed.
void tell_of_copies(Context& context);

/// The same for what destroys.
template <class Verb>
Outcome finish_destroying(Context& context, std::string_view name, Verb verb) {
    Outcome done = finish(context, "destroyed", name, verb);
    if (done) tell_of_copies(context);
    return done;
}

/// Walks a keyset-paged list: `page` takes a PageQuery and returns rows, `each` takes a row. `limit` rows at most.
template <class Page, class Each>
Status walk_pages(std::int64_t limit, std::optional<std::int64_t> after, Page page, Each each) {
    constexpr std::int64_t kRows = 5'000;
    for (std::int64_t left = limit; left > 0;) {
        PageQuery query{.limit = std::min(left, kRows), .after = after};
        auto rows = page(query);
        if (!rows) return fail(rows);
        for (const auto& row : *rows) each(row);
        if (static_cast<std::int64_t>(rows->size()) < query.limit) break;
        left -= query.limit;
        after = rows->back().id;
    }
    return {};
}

/// `--limit` and `--after` of a list.
struct PageArgs {
    std::string limit;
    std::string after;
};
struct PageRange {
    std::int64_t limit = 0;
    std::optional<std::int64_t> after;
};
Result<PageRange> parse_page(const PageArgs& args);

/// The key id that a KEY (id, ARN, alias/NAME) names: the store's filters know ids alone. Errors: those of Engine::key, for
/// an alias.
Result<std::string> key_id(Context& context, const std::string& key);

/// The same for a filter, which must name something: a key that `is_used` knows (it may be destroyed by now) or that the
/// KMS has. Errors: those of Engine::key and of `is_used`.
Result<std::string> known_key_id(Context& context, const std::string& key,
                                 const std::function<Result<bool>(const std::string& id)>& is_used);

}  // namespace keydeck::cli
