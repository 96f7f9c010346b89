#include "app/cli/command.hpp"
#include "app/cli/commands.hpp"
#include "app/cli/verbs.hpp"
#include "engine/contacts.hpp"

namespace keydeck::cli {
namespace {

struct AddArgs {
    std::string name;
    std::string address;
    std::string note;
};

struct ListArgs {
    std::string filter;
};

struct NameArgs {
    std::string name;
};

void declare_add(CLI::App& command, AddArgs& args) {
    command.add_option("NAME", args.name, "What previews will call the address")->required();
    command.add_option("ADDRESS", args.address, "0x and 40 hex digits")->required();
    command.add_option("--note", args.note, "Whatever else is to be known, in one line");
}

void declare_list(CLI::App& command, ListArgs& args) {
    command.add_option("--filter", args.filter, "Part of a name, or the beginning of an address (0x…)");
}

void declare_name(CLI::App& command, NameArgs& args) {
    command.add_option("NAME", args.name, "The contact's name")->required();
}

std::string to_json(const Contact& contact) {
    return JsonObject()
        .text("name", contact.name)
        .address("address", contact.address)
        .text("note", contact.note)
        .time("created_at", contact.created_at)
        .finish();
}

void show(Output& out, const Contact& contact) {
    if (out.json()) return out.line(to_json(contact));
    write_details(out, {{"Contact", contact.name},
                        {"Address", checksum_address(contact.address)},
                        {"Note", contact.note},
                        {"Added", shown_time(contact.created_at)}});
}

Outcome add(Context& context, const AddArgs& args) {
    Contact contact;
    contact.name = args.name;
    contact.note = args.note;
    auto address = parse_address_text(args.address);
    if (!address) return fail(address);
    contact.address = *address;
    auto engine = context.writing_engine();
    if (!engine) return fail(engine);
    auto added = (*engine)->add_contact(context.session(), contact);
    if (!added) return fail(added);
    show(context.out(), *added);
    return 0;
}

Outcome list(Context& context, const ListArgs& args) {
    auto contacts = look(context, [&](Engine& engine) { return engine.list_contacts(context.session(), args.filter); });
    if (!contacts) return fail(contacts);
    Output& out = context.out();
    Table table(out, {{"NAME"}, {"ADDRESS"}, {"NOTE"}, {"ADDED"}});
    for (const Contact& contact : *contacts) {
        if (out.json()) {
            out.line(to_json(contact));
        } else {
            table.row({contact.name, checksum_address(contact.address), contact.note.empty() ? "-" : contact.note,
                       shown_time(contact.created_at)});
        }
    }
    if (!out.json()) table.finish("No contacts.");
    return 0;
}

Outcome remove(Context& context, const NameArgs& args) {
    return finish(context, "removed", args.name,
                  [&](Engine& engine) { return engine.remove_contact(context.session(), args.name); });
}

}  // namespace

void register_contact(CLI::App& app, Context& context) {
    CLI::App& group = add_group(app, "contact", "The address book: whom signing previews know by name");
    add_command(group, context, "add", "Give an address a name", declare_add, add);
    add_command(group, context, "list", "List the address book", declare_list, list);
    add_command(group, context, "remove", "Take a name out of it", declare_name, remove);
}

}  // namespace keydeck::cli
