namespace Gtc.Store.Server.Tests.Contract;

public sealed class Changes_are_answered_once_on_files : Changes_are_answered_once<FileLab>;

public sealed class Verbs_are_those_of_the_engine_on_files : Verbs_are_those_of_the_engine<FileLab>;

public sealed class Requests_are_read_strictly_on_files : Requests_are_read_strictly<FileLab>;

public sealed class Environments_are_watched_on_files : Environments_are_watched<FileLab>;

public sealed class Access_is_denied_by_default_on_files : Access_is_denied_by_default<FileLab>;

public sealed class Artifacts_travel_by_digest_on_files : Artifacts_travel_by_digest<FileLab>;

public sealed class No_request_is_a_fault_on_files : No_request_is_a_fault<FileLab>;

public sealed class An_environment_ends_and_comes_back_on_files : Storage.An_environment_ends_and_comes_back<FileLab>;

public sealed class The_authorization_matrix_on_files : The_authorization_matrix<FileLab>;

public sealed class Backups_bring_an_environment_back_on_files : Backups_bring_an_environment_back<FileLab>;

public sealed class Answers_belong_to_bindings_on_files : Answers_belong_to_bindings<FileLab>;

public sealed class Secrets_are_kept_encrypted_on_files : Secrets_are_kept_encrypted<FileLab>;

public sealed class Environments_end_on_files : Environments_end<FileLab>;

public sealed class Keys_are_trusted_one_by_one_on_files : Keys_are_trusted_one_by_one<FileLab>;

public sealed class An_update_channel_is_kept_on_files : An_update_channel_is_kept<FileLab>;

public sealed class What_is_revoked_gets_nothing_on_files : What_is_revoked_gets_nothing<FileLab>;

public sealed class Credentials_are_kept_whole_on_files : Credentials_are_kept_whole<FileLab>;
