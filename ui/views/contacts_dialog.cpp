#include "ui/views/contacts_dialog.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "engine/contacts.hpp"
#include "ui/dialog_keys.hpp"
#include "ui/format.hpp"
#include "ui/key_words.hpp"
#include "ui/nearest.hpp"
#include "ui/views/change.hpp"
#include "ui/views/contact_dialog.hpp"
#include "ui/widgets/text_dialogs.hpp"

namespace keydeck::ui {
namespace {

Task add_back_task(const Contact& contact, const Session& session) {
    const std::string shown = safe_text(contact.name, Charset::kUnicode);
    return change_task(
        {fmt::format("put {} into the address book again", shown), "The contact was not added",
         "The address book is as it was."},
        [contact, session](Engine& engine, const TaskContext&) { return engine.add_contact(session, contact); },
        [](const Result<Contact>& added, const Scene& scene, Effects& effects) {
            effects.toasts.push_back(fmt::format("{} is in the address book again", scene.safe(added->name)));
        });
}

Task remove_task(const Contact& contact, const Session& session) {
    const std::string shown = safe_text(contact.name, Charset::kUnicode);
    return change_task(
        {fmt::format("take {} out of the address book", shown), "The contact was not removed",
         "The address book is as it was."},
        [name = contact.name, session](Engine& engine, const TaskContext&) -> Result<bool> {
            if (Status removed = engine.remove_contact(session, name); !removed) return fail(removed);
            return true;
        },
        [contact, shown](const Result<bool>&, const Scene& scene, Effects& effects) {
            effects.toasts.push_back(fmt::format("{} is not in the address book any more", shown));
            effects.undo =
                Undo{fmt::format("Put {} into the address book again?", shown), add_back_task(contact, scene.session)};
        });
}

// The engine tells names apart as these.
bool is_same_name(std::string_view a, std::string_view b) {
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
    return std::ranges::equal(a, b, {}, lower, lower);
}

class ContactsDialog final : public Dialog {
public:
    ContactsDialog(std::string select, bool remove) : Dialog("Address book"), selected_(std::move(select)), remove_(remove) {
        const auto add = [](const Scene&, Effects& effects) { effects.open.push_back(make_add_contact_dialog("")); };
        const auto ask = [this](const Scene&, Effects& effects) { ask_remove(effects); };
        const auto copy = [this](const Scene&, Effects& effects) {
            effects.copy = Copy{"address", checksum_address(at()->address)};
        };
        const auto nobody = [this](const Scene&) { return at() == nullptr ? "nobody is selected" : std::string(); };
        actions_ = {dialog_action("contact.add", add, off_for_operator_writes),
                    dialog_action("contact.remove", ask,
                                  [nobody](const Scene& scene) {
                                      std::string off = off_for_operator_writes(scene);
                                      return off.empty() ? nobody(scene) : off;
                                  }),
                    dialog_action("dialog.copy", copy, nobody, "copy the address"),
                    dialog_action("dialog.close", [](const Scene&, Effects& effects) { effects.close = true; })};
    }
    const Actions& actions() const override { return actions_; }
    void on_open(const Scene& scene, Effects& effects) override { read(scene, effects); }
    void on_change(const Scene& scene, Effects& effects) override { read(scene, effects); }
    std::vector<NamedCall> calls(const Scene& scene) const override;

private:
    [[nodiscard]] const Contact* at() const {
        if (!contacts_) return nullptr;
        const auto found = std::ranges::find(*contacts_, selected_, &Contact::name);
        return found == contacts_->end() ? nullptr : &*found;
    }
    void read(const Scene& scene, Effects& effects);
    void take(const Result<std::vector<Contact>>& contacts, const Scene& scene, Effects& effects);
    void ask_remove(Effects& effects) const;
    void move(std::int64_t by);

    Frame body(int cols, const Scene& scene) const override;
    bool on_key(const Key& key, const Scene& scene, Effects& effects) override;

    std::optional<std::vector<Contact>> contacts_;
    std::string error_;
    std::string selected_;  ///< a name, as it stands in the book
    bool remove_;           ///< asked for when it was opened
    Actions actions_;
};

void ContactsDialog::read(const Scene& scene, Effects& effects) {
    Task task = data_task(
        "read the address book",
        [session = scene.session](Engine& engine, const TaskContext&) { return engine.list_contacts(session); },
        [this](const Result<std::vector<Contact>>& contacts, const Scene& now, Effects& more) {
            take(contacts, now, more);
        });
    effects.tasks.push_back(std::move(task));
}

// A contact that is gone leaves the cursor on its neighbour.
void ContactsDialog::take(const Result<std::vector<Contact>>& contacts, const Scene& scene, Effects& effects) {
    error_ = contacts ? "" : scene.safe(contacts.error().message);
    if (!contacts) return;
    const bool first = !contacts_;
    const auto before = at() == nullptr ? 0 : at() - contacts_->data();
    contacts_ = *contacts;
    const auto same = [this](const Contact& contact) { return is_same_name(contact.name, selected_); };
    if (const auto found = std::ranges::find_if(*contacts_, same); first && found != contacts_->end())
        selected_ = found->name;
    if (first && !selected_.empty() && at() == nullptr) {
        std::vector<std::string> names;
        for (const Contact& contact : *contacts_) names.push_back(contact.name);
        const auto near = near_names(selected_, names);
        std::string text = fmt::format("There is no contact \"{}\"", scene.safe(selected_));
        if (!near.empty()) text += scene.safe(fmt::format("; did you mean {}?", fmt::join(near, ", ")));
        effects.toasts.push_back(std::move(text));
        remove_ = false;
    }
    if (at() == nullptr && !contacts_->empty())
        selected_ = (*contacts_)[std::min(static_cast<std::size_t>(before), contacts_->size() - 1)].name;
    if (!std::exchange(remove_, false)) return;
    const Action& action = *find_named(actions_, "contact.remove");
    if (const std::string off = action.reason(scene); !off.empty()) {
        effects.toasts.push_back("contact remove: " + off);
    } else {
        ask_remove(effects);
    }
}

void ContactsDialog::ask_remove(Effects& effects) const {
    const Contact& contact = *at();
    const std::string shown = safe_text(contact.name, Charset::kUnicode);
    effects.open.push_back(std::make_unique<QuestionDialog>(
        fmt::format("Take {} out of the address book?", shown),
        std::vector<TextLine>{{"Address", checksum_address(contact.address), {}, true, false},
                              {"Then",
                               "Previews call it by its address alone; who sends to it is warned as at the first time.",
                               {},
                               false,
                               false}},
        [contact](const Scene& scene, Effects& more) { more.tasks.push_back(remove_task(contact, scene.session)); },
        Call{{"contact", "remove"}, {contact.name}, {}}));
}

std::vector<NamedCall> ContactsDialog::calls(const Scene& scene) const {
    std::vector<NamedCall> out{{"", "the address book", Call{{"contact", "list"}, {}, {}}}};
    const Action& remove = *find_named(actions_, "contact.remove");
    if (remove.reason(scene).empty())
        out.push_back(
            {key_word(scene, remove.name), std::string(remove.help), Call{{"contact", "remove"}, {selected_}, {}}});
    return out;
}

void ContactsDialog::move(std::int64_t by) {
    if (at() == nullptr) return;
    const std::int64_t to = at() - contacts_->data() + by;
    selected_ = (*contacts_)[static_cast<std::size_t>(std::clamp<std::int64_t>(to, 0, std::ssize(*contacts_) - 1))].name;
}

bool ContactsDialog::on_key(const Key& key, const Scene& /*scene*/, Effects& /*effects*/) {
    constexpr std::int64_t kPage = 5;
    constexpr std::int64_t kAll = 1'000'000;
    std::int64_t by = 0;
    if (key == ui::key(U'j') || key.code == KeyCode::kDown || key == ctrl(U'n')) by = 1;
    if (key == ui::key(U'k') || key.code == KeyCode::kUp || key == ctrl(U'p')) by = -1;
    if (key.code == KeyCode::kPageDown || key == ctrl(U'd')) by = kPage;
    if (key.code == KeyCode::kPageUp || key == ctrl(U'u')) by = -kPage;
    if (key.code == KeyCode::kHome || key == ui::key(U'g')) by = -kAll;
    if (key.code == KeyCode::kEnd || key == ui::key(U'G')) by = kAll;
    if (by != 0) move(by);
    return by != 0;
}

Frame ContactsDialog::body(int cols, const Scene& scene) const {
    const auto line = [&](const std::string& text, Role role) {
        return draw_text({{"", text, {role}, false, false}}, cols, scene.charset);
    };
    if (!error_.empty()) return line("The address book could not be read: " + error_, Role::kDanger);
    if (!contacts_) return line("Reading…", Role::kMuted);
    if (contacts_->empty()) {
        const bool can_add = find_named(actions_, "contact.add")->reason(scene).empty();
        return line("There are no contacts yet." +
                        (can_add ? fmt::format(" {} adds the first one.", key_word(scene, "contact.add")) : std::string()),
                    Role::kMuted);
    }
    constexpr int kAddressCols = 42;
    const bool one_line = cols >= kAddressCols + 22;
    std::vector<std::pair<int, const Contact*>> rows;
    int count = 0;
    const auto rows_of = [&](const Contact& contact) { return (one_line ? 1 : 2) + (contact.note.empty() ? 0 : 1); };
    for (const Contact& contact : *contacts_) {
        rows.emplace_back(count, &contact);
        count += rows_of(contact);
    }
    Frame out({count, cols}, scene.charset);
    for (const auto& [row, contact] : rows) {
        const int name_cols = one_line ? cols - kAddressCols - 4 : cols - 2;
        out.put_fitted(row, 2, name_cols, scene.safe(contact->name), {Role::kTitle});
        out.put(one_line ? row : row + 1, one_line ? cols - kAddressCols : 4, checksum_address(contact->address));
        if (!contact->note.empty())
            out.put_fitted(row + rows_of(*contact) - 1, 4, cols - 4, scene.safe(contact->note), {Role::kMuted});
        if (contact->name != selected_) continue;
        out.put(row, 0, ">", {Role::kAccent});
        out.select({row, 0, rows_of(*contact), cols});
        out.cursor = Point{row + rows_of(*contact) - 1, 0};  // keeps it in sight
    }
    return out;
}

}  // namespace

std::unique_ptr<Dialog> make_contacts_dialog(std::string select, bool remove) {
    return std::make_unique<ContactsDialog>(std::move(select), remove);
}

}  // namespace keydeck::ui
