using System.Collections.Immutable;
using Gtc.Model;

namespace Gtc.EnvPacks;

/// <summary>What workers of an environment share lies in a Redis server (env-packs.md §10): sessions with their pins, or the state of components.</summary>
public sealed class RedisPack : IEnvPackHandler
{
    /// <summary>The answer that names the secret with the server's URL.</summary>
    public const string UrlSecret = "url_secret_ref";

    /// <summary>The answer that all keys begin with.</summary>
    public const string KeyPrefix = "key_prefix";

    private RedisPack(string path, CapabilitySlot slot, string title, string presentation)
    {
        DescriptorPath = path;
        Slot = slot;
        Questions = new()
        {
            Id = $"{path}.wizard",
            Title = title,
            Presentation = new($"{presentation} Its URL is a secret, since it may hold a password."),
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
    }

    /// <summary>Pins of sessions, and sessions that wait for their next message.</summary>
    public static RedisPack Sessions { get; } =
        new("greentic.sessions.redis", CapabilitySlot.Sessions, "Sessions in Redis", "Workers share sessions in one Redis server.");

    /// <summary>The state of components.</summary>
    public static RedisPack State { get; } =
        new("greentic.state.redis", CapabilitySlot.State, "State in Redis", "Workers share the state of components in one Redis server.");

    /// <inheritdoc/>
    public CapabilitySlot Slot { get; }

    /// <inheritdoc/>
    public string DescriptorPath { get; }

    /// <inheritdoc/>
    public VersionRange SupportedVersions { get; } = VersionRange.Parse("^0.1.0");

    /// <inheritdoc/>
    public IDeployerCredentials? Credentials => null;

    /// <inheritdoc/>
    public QuestionForm Questions { get; }

    /// <inheritdoc/>
    public string? FindFault(PackAnswers answers)
    {
        ArgumentNullException.ThrowIfNull(answers);
        return answers.Get(UrlSecret) is { } reference && SecretUri.Parse(reference).Refusal is { } refused ? $"`{UrlSecret}`: {refused.Message}" : null;
    }

    /// <inheritdoc/>
    public ImmutableArray<ToolCheck> Preflight(PackSetting setting) => [];
}
