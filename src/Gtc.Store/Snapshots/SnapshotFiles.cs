using Gtc.Model;

namespace Gtc.Store;

/// <summary>Which files of an environment a snapshot holds (store.md §6): its documents, answers and secrets; not trusted keys, the audit log, backups, policies or revisions.</summary>
internal static class SnapshotFiles
{
    private const string Messaging = "messaging";
    private const string AnswersName = "/answers.json";

    private static readonly string[] _documents =
        [EnvironmentLayout.DocumentName, EnvironmentLayout.RuntimeName, EnvironmentLayout.RuntimeConfigName, EnvironmentLayout.UpdateChannelName];

    private static readonly string[] _slots = ["deployer", "secrets", "telemetry", "sessions", "state", "revocation", "messaging", "extension"];

    /// <summary>The two places of the file of secrets.</summary>
    public static IReadOnlyList<string> Secrets { get; } = [".greentic/dev/.dev.secrets.env", ".greentic/state/dev/.dev.secrets.env"];

    /// <summary>Whether a reference is one of a snapshot's, by its text alone.</summary>
    public static bool MayHold(string reference) => RuntimeConfigRules.IsContained(reference)
        && (_documents.Contains(reference, StringComparer.Ordinal)
            || Secrets.Contains(reference, StringComparer.Ordinal)
            || IsMessaging(reference)
            || IsAnswers(reference));

    /// <summary>Whether a reference is the answers of an env-pack or an extension, by its text alone.</summary>
    public static bool IsAnswers(string reference) => RuntimeConfigRules.IsContained(reference)
        && (reference.StartsWith("env-packs/", StringComparison.Ordinal) || reference.StartsWith("extensions/", StringComparison.Ordinal))
        && reference.EndsWith(AnswersName, StringComparison.Ordinal);

    /// <summary>The files that the messaging projection has now.</summary>
    public static IEnumerable<string> LiveMessaging(EnvironmentLayout layout) =>
        FolderListing.Files(Path.Combine(layout.Folder, Messaging), "*.json").Select(path => $"{Messaging}/{Path.GetFileName(path)}").Where(IsMessaging);

    /// <summary>The files to capture and what they hold; null where there is none.</summary>
    public static Outcome<SortedDictionary<string, byte[]?>> Read(EnvironmentFiles files, EnvironmentDocument document)
    {
        var captured = new SortedDictionary<string, byte[]?>(StringComparer.Ordinal);
        var answers = document.Packs.Select(pack => pack.AnswersRef).Concat(document.Extensions.Select(extension => extension.AnswersRef)).OfType<string>().Where(MayHold);
        foreach (var reference in _documents.Concat(_slots.Select(slot => $"env-packs/{slot}{AnswersName}")).Concat(answers).Concat(LiveMessaging(files.Layout)).Concat(Secrets))
        {
            if (!files.Read(reference, reference.StartsWith(".greentic", StringComparison.Ordinal) ? SecretsFileText.MaxBytes : Documents.MaxBytes).TryGet(out var bytes, out var refusal))
            {
                return refusal;
            }

            captured[reference] = bytes;
        }

        captured[EnvironmentLayout.DocumentName] = Documents.Environment.ToFile(document);
        return captured;
    }

    private static bool IsMessaging(string reference) =>
        reference.Split('/') is [Messaging, var name] && name.EndsWith(".json", StringComparison.Ordinal) && !name.StartsWith('.');
}
