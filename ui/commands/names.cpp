#include "ui/commands/names.hpp"

#include <fmt/format.h>

#include <charconv>
#include <utility>

#include "engine/contacts.hpp"
#include "ui/format.hpp"
#include "ui/nearest.hpp"
#include "ui/views/screens.hpp"
#include "ui/widgets/row_window.hpp"

namespace keydeck::ui {
namespace {

constexpr std::int64_t kNamesLookedThrough = 200;

std::string state_of(const User& user) { return user.locked ? "locked" : "active"; }

std::string described(const User& user) {
    return fmt::format("{}, {}", counted(user.wallets, "wallet", "wallets"), state_of(user));
}

std::vector<Name> read_users(Engine& engine, const Session& session, const std::string& prefix, std::int64_t limit) {
    std::vector<Name> out;
    if (!session.is_operator()) {
        if (!session.user()->starts_with(prefix)) return out;
        if (const auto self = engine.user(session, *session.user())) out.push_back({self->name, described(*self)});
        return out;
    }
    UserQuery query;
    query.prefix = prefix;
    query.page.limit = limit;
    const auto users = engine.list_users(session, query);
    if (!users) return out;
    for (const User& user : *users) out.push_back({user.name, described(user)});
    return out;
}

std::vector<Name> read_wallets(Engine& engine, const Session& session, const std::string& typed) {
    WalletQuery query;
    query.filter = typed;
    query.page.limit = kMostNames;
    std::vector<Name> out;
    const auto wallets = engine.list_wallets(session, query);
    if (!wallets) return out;
    for (const Wallet& wallet : *wallets) {
        const std::string address = checksum_address(wallet.address);
        const bool by_label = !wallet.label.empty() && !typed.starts_with("0x");
        const std::string other = by_label ? short_target(address) : wallet.label.empty() ? "no label" : wallet.label;
        out.push_back(
            {by_label ? wallet.label : address, fmt::format("{} · {} · {}", other, wallet.user, to_string(wallet.state))});
    }
    return out;
}

std::vector<Name> read_keys(Engine& engine, const Session& session, const TaskContext& context) {
    std::vector<Name> out;
    const auto keys = engine.list_keys(session, {}, Progress{context.progress, context.stop});
    if (!keys) return out;
    for (const KeyInfo& key : *keys) {
        out.push_back({key.alias.empty() ? key.id : key.alias,
                       fmt::format("{} · {}", key.state, counted(key.wallets, "wallet", "wallets"))});
    }
    return out;
}

std::vector<Name> read_contacts(Engine& engine, const Session& session) {
    std::vector<Name> out;
    const auto contacts = engine.list_contacts(session);
    if (!contacts) return out;
    for (const Contact& contact : *contacts) out.push_back({contact.name, short_address(contact.address)});
    return out;
}

std::vector<Name> read_jobs(Engine& engine, const Session& session) {
    std::vector<Name> out;
    const auto jobs = engine.list_jobs(session, 0, kMostNames);
    if (!jobs) return out;
    for (const JobInfo& job : *jobs)
        out.push_back({std::to_string(job.id), fmt::format("{} · {}", job.state, plain_names(job.title))});
    return out;
}

std::vector<Name> read_alerts(Engine& engine, const Session& session) {
    std::vector<Name> out;
    const auto alerts = engine.list_alerts(session, false);
    if (!alerts) return out;
    for (const Alert& alert : *alerts)
        out.push_back({std::to_string(alert.id), fmt::format("{} · {}", alert.rule, plain_names(alert.sentence))});
    return out;
}

std::vector<Name> read_names(Engine& engine, const Session& session, const TaskContext& context, Operand operand,
                             const std::string& typed) {
    switch (operand) {
        case Operand::kUser:
            return read_users(engine, session, typed, kMostNames);
        case Operand::kWallet:
            return read_wallets(engine, session, typed);
        case Operand::kKey:
            return read_keys(engine, session, context);
        case Operand::kContact:
            return read_contacts(engine, session);
        case Operand::kJob:
            return read_jobs(engine, session);
        case Operand::kAlert:
            return read_alerts(engine, session);
        default:
            return {};
    }
}

Result<std::int64_t> number_in(const std::string& text) {
    std::int64_t out = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
    if (error != std::errc{} || end != text.data() + text.size())
        return fail(ErrorCode::kInvalidInput, fmt::format("\"{}\" is no number.", text));
    return out;
}

// The command line wants `alias/`; the screens show names without it.
Result<Object> find_key(Engine& engine, const Session& session, const std::string& name) {
    auto key = engine.key(session, name);
    if (!key && key.error().code != ErrorCode::kLocked && !name.contains('/')) {
        if (auto by_alias = engine.key(session, "alias/" + name)) key = std::move(by_alias);
    }
    const bool unknown = !key && (key.error().code == ErrorCode::kNotFound || key.error().code == ErrorCode::kInvalidInput);
    if (unknown) return fail(ErrorCode::kNotFound, fmt::format("There is no key \"{}\".", name));
    if (!key) return fail(key);
    return Object{key->id, key_name(key->alias, key->id), key->state};
}

Result<Object> find_object(Engine& engine, const Session& session, Operand operand, const std::string& name) {
    if (operand == Operand::kUser) {
        const auto user = engine.user(session, name);
        if (!user) return fail(user);
        return Object{std::to_string(user->id), user->name, state_of(*user)};
    }
    if (operand == Operand::kWallet) {
        const auto wallet = engine.wallet(session, name);
        if (!wallet) return fail(wallet);
        return Object{std::to_string(wallet->id), checksum_address(wallet->address), ""};
    }
    if (operand == Operand::kKey) return find_key(engine, session, name);
    const auto number = number_in(name);
    if (!number) return fail(number);
    if (operand == Operand::kJob) {
        const auto job = engine.job(session, *number);
        if (!job) return fail(job);
        return Object{std::to_string(job->id), job->title, job->state};
    }
    const auto alerts = engine.list_alerts(session, false);
    if (!alerts) return fail(alerts);
    for (const Alert& alert : *alerts) {
        if (alert.id == *number) return Object{row_id(alert), alert.rule, ""};
    }
    return fail(ErrorCode::kNotFound, fmt::format("There is no alert {}.", *number));
}

Result<std::vector<std::string>> names_near(Engine& engine, const Session& session, const TaskContext& context,
                                            Operand operand, const std::string& name) {
    const auto names = [](const std::vector<Name>& known) {
        std::vector<std::string> out;
        out.reserve(known.size());
        for (const Name& each : known) out.push_back(each.name);
        return out;
    };
    if (operand == Operand::kKey) {
        const auto keys = names(read_keys(engine, session, context));
        auto near = near_names(name, keys);
        return near.empty() ? near_names("alias/" + name, keys) : near;
    }
    if (!is_queried(operand)) return std::vector<std::string>{};
    return find_near(name, [&](const std::string& beginning) -> Result<std::vector<std::string>> {
        return names(operand == Operand::kUser ? read_users(engine, session, beginning, kNamesLookedThrough)
                                               : read_wallets(engine, session, beginning));
    });
}

}  // namespace

bool has_names(Operand operand) {
    return operand == Operand::kUser || operand == Operand::kWallet || operand == Operand::kKey ||
           operand == Operand::kContact || operand == Operand::kJob || operand == Operand::kAlert;
}

bool is_queried(Operand operand) { return operand == Operand::kUser || operand == Operand::kWallet; }

Task names_task(Operand operand, const std::string& typed, const Session& session, TakeNames take) {
    Task task = make_task(
        "read names to complete with", operand == Operand::kKey ? Lane::kKms : Lane::kData, false,
        [=](Engine& engine, const TaskContext& context) -> Result<std::vector<Name>> {
            return read_names(engine, session, context, operand, typed);
        },
        [take = std::move(take)](const Result<std::vector<Name>>& names, const Scene& scene, Effects& effects) {
            take(*names, scene, effects);
        });
    task.in_background = true;
    return task;
}

Task lookup_task(Operand operand, const std::string& name, const Session& session, TakeObject take) {
    return make_task(
        fmt::format("look for {}", safe_text(name, Charset::kUnicode)), operand == Operand::kKey ? Lane::kKms : Lane::kData,
        false,
        [=](Engine& engine, const TaskContext& context) -> Result<Lookup> {
            Lookup out{find_object(engine, session, operand, name), {}};
            if (!out.object && out.object.error().code == ErrorCode::kLocked) return fail(out.object);  // asks to unlock
            if (!out.object && out.object.error().code == ErrorCode::kNotFound)
                out.near = names_near(engine, session, context, operand, name).value_or(std::vector<std::string>{});
            return out;
        },
        [take = std::move(take)](const Result<Lookup>& found, const Scene& scene, Effects& effects) {
            take(found ? *found : Lookup{fail(found), {}}, scene, effects);
        });
}

}  // namespace keydeck::ui
