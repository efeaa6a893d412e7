using Gtc.Model;
using Gtc.Signing;

namespace Gtc.Store;

/// <summary>trust-root.json of an environment. Absent means never bootstrapped, which is not the same as empty; both refuse every signature.</summary>
/// <param name="files">The environment's files.</param>
public sealed class TrustRootFile(EnvironmentFiles files)
{
    /// <summary>The keys to believe, or null when the environment was never bootstrapped.</summary>
    public Outcome<TrustRoot?> Load()
    {
        if (!files.Read(EnvironmentLayout.TrustRootName, TrustRoot.MaxBytes).TryGet(out var bytes, out var unreadable))
        {
            return new Refusal.TrustRootFailed(unreadable.Message) { Details = unreadable.Details, Next = unreadable.Next };
        }

        if (bytes is null)
        {
            return (TrustRoot?)null;
        }

        if (TrustRoot.Parse(bytes).TryGet(out var root, out var error))
        {
            return root;
        }

        var backup = files.NewestBackup(EnvironmentLayout.TrustRootName);
        return Failed(error) with
        {
            Details = [new("rule", error.Kind), new("file", files.Layout.TrustRoot), new("backup", backup ?? "none")],
            Next = backup is null ? $"cat {files.Layout.TrustRoot}" : $"cp {backup} {files.Layout.TrustRoot}",
        };
    }

    internal static Refusal.TrustRootFailed Failed(SigningError error) => new(error.Message) { Details = [new("rule", error.Kind)] };

    /// <summary>Replaces the file, with a backup. Under the environment's lock only: inside a change.</summary>
    /// <returns>Null on success.</returns>
    public Refusal? Save(TrustRoot root) => files.Replace(EnvironmentLayout.TrustRootName, root.ToFile()) is { } refusal
        ? new Refusal.TrustRootFailed(refusal.Message) { Details = refusal.Details, Next = refusal.Next }
        : null;
}
