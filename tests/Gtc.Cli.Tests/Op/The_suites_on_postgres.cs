using Gtc.Cli.Tests.Op.Apply;
using Gtc.Cli.Tests.Op.Clusters;
using Gtc.Cli.Tests.Op.Credentials;
using Gtc.Cli.Tests.Op.Deploy;
using Gtc.Cli.Tests.Op.EnvPacks;
using Gtc.Cli.Tests.Op.Environments;
using Gtc.Cli.Tests.Op.Messaging;
using Gtc.Cli.Tests.Op.Secrets;
using Gtc.Cli.Tests.Op.Traffic;
using Gtc.Cli.Tests.Setup;
using Gtc.Cli.Tests.Op.Usage;

namespace Gtc.Cli.Tests.Op;

[OverAServer(OnPostgres = true)]
public sealed class A_retry_gets_the_first_answer_on_postgres : A_retry_gets_the_first_answer;

[OverAServer(OnPostgres = true)]
public sealed class Any_sequence_of_retries_on_postgres : Any_sequence_of_retries;

[OverAServer(OnPostgres = true)]
public sealed class A_bundle_that_leaks_is_not_staged_on_postgres : A_bundle_that_leaks_is_not_staged;

[OverAServer(OnPostgres = true)]
public sealed class Deployments_are_added_on_postgres : Deployments_are_added;

[OverAServer(OnPostgres = true)]
public sealed class Deployments_change_on_postgres : Deployments_change;

[OverAServer(OnPostgres = true)]
public sealed class Environments_are_created_once_on_postgres : Environments_are_created_once;

[OverAServer(OnPostgres = true)]
public sealed class Every_change_is_audited_on_postgres : Every_change_is_audited;

[OverAServer(OnPostgres = true)]
public sealed class Pages_for_people_on_postgres : Pages_for_people;

[OverAServer(OnPostgres = true)]
public sealed class Revisions_are_retired_on_postgres : Revisions_are_retired;

[OverAServer(OnPostgres = true)]
public sealed class Revisions_are_staged_and_warmed_on_postgres : Revisions_are_staged_and_warmed;

[OverAServer(OnPostgres = true)]
public sealed class The_audit_log_is_read_on_postgres : The_audit_log_is_read;

[OverAServer(OnPostgres = true)]
public sealed class The_dial_is_turned_back_on_postgres : The_dial_is_turned_back;

[OverAServer(OnPostgres = true)]
public sealed class The_dial_is_typed_on_postgres : The_dial_is_typed;

[OverAServer(OnPostgres = true)]
public sealed class The_release_guide_works_as_typed_on_postgres : The_release_guide_works_as_typed;

[OverAServer(OnPostgres = true)]
public sealed class The_walk_through_works_as_typed_on_postgres : The_walk_through_works_as_typed;

[OverAServer(OnPostgres = true)]
public sealed class A_manifest_is_applied_on_postgres : A_manifest_is_applied;

[OverAServer(OnPostgres = true)]
public sealed class A_plan_is_kept_and_applied_on_postgres : A_plan_is_kept_and_applied;

[OverAServer(OnPostgres = true)]
public sealed class An_apply_asks_and_is_told_on_postgres : An_apply_asks_and_is_told;

[OverAServer(OnPostgres = true)]
public sealed class An_apply_that_was_cut_short_goes_on_on_postgres : An_apply_that_was_cut_short_goes_on;

[OverAServer(OnPostgres = true)]
public sealed class The_apply_guide_works_as_typed_on_postgres : The_guide_works_as_typed;

[OverAServer(OnPostgres = true)]
public sealed class An_environment_is_set_up_on_postgres : An_environment_is_set_up;

[OverAServer(OnPostgres = true)]
public sealed class A_bundle_is_deployed_on_postgres : A_bundle_is_deployed;

[OverAServer(OnPostgres = true)]
public sealed class An_environment_changes_on_postgres : An_environment_changes;

[OverAServer(OnPostgres = true)]
public sealed class An_environment_goes_back_on_postgres : An_environment_goes_back;

[OverAServer(OnPostgres = true)]
public sealed class Callers_are_explained_on_postgres : Callers_are_explained;

[OverAServer(OnPostgres = true)]
public sealed class Revisions_are_previewed_on_postgres : Revisions_are_previewed;

[OverAServer(OnPostgres = true)]
public sealed class Env_packs_are_bound_on_postgres : Env_packs_are_bound;

[OverAServer(OnPostgres = true)]
public sealed class Endpoints_are_kept_on_postgres : Endpoints_are_kept;

[OverAServer(OnPostgres = true)]
public sealed class Secrets_are_put_and_got_on_postgres : Secrets_are_put_and_got;

[OverAServer(OnPostgres = true)]
public sealed class Trust_is_kept_from_the_command_line_on_postgres : Trust_is_kept_from_the_command_line;

[OverAServer(OnPostgres = true)]
public sealed class Environments_are_rendered_on_postgres : Environments_are_rendered;

[OverAServer(OnPostgres = true)]
public sealed class An_environment_is_examined_on_postgres : An_environment_is_examined;

[OverAServer(OnPostgres = true)]
public sealed class A_cluster_follows_the_environment_on_postgres : A_cluster_follows_the_environment;

[OverAServer(OnPostgres = true)]
public sealed class A_fleet_follows_the_environment_on_postgres : A_fleet_follows_the_environment;

[OverAServer(OnPostgres = true)]
public sealed class Credentials_are_checked_and_bound_on_postgres : Credentials_are_checked_and_bound;

[OverAServer(OnPostgres = true)]
public sealed class A_clusters_identity_is_made_on_postgres : A_clusters_identity_is_made;

[OverAServer(OnPostgres = true)]
public sealed class A_clusters_permissions_are_checked_on_postgres : A_clusters_permissions_are_checked;

[OverAServer(OnPostgres = true)]
public sealed class An_env_pack_of_other_people_on_postgres : An_env_pack_of_other_people;

[OverAServer(OnPostgres = true)]
public sealed class Usage_is_reported_on_postgres : Usage_is_reported;

[OverAServer(OnPostgres = true)]
public sealed class What_broke_off_in_a_cluster_is_found_again_on_postgres : What_broke_off_in_a_cluster_is_found_again;

[OverAServer(OnPostgres = true)]
public sealed class What_was_seen_counts_on_postgres : What_was_seen_counts;

[OverAServer(OnPostgres = true)]
public sealed class An_environment_in_a_cluster_ends_as_it_was_seen_on_postgres : An_environment_in_a_cluster_ends_as_it_was_seen;
