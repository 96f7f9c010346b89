#include "ui/views/contact_dialog.hpp"

#include <fmt/format.h>

#include "engine/contacts.hpp"
#include "ui/format.hpp"
#include "ui/views/change.hpp"
#include "ui/views/form_dialog.hpp"

namespace keydeck::ui {
namespace {

constexpr std::size_t kMostNameBytes = 256;
constexpr std::size_t kMostNoteBytes = 1024;

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

class ContactDialog final : public FormDialog {
public:
    explicit ContactDialog(const AddressBytes& address)
        : FormDialog("New contact", "Add"),
          address_(address),
          name_(form_.add<TextField>("Name", kMostNameBytes, judge_name)),
          note_(
              form_.add<TextField>("Note", kMostNoteBytes, [](const std::string& note) { return judge_text(note, 256); })) {}

private:
    Frame body(int cols, const Scene& scene) const override {
        const Frame head = draw_text({{"Address", checksum_address(address_), {}, true, false},
                                      {"", "Compare every digit: the name will be trusted.", {Role::kMuted}, false, false},
                                      blank_line()},
                                     cols, scene.charset);
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
        contact.address = address_;
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

    AddressBytes address_;
    TextField& name_;
    TextField& note_;
};

}  // namespace

std::unique_ptr<Dialog> make_contact_dialog(const AddressBytes& address) { return std::make_unique<ContactDialog>(address); }

}  // namespace keydeck::ui
