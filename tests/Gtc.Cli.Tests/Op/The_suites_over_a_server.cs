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

[OverAServer]
public sealed class A_retry_gets_the_first_answer_over_a_server : A_retry_gets_the_first_answer;

[OverAServer]
public sealed class Any_sequence_of_retries_over_a_server : Any_sequence_of_retries;

[OverAServer]
public sealed class A_bundle_that_leaks_is_not_staged_over_a_server : A_bundle_that_leaks_is_not_staged;

[OverAServer]
public sealed class Deployments_are_added_over_a_server : Deployments_are_added;

[OverAServer]
public sealed class Deployments_change_over_a_server : Deployments_change;

[OverAServer]
public sealed class Environments_are_created_once_over_a_server : Environments_are_created_once;

[OverAServer]
public sealed class Every_change_is_audited_over_a_server : Every_change_is_audited;

[OverAServer]
public sealed class Pages_for_people_over_a_server : Pages_for_people;

[OverAServer]
public sealed class Revisions_are_retired_over_a_server : Revisions_are_retired;

[OverAServer]
public sealed class Revisions_are_staged_and_warmed_over_a_server : Revisions_are_staged_and_warmed;

[OverAServer]
public sealed class The_audit_log_is_read_over_a_server : The_audit_log_is_read;

[OverAServer]
public sealed class The_dial_is_turned_back_over_a_server : The_dial_is_turned_back;

[OverAServer]
public sealed class The_dial_is_typed_over_a_server : The_dial_is_typed;

[OverAServer]
public sealed class The_release_guide_works_as_typed_over_a_server : The_release_guide_works_as_typed;

[OverAServer]
public sealed class The_walk_through_works_as_typed_over_a_server : The_walk_through_works_as_typed;

[OverAServer]
public sealed class A_manifest_is_applied_over_a_server : A_manifest_is_applied;

[OverAServer]
public sealed class A_plan_is_kept_and_applied_over_a_server : A_plan_is_kept_and_applied;

[OverAServer]
public sealed class An_apply_asks_and_is_told_over_a_server : An_apply_asks_and_is_told;

[OverAServer]
public sealed class An_apply_that_was_cut_short_goes_on_over_a_server : An_apply_that_was_cut_short_goes_on;

[OverAServer]
public sealed class The_apply_guide_works_as_typed_over_a_server : The_guide_works_as_typed;

[OverAServer]
public sealed class An_environment_is_set_up_over_a_server : An_environment_is_set_up;

[OverAServer]
public sealed class A_bundle_is_deployed_over_a_server : A_bundle_is_deployed;

[OverAServer]
public sealed class An_environment_changes_over_a_server : An_environment_changes;

[OverAServer]
public sealed class An_environment_goes_back_over_a_server : An_environment_goes_back;

[OverAServer]
public sealed class Callers_are_explained_over_a_server : Callers_are_explained;

[OverAServer]
public sealed class Revisions_are_previewed_over_a_server : Revisions_are_previewed;

[OverAServer]
public sealed class Env_packs_are_bound_over_a_server : Env_packs_are_bound;

[OverAServer]
public sealed class Endpoints_are_kept_over_a_server : Endpoints_are_kept;

[OverAServer]
public sealed class Secrets_are_put_and_got_over_a_server : Secrets_are_put_and_got;

[OverAServer]
public sealed class Trust_is_kept_from_the_command_line_over_a_server : Trust_is_kept_from_the_command_line;

[OverAServer]
public sealed class Environments_are_rendered_over_a_server : Environments_are_rendered;

[OverAServer]
public sealed class An_environment_is_examined_over_a_server : An_environment_is_examined;

[OverAServer]
public sealed class A_cluster_follows_the_environment_over_a_server : A_cluster_follows_the_environment;

[OverAServer]
public sealed class A_fleet_follows_the_environment_over_a_server : A_fleet_follows_the_environment;

[OverAServer]
public sealed class Credentials_are_checked_and_bound_over_a_server : Credentials_are_checked_and_bound;

[OverAServer]
public sealed class A_clusters_identity_is_made_over_a_server : A_clusters_identity_is_made;

[OverAServer]
public sealed class A_clusters_permissions_are_checked_over_a_server : A_clusters_permissions_are_checked;

[OverAServer]
public sealed class What_is_revoked_is_neither_staged_nor_warmed_over_a_server : What_is_revoked_is_neither_staged_nor_warmed;

[OverAServer]
public sealed class An_env_pack_of_other_people_over_a_server : An_env_pack_of_other_people;

[OverAServer]
public sealed class Usage_is_reported_over_a_server : Usage_is_reported;

[OverAServer]
public sealed class What_broke_off_in_a_cluster_is_found_again_over_a_server : What_broke_off_in_a_cluster_is_found_again;

[OverAServer]
public sealed class What_was_seen_counts_over_a_server : What_was_seen_counts;

[OverAServer]
public sealed class An_environment_in_a_cluster_ends_as_it_was_seen_over_a_server : An_environment_in_a_cluster_ends_as_it_was_seen;
