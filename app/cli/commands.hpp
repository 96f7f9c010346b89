// The command groups, one file each.
#pragma once

namespace CLI {
class App;
}

namespace keydeck::cli {

class Context;

void register_demo(CLI::App& app, Context& context);
void register_init(CLI::App& app, Context& context);
void register_user(CLI::App& app, Context& context);
void register_wallet(CLI::App& app, Context& context);
void register_wallet_secrets(CLI::App& wallet, Context& context);  ///< `wallet import`, `wallet export`
void register_sign(CLI::App& app, Context& context);
void register_verify(CLI::App& app, Context& context);
void register_decode(CLI::App& app, Context& context);
void register_contact(CLI::App& app, Context& context);
void register_secret(CLI::App& app, Context& context);
void register_kms(CLI::App& app, Context& context);
void register_key(CLI::App& app, Context& context);
void register_pool(CLI::App& app, Context& context);
void register_migrate(CLI::App& app, Context& context);
void register_job(CLI::App& app, Context& context);
void register_alerts(CLI::App& app, Context& context);
void register_audit(CLI::App& app, Context& context);
void register_backup(CLI::App& app, Context& context);
void register_restore(CLI::App& app, Context& context);
void register_recovery_sheet(CLI::App& app, Context& context);
void register_doctor(CLI::App& app, Context& context);
void register_metrics(CLI::App& app, Context& context);
void register_cost(CLI::App& app, Context& context);
void register_config(CLI::App& app, Context& context);
void register_completion(CLI::App& app, Context& context);

}  // namespace keydeck::cli
