#include "ui/commands/call.hpp"

#include <algorithm>

#include "ui/commands/words.hpp"

namespace keydeck::ui {

Call& Call::option(std::string_view name, const std::string& value) {
    if (value.starts_with('-')) {
        words.push_back(std::string(name) + "=" + value);
    } else {
        words.insert(words.end(), {std::string(name), value});
    }
    return *this;
}

std::string call_line(const Call& call, const CallOptions& options, const Session& session) {
    Call whole{{"keydeck"}, {}, {}};
    if (!options.vault.empty()) whole.option("--vault", options.vault);
    if (!session.is_operator()) whole.option("--as", *session.user());
    std::vector<std::string>& all = whole.words;
    all.insert(all.end(), call.words.begin(), call.words.end());
    if (std::ranges::any_of(call.operands, [](const std::string& operand) { return operand.starts_with('-'); }))
        all.emplace_back("--");
    all.insert(all.end(), call.operands.begin(), call.operands.end());
    const std::string line = shell_line(all);
    return call.input.empty() ? line : "printf %s " + shell_quoted(call.input) + " | " + line;
}

}  // namespace keydeck::ui
