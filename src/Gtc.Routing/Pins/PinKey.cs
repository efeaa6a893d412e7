using System.Text;
using Gtc.Model;

namespace Gtc.Routing;

/// <summary>Whose pin it is.</summary>
/// <param name="Deployment">The deployment.</param>
/// <param name="Environment">The environment.</param>
/// <param name="Tenant">The tenant.</param>
/// <param name="Hint">What the session is known by; an empty one is never pinned.</param>
public readonly record struct PinKey(DeploymentId Deployment, EnvId Environment, string Tenant, string Hint)
{
    /// <summary>The longest tenant and hint, in bytes of UTF-8.</summary>
    public const int MaxBytes = 256;

    /// <summary>Whether it can be pinned: it has a hint, and nothing is too long.</summary>
    internal bool IsUsable => !string.IsNullOrEmpty(Hint) && Fits(Hint) && Fits(Tenant);

    private static bool Fits(string text) => text.Length <= MaxBytes && Encoding.UTF8.GetByteCount(text) <= MaxBytes;
}
