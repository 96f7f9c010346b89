// Many signatures in one go: results stream out in order, failures stand in their place.
#pragma once

#include <fmt/format.h>

#include "app/cli/context.hpp"
#include "app/cli/input.hpp"
#include "app/cli/verbs.hpp"

namespace keydeck::cli {

/// Counts what a batch did and writes one line for each item.
class BatchReport {
public:
    explicit BatchReport(Output& out) : out_(out) {}

    template <class T>
    void add(const Result<T>& result) {
        ++items_;
        if (!result) return add_failure(result.error());
        out_.line(out_.json() ? to_json(*result) : short_form(*result));
    }
    /// 0, or 1 where any item failed.
    [[nodiscard]] int exit_status() const { return failures_ == 0 ? 0 : 1; }
    /// How many failed, on standard error, where a person reads.
    void finish();

private:
    void add_failure(const Error& error);
    static std::string short_form(const MessageSignature& signature) { return hex_text(signature.signature); }
    static std::string short_form(const TransactionSignature& signature) { return hex_text(signature.raw); }
    Output& out_;
    std::int64_t items_ = 0;
    std::int64_t failures_ = 0;
};

/// Signs each line of `text` as a message.
Outcome sign_lines(Context& context, const std::string& wallet, std::string_view text);

/// The three verbs behind a kind of JSON that can be signed; what they are given first is the wallet.
template <class T>
struct ValueSigner {
    std::string_view what;
    std::function<Result<SigningPreview>(Engine&, std::string_view, std::string_view)> preview;
    std::function<Result<T>(Engine&, std::string_view, std::string_view)> one;
    std::function<Status(Engine&, std::string_view, std::string_view, const BatchSink<T>&)> many;
};

/// Asks on a terminal before a batch is signed: it is too long to be shown item by item. Error: cancelled.
Status approve_batch(Context& context, std::string_view what, const std::string& wallet);

/// Signs the JSON values of a file: one gives one result, its error being the command's; several are a batch.
template <class T>
Outcome sign_values(Context& context, const std::string& named, const std::string& path, const ValueSigner<T>& signer) {
    auto engine = context.writing_engine();
    if (!engine) return fail(engine);
    auto file = InputFile::open(path);
    if (!file) return fail(file);
    JsonPieces pieces(std::move(*file));
    auto piece = pieces.next();
    if (!piece) return fail(piece);
    const std::size_t values = *piece ? Engine::split_json_values(**piece).size() : 0;
    if (values == 0) return fail(ErrorCode::kInvalidInput, "There is no JSON value in the input.");
    const std::string wallet = address_named(context, **engine, named);
    if (values == 1 && pieces.at_end()) {
        const std::string json(**piece);
        Status agreed = context.approve([&](Engine& e) { return signer.preview(e, wallet, json); });
        if (!agreed) return fail(agreed);
        return answer(context, signer.one(**engine, wallet, json));
    }
    Status agreed = approve_batch(context, signer.what, wallet);
    if (!agreed) return fail(agreed);
    BatchReport report(context.out());
    while (*piece) {
        Status signed_all =
            signer.many(**engine, wallet, **piece, [&](std::size_t, const Result<T>& result) { report.add(result); });
        if (!signed_all) return fail(signed_all);
        piece = pieces.next();
        if (!piece) return fail(piece);
    }
    report.finish();
    return report.exit_status();
}

}  // namespace keydeck::cli
