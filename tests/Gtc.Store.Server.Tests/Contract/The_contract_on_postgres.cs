using Gtc.Store.Server.Tests.Postgres;

namespace Gtc.Store.Server.Tests.Contract;

public sealed class Changes_are_answered_once_on_postgres : Changes_are_answered_once<PostgresLab>;

public sealed class Verbs_are_those_of_the_engine_on_postgres : Verbs_are_those_of_the_engine<PostgresLab>;

public sealed class Requests_are_read_strictly_on_postgres : Requests_are_read_strictly<PostgresLab>;

public sealed class Environments_are_watched_on_postgres : Environments_are_watched<PostgresLab>;

public sealed class Access_is_denied_by_default_on_postgres : Access_is_denied_by_default<PostgresLab>;

public sealed class The_authorization_matrix_on_postgres : The_authorization_matrix<PostgresLab>;

public sealed class No_request_is_a_fault_on_postgres : No_request_is_a_fault<PostgresLab>;

public sealed class An_environment_ends_and_comes_back_on_postgres : Storage.An_environment_ends_and_comes_back<PostgresLab>;

public sealed class Backups_bring_an_environment_back_on_postgres : Backups_bring_an_environment_back<PostgresLab>;

public sealed class Artifacts_travel_by_digest_on_postgres : Artifacts_travel_by_digest<PostgresLab>;

public sealed class Answers_belong_to_bindings_on_postgres : Answers_belong_to_bindings<PostgresLab>;

public sealed class Secrets_are_kept_encrypted_on_postgres : Secrets_are_kept_encrypted<PostgresLab>;

public sealed class Environments_end_on_postgres : Environments_end<PostgresLab>;

public sealed class Keys_are_trusted_one_by_one_on_postgres : Keys_are_trusted_one_by_one<PostgresLab>;

public sealed class An_update_channel_is_kept_on_postgres : An_update_channel_is_kept<PostgresLab>;

public sealed class What_is_revoked_gets_nothing_on_postgres : What_is_revoked_gets_nothing<PostgresLab>;

public sealed class Credentials_are_kept_whole_on_postgres : Credentials_are_kept_whole<PostgresLab>;
