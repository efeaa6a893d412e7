using System.Net.Http.Headers;
using System.Text;

namespace Gtc.Artifacts.Oci;

/// <summary>A name and a password for a registry. Its text never shows the password.</summary>
/// <param name="Username">The account, or a token's fixed user name.</param>
/// <param name="Password">The secret.</param>
public sealed record RegistryCredentials(string Username, string Password)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Username}:***";

    internal AuthenticationHeaderValue ToBasic() =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{Username}:{Password}")));
}
