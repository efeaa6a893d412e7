using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;

namespace Gtc.Model;

/// <summary>The id of a deployment (one customer's copy of a bundle): a ULID, written in upper case.</summary>
/// <param name="Value">The ULID.</param>
[JsonConverter(typeof(TextValueJson<DeploymentId>))]
public readonly record struct DeploymentId(Ulid Value) : ITextValue<DeploymentId>
{
    /// <inheritdoc/>
    public static string Expectation => "a ULID of 26 Crockford base-32 characters";

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? text, out DeploymentId value)
    {
        var parsed = Ulid.TryParse(text, out var ulid);
        value = new(ulid);
        return parsed;
    }

    /// <inheritdoc/>
    public override string ToString() => Value.ToString();
}
