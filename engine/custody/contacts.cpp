#include "engine/custody/contacts.hpp"

#include <span>
#include <string>

#include "engine/custody/access.hpp"
#include "engine/custody/audit_trail.hpp"
#include "engine/custody/risk.hpp"
#include "engine/oversight/detail.hpp"
#include "engine/store/contacts.hpp"
#include "engine/store/recipients.hpp"

namespace keydeck::custody {
namespace {

using sqlite::Database;

/// The name is what a signer will trust: two that look the same must not be two.
Status check_visible(const Contact& contact) {
    if (count_hidden_characters(contact.name) == 0 && count_hidden_characters(contact.note) == 0) return {};
    return fail(ErrorCode::kInvalidInput, "A contact's name and note must not contain invisible characters.");
}

/// An address copied from a history that somebody poisoned must not get a trusted name. By chance two addresses are alike
/// once in four thousand million. Whom somebody signed for may be the false one, and is not asked.
Status check_no_look_alike(Database& database, const AddressBytes& address) {
    const Result<std::vector<store::LookAlike>> alike = store::named_look_alikes(database, address);
    if (!alike) return fail(alike);
    for (const store::LookAlike& other : *alike) {
        const bool is_contact = other.known_as == store::LookAlike::KnownAs::kContact;
        return fail(ErrorCode::kRejected,
                    checksum_address(address) + " begins and ends like " + checksum_address(other.address) + ", " +
                        (is_contact ? "\"" + other.name + "\" in the address book" : "a wallet of this vault") +
                        ", but is another address. Address poisoning works like that.",
                    is_contact ? "If both are right, sign for this one by its address; or remove the other one first."
                               : "If it is right, sign for it by its address.");
    }
    return {};
}

}  // namespace

Result<Contact> add_contact(OpenVault& vault, const Session& session, const Contact& contact) {
    AuditEvent event = event_of(vault, session, "AddContact", contact.name);
    // The note is not the log's: it decides nothing, and what stands in the log stays for ever.
    event.detail = oversight::Detail().text("address", checksum_address(contact.address)).done();
    return audited(vault, event, [&]() -> Result<Contact> {
        if (Status allowed = require_operator(session, "change the address book"); !allowed) return fail(allowed);
        if (Status visible = check_visible(contact); !visible) return fail(visible);
        Result<Contact> added = contact;
        Status written = vault.write(
            [&](Database& database) -> Status {
                added = store::insert_contact(database, contact, vault.now());
                if (!added) return fail(added);
                return check_no_look_alike(database, contact.address);
            },
            std::span(&event, 1));
        if (!written) return fail(written);
        return added;
    });
}

Result<std::vector<Contact>> list_contacts(OpenVault& vault, const Session& session, std::string_view filter) {
    return ask_store(vault, [&](Database& database) -> Result<std::vector<Contact>> {
        if (!session.is_operator()) {
            if (const Result<User> user = session_user(database, session); !user) return fail(user);
        }
        return store::list_contacts(database, filter);
    });
}

Status remove_contact(OpenVault& vault, const Session& session, std::string_view name) {
    AuditEvent event = event_of(vault, session, "RemoveContact", name);
    return audited(vault, event, [&]() -> Status {
        if (Status allowed = require_operator(session, "change the address book"); !allowed) return allowed;
        return vault.write(
            [&](Database& database) -> Status {
                const Result<Contact> contact = store::contact_by_name(database, name);
                if (!contact) return fail(contact);
                event.target = event_of(vault, session, "RemoveContact", contact->name).target;
                event.detail = oversight::Detail().text("address", checksum_address(contact->address)).done();
                return store::remove_contact(database, contact->name);
            },
            std::span(&event, 1));
    });
}

}  // namespace keydeck::custody
