// The engine's verbs on the address book.
#include "engine/custody/contacts.hpp"
#include "engine/custody/open_vault.hpp"
#include "engine/engine.hpp"

namespace keydeck {

Result<Contact> Engine::add_contact(const Session& session, const Contact& contact) {
    return custody::add_contact(*vault_, session, contact);
}
Result<std::vector<Contact>> Engine::list_contacts(const Session& session, std::string_view filter) {
    return custody::list_contacts(*vault_, session, filter);
}
Status Engine::remove_contact(const Session& session, std::string_view name) {
    return custody::remove_contact(*vault_, session, name);
}

}  // namespace keydeck
