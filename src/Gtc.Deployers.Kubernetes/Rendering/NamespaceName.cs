using System.Security.Cryptography;
using System.Text;
using Gtc.Model;

namespace Gtc.Deployers.Kubernetes;

/// <summary>The namespace of an environment that does not name one (k8s-deployer.md §3): an RFC 1123 label that no other environment of the store has.</summary>
public static class NamespaceName
{
    private const string Prefix = "gtc-";
    private const int MaxLength = 63;
    private const int MaxKept = 50;
    private const int HashBytes = 4;

    /// <summary>The namespace of an environment.</summary>
    public static string Of(EnvId environment) => Of(environment.ToString());

    /// <summary>The namespace of an id as a store has it, which may be older than the rules of this version.</summary>
    public static string Of(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        if (IsClean(id))
        {
            return Prefix + id;
        }

        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(id)).AsSpan(0, HashBytes));
        var lowered = new string([.. id.ToLowerInvariant().Select(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) ? letter : '-')]).Trim('-');
        var kept = lowered.Length > MaxKept ? lowered[..MaxKept].TrimEnd('-') : lowered;
        return kept.Length == 0 ? Prefix + hash : $"{Prefix}{kept}-{hash}";
    }

    private static bool IsClean(string id) =>
        id.Length > 0 && Prefix.Length + id.Length <= MaxLength
        && id.All(letter => char.IsAsciiLetterLower(letter) || char.IsAsciiDigit(letter) || letter == '-')
        && id[0] != '-' && id[^1] != '-';
}
