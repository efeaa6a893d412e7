using Gtc.Model;

namespace Gtc.Store;

/// <summary>Where the files of one environment lie (store.md §2).</summary>
/// <param name="Id">The environment.</param>
/// <param name="Folder">Its folder, absolute.</param>
public sealed record EnvironmentLayout(EnvId Id, string Folder)
{
    /// <summary>The name of the desired state.</summary>
    public const string DocumentName = "environment.json";

    /// <summary>The name of what the deployer discovered.</summary>
    public const string RuntimeName = "runtime.json";

    /// <summary>The name of what a worker serves.</summary>
    public const string RuntimeConfigName = "runtime-config.json";

    /// <summary>The name of the keys to believe.</summary>
    public const string TrustRootName = "trust-root.json";

    /// <summary>The name of where updates come from.</summary>
    public const string UpdateChannelName = "update-channel.json";

    /// <summary>The desired state.</summary>
    public string Document => Path.Combine(Folder, DocumentName);

    /// <summary>What the deployer discovered; absent until it did.</summary>
    public string Runtime => Path.Combine(Folder, RuntimeName);

    /// <summary>What a worker serves; absent when nothing is live.</summary>
    public string RuntimeConfig => Path.Combine(Folder, RuntimeConfigName);

    /// <summary>The keys to believe; absent until bootstrapped.</summary>
    public string TrustRoot => Path.Combine(Folder, TrustRootName);

    /// <summary>The lock's file: empty, and only removed together with a folder that never became an environment.</summary>
    public string Lock => Path.Combine(Folder, ".lock");

    /// <summary>The audit log.</summary>
    public string AuditLog => Path.Combine(Folder, "audit", "events.jsonl");

    /// <summary>The folder of the journal, the truth that environment.json, the audit log and runtime-config.json are views of.</summary>
    public string Journal => Path.Combine(Folder, "journal");

    /// <summary>What files held before they were replaced or removed.</summary>
    public string Backups => Path.Combine(Folder, "backups");

    /// <summary>Copies of the environment's documents that a person asked for, one folder for each.</summary>
    public string Snapshots => Path.Combine(Folder, "snapshots");

    /// <summary>What its workers have metered: a folder per day, see <see cref="UsageFiles"/>.</summary>
    public string Usage => Path.Combine(Folder, UsageFiles.Folder);

    /// <summary>The folder of all revisions.</summary>
    public string Revisions => Path.Combine(Folder, "revisions");

    /// <summary>The folder of one revision: the pulled bundle, its lock file, pack configurations.</summary>
    public string Revision(RevisionId id) => Path.Combine(Revisions, id.ToString());

    /// <summary>The absolute path of a reference out of a document.</summary>
    /// <exception cref="ArgumentException">The reference could leave the folder; check it before.</exception>
    public string Resolve(string reference) => RuntimeConfigRules.IsContained(reference)
        ? Path.Combine(Folder, reference)
        : throw new ArgumentException($"`{reference}` is not a path inside the environment's folder.", nameof(reference));
}
