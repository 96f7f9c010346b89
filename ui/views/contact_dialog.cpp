#include "ui/views/contact_dialog.hpp"

#include <fmt/format.h>

#include <optional>
#include <utility>

#include "engine/contacts.hpp"
#include "ui/format.hpp"
#include "ui/views/change.hpp"
#include "ui/views/form_dialog.hpp"

namespace keydeck::ui {
namespace {

constexpr std::size_t kMostNameBytes = 256;
constexpr std::size_t kMostNoteBytes = 1024;
constexpr std::size_t kMostAddressBytes = 64;

std::string judge_text(const std::string& text, std::int64_t most) {
    const std::size_t hidden = count_hidden(text, true);
    if (hidden > 0) return counted(static_cast<std::int64_t>(hidden), "hidden character", "hidden characters") + " in it";
    std::int64_t characters = 0;
    for (std::size_t at = 0; at < text.size(); at += decode_character(text, at).length) ++characters;
    return characters > most ? fmt::format("{} characters: {} at most", characters, most) : "";
}

std::string judge_name(const std::string& name) {
    return name.empty() ? "what previews will call it" : judge_text(name, 64);
}

std::string judge_address(const std::string& text) {
    if (text.empty()) return "0x and 40 hex digits";
    const auto address = parse_address_text(text);
    return address ? "" : safe_text(address.error().message, Charset::kUnicode);
}

class ContactDialog final : public FormDialog {
public:
    /// `address`: none where it is asked for.
    ContactDialog(std::optional<AddressBytes> address, std::string name)
        : FormDialog("New contact", "Add"),
          fixed_(address),
          name_(form_.add<TextField>("Name", kMostNameBytes, judge_name)),
          address_(form_.add<TextField>("Address", kMostAddressBytes, fixed_ ? TextField::Judge{} : judge_address)),
          note_(
              form_.add<TextField>("Note", kMostNoteBytes, [](const std::string& note) { return judge_text(note, 256); })) {
        name_.set(std::move(name));
        address_.shown = [this] { return !fixed_; };
    }
    Call call(const Scene& /*scene*/) const override {
        if (!form_.complete()) return {};
        Call out{{"contact", "add"}, {name_.text(), checksum_address(address())}, {}};
        return note_.text().empty() ? out : out.option("--note", note_.text());
    }

private:
    [[nodiscard]] AddressBytes address() const {
        return fixed_ ? *fixed_ : parse_address_text(address_.text()).value_or(AddressBytes{});
    }
    Frame body(int cols, const Scene& scene) const override {
        std::vector<TextLine> lines;
        if (fixed_) lines.push_back({"Address", checksum_address(*fixed_), {}, true, false});
        lines.push_back({"", "Compare every digit: the name will be trusted.", {Role::kMuted}, false, false});
        lines.push_back(blank_line());
        const Frame head = draw_text(lines, cols, scene.charset);
        const Frame form = FormDialog::body(cols, scene);
        const int head_rows = head.size().rows;
        Frame out({head_rows + form.size().rows, cols}, scene.charset);
        out.blit(head.area(), head, 0);
        out.blit({head_rows, 0, form.size().rows, cols}, form, 0);
        return out;
    }

    static Task remove_task(const std::string& name, const Session& session) {
        return change_task(
            {fmt::format("take {} out of the address book", name), "The contact was not removed",
             "The address book is as it was."},
            [=](Engine& engine, const TaskContext&) -> Result<bool> {
                if (Status removed = engine.remove_contact(session, name); !removed) return fail(removed);
                return true;
            },
            [=](const Result<bool>&, const Scene& scene, Effects& effects) {
                effects.toasts.push_back(fmt::format("{} is not in the address book any more", scene.safe(name)));
            });
    }

    void submit(const Scene& scene, Effects& effects) override {
        busy_ = true;
        Contact contact;
        contact.name = name_.text();
        contact.note = note_.text();
        contact.address = address();
        effects.tasks.push_back(make_task(
            fmt::format("add {} to the address book", scene.safe(contact.name)), Lane::kData, true,
            [contact, session = scene.session](Engine& engine, const TaskContext&) {
                return engine.add_contact(session, contact);
            },
            [this, session = scene.session](const Result<Contact>& added, const Scene& now, Effects& more) {
                busy_ = false;
                more.refresh = true;
                if (!added) {
                    refusal_ = now.safe(added.error().message);
                    return;
                }
                more.close = true;
                const std::string name = now.safe(added->name);
                more.toasts.push_back(fmt::format("{} is in the address book", name));
                more.undo =
                    Undo{fmt::format("Take {} out of the address book again?", name), remove_task(added->name, session)};
            }));
    }

    std::optional<AddressBytes> fixed_;
    TextField& name_;
    TextField& address_;
    TextField& note_;
};

}  // namespace

std::unique_ptr<Dialog> make_contact_dialog(const AddressBytes& address) {
    return std::make_unique<ContactDialog>(address, "");
}

std::unique_ptr<Dialog> make_add_contact_dialog(std::string name) {
    return std::make_unique<ContactDialog>(std::nullopt, std::move(name));
}

}  // namespace keydeck::ui
