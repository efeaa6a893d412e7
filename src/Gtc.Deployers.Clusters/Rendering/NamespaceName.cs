using System.Security.Cryptography;
using System.Text;
using Gtc.Model;

namespace Gtc.Deployers.Clusters;

/// <summary>The namespace of an environment that does not name one (k8s-deployer.md §3): an RFC 1123 label that no other environment of the store has.</summary>
public static class NamespaceName
{
    /// <summary>How the namespace of workers begins.</summary>
    public const string UsualPrefix = "gtc-";

    private const int MaxLength = 63;
    private const int MaxKept = 50;
    private const int HashBytes = 4;

    /// <summary>The namespace of an environment.</summary>
    public static string Of(EnvId environment) => Of(environment.ToString());

    /// <summary>The namespace of an id as a store has it, which may be older than the rules of this version.</summary>
    /// <param name="id">The id.</param>
    /// <param name="prefix">How it begins, e.g. <see cref="UsualPrefix"/>; each deployer has its own.</param>
    public static string Of(string id, string prefix = UsualPrefix)
    {
        ArgumentNullException.ThrowIfNull(id);
        ArgumentNullException.ThrowIfNull(prefix);
        if (IsClean(id, prefix))
        {
            return prefix + id;
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)).AsSpan(0, HashBytes));
        var lowered = new string([.. id.ToLowerInvariant().Select(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) ? letter : '-')]).Trim('-');
        var most = Math.Min(MaxKept, MaxLength - prefix.Length - hash.Length - 1);
        var kept = lowered.Length > most ? lowered[..most].TrimEnd('-') : lowered;
        return kept.Length == 0 ? prefix + hash : $"{prefix}{kept}-{hash}";
    }

    private static bool IsClean(string id, string prefix) =>
        id.Length > 0 && prefix.Length + id.Length <= MaxLength
        && id.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-')
        && id[0] != '-' && id[^1] != '-';
}
