using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.EnvPacks;

/// <summary>Sessions are pinned in a Redis that all workers of the environment share (env-packs.md §10).</summary>
public sealed class RedisSessionsPack : IEnvPackHandler
{
    /// <summary>Its descriptor path.</summary>
    public const string Path = "greentic.sessions.redis";

    /// <summary>The answer that names the secret with the server's URL.</summary>
    public const string UrlSecret = "url_secret_ref";

    /// <summary>The answer that all keys begin with.</summary>
    public const string KeyPrefix = "key_prefix";

    /// <inheritdoc/>
    public CapabilitySlot Slot => CapabilitySlot.Sessions;

    /// <inheritdoc/>
    public string DescriptorPath => Path;

    /// <inheritdoc/>
    public VersionRange SupportedVersions { get; } = VersionRange.Parse("^0.1.0");

    /// <inheritdoc/>
    public IDeployerCredentials? Credentials => null;

    /// <inheritdoc/>
    public QuestionForm Questions { get; } = new()
    {
        Id = $"{Path}.wizard",
        Title = "Sessions in Redis",
        Presentation = new("Workers share the pins of sessions in one Redis server. Its URL is a secret, since it may hold a password."),
        Questions =
        [
            new()
            {
                Id = UrlSecret,
                Title = "Secret with the URL of the server",
                Description = "secret://<env>/<tenant>/<team>/<category>/<name>; its value is redis://[user:password@]host[:port][/database], or rediss:// for TLS",
                Required = true,
                Constraint = new() { Pattern = "^secrets?://.+$" },
            },
            new() { Id = KeyPrefix, Title = "What all keys begin with", Constraint = new() { Pattern = "^[a-zA-Z0-9:._-]*$", MaxLen = 64 } },
        ],
    };

    /// <inheritdoc/>
    public string? FindFault(PackAnswers answers)
    {
        ArgumentNullException.ThrowIfNull(answers);
        return answers.Get(UrlSecret) is { } reference && SecretUri.Parse(reference).Refusal is { } refused ? $"`{UrlSecret}`: {refused.Message}" : null;
    }

    /// <inheritdoc/>
    public ImmutableArray<ToolCheck> Preflight(PackSetting setting) => [];
}
