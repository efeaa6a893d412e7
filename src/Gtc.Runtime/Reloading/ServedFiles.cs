using Gtc.Model;
using Gtc.Store;

namespace Gtc.Runtime;

/// <summary>What the files that are followed hold, to see by content and not by time whether they changed: an atomic replacement, a swapped link or a restored backup may carry any time.</summary>
/// <param name="Document">environment.json, or null when it is absent.</param>
/// <param name="RuntimeConfig">runtime-config.json, or null when it is absent.</param>
/// <param name="Problem">Why one of them cannot be read, or null.</param>
internal sealed record ServedFiles(byte[]? Document, byte[]? RuntimeConfig, string? Problem)
{
    /// <summary>Reads them.</summary>
    public static ServedFiles Read(EnvironmentFiles files)
    {
        var document = files.Read(EnvironmentLayout.DocumentName, Documents.MaxBytes);
        var config = files.Read(EnvironmentLayout.RuntimeConfigName, Documents.MaxBytes);
        return new(document.IsOk ? document.Value : null, config.IsOk ? config.Value : null, (document.Refusal ?? config.Refusal)?.Message);
    }

    public bool Equals(ServedFiles? other) =>
        other is not null && Problem == other.Problem && IsSame(Document, other.Document) && IsSame(RuntimeConfig, other.RuntimeConfig);

    public override int GetHashCode() => HashCode.Combine(Document?.Length, RuntimeConfig?.Length, Problem);

    private static bool IsSame(byte[]? one, byte[]? other) => one is null ? other is null : other is not null && one.AsSpan().SequenceEqual(other);
}
