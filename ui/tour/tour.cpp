#include "ui/tour/tour.hpp"

#include <algorithm>

namespace keydeck::ui {
namespace {

enum Step : std::uint8_t { kLook = 1, kSign = 2, kGuard = 3, kChange = 4, kAudit = 5, kBack = 6 };

bool is_signature(std::string_view action) {
    return action == "SignMessage" || action == "SignTransaction" || action == "SignTypedData";
}

}  // namespace

void Tour::learn(const std::vector<AuditEvent>& events) {
    std::vector<const AuditEvent*> fresh;
    std::int64_t newest = last_event_.value_or(0);
    for (const AuditEvent& event : events) {
        if (last_event_ && event.id > *last_event_) fresh.push_back(&event);
        newest = std::max(newest, event.id);
    }
    last_event_ = newest;
    std::ranges::sort(fresh, {}, &AuditEvent::id);
    for (const AuditEvent* event : fresh) note(*event);
    advance();
}

void Tour::note(const AuditEvent& event) {
    if (event.result != "ok") return;
    if (is_signature(event.action) && step_ == kSign) signed_ = true;
    if (event.action == "RotateKeyOnDemand" && step_ == kChange) rotated_ = true;
    if (event.action == "DisableKey" && step_ == kChange) {
        disabled_key_ = event.key_id;
        was_disabled_ = true;
    }
    if (event.action == "EnableKey" && event.key_id == disabled_key_) disabled_key_.clear();
}

void Tour::see(const Place& place) {
    place_ = place;
    advance();
}

// As far as what is known leads: a step may have been done while another was shown.
void Tour::advance() {
    if (!place_) return;
    const auto done = [this] {
        switch (step_) {
            case kLook:
                return place_->screen == ScreenId::kWallets && !place_->user.empty();
            case kSign:
                return signed_;
            case kGuard:
                return place_->screen == ScreenId::kKeys;
            case kChange:
                return rotated_ || (was_disabled_ && (disabled_key_.empty() || place_->screen == ScreenId::kWallets));
            case kAudit:
                return place_->screen == ScreenId::kAudit;
            case kBack:
                return was_disabled_ ? disabled_key_.empty() : place_->screen == ScreenId::kHealth;
            default:
                return false;
        }
    };
    while (done()) ++step_;
}

std::string Tour::sentence() const {
    switch (step_) {
        case kLook:
            return "Look at alice's wallets: put the cursor on her and open them.";
        case kSign:
            return "Sign a message with this wallet; you see what is signed before it is.";
        case kGuard:
            return "See which KMS key guards the wallet.";
        case kChange:
            return was_disabled_ ? "The key is disabled: look at what that does to its wallets."
                                 : "Disable that key (it can be taken back), or rotate one of the pool.";
        case kAudit:
            return "Look it up: everything that was done stands in the audit log, event chained to event.";
        case kBack:
            return was_disabled_ ? "Take it back: enable the key again."
                                 : "See how the KMS is doing: latency, errors, cost.";
        default:
            return "That was the tour. The help lists every key that works where you are.";
    }
}

std::vector<std::string_view> Tour::actions() const {
    switch (step_) {
        case kLook:
            return {"user.wallets", "screen.users"};
        case kSign:
            return {"wallet.sign", "screen.wallets"};
        case kGuard:
            return {"wallet.key", "screen.keys"};
        case kChange:
            return was_disabled_ ? std::vector<std::string_view>{"key.wallets", "screen.wallets"}
                                 : std::vector<std::string_view>{"key.disable", "key.rotate", "screen.keys"};
        case kAudit:
            return {"screen.audit"};
        case kBack:
            return was_disabled_ ? std::vector<std::string_view>{"undo", "key.enable", "screen.keys"}
                                 : std::vector<std::string_view>{"screen.health"};
        default:
            return {"help"};
    }
}

}  // namespace keydeck::ui
