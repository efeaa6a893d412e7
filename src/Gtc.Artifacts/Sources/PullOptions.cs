using System.Collections.Immutable;
using Gtc.Artifacts.Oci;

namespace Gtc.Artifacts.Sources;

/// <summary>How bundles are fetched. The defaults make a source that is not there fail within about ten seconds.</summary>
public sealed record PullOptions
{
    /// <summary>The defaults: no credentials, no plain registries, no registry bases.</summary>
    public static PullOptions Default { get; } = new();

    /// <summary>Registries, as <c>host[:port]</c>, that are spoken to over plain HTTP. Compared exactly (worker-runtime.md §6.2).</summary>
    public ImmutableArray<string> InsecureRegistries { get => field.IsDefault ? [] : field; init; }

    /// <summary>Explicit registry credentials, or null. They are never sent over plain HTTP.</summary>
    public RegistryCredentials? Credentials { get; init; }

    /// <summary>Where <c>repo://</c> references live, as <c>registry[/prefix]</c>; null refuses them.</summary>
    public string? RepoRegistry { get; init; }

    /// <summary>Where <c>store://</c> references live, as <c>registry[/prefix]</c>; null refuses them.</summary>
    public string? StoreRegistry { get; init; }

    /// <summary>Attempts before a transfer is given up, counted anew from each one that brought something new.</summary>
    public int Attempts { get; init; } = 4;

    /// <summary>Attempts in all, however much each of them brought.</summary>
    public int TotalAttempts { get; init; } = 256;

    /// <summary>The wait after the first failure; it doubles with every further one. Each wait is shortened at random by up to half.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>The longest wait that doubling may reach.</summary>
    public TimeSpan LongestDelay { get; init; } = TimeSpan.FromSeconds(8);

    /// <summary>After two attempts, no further one begins once this much time brought nothing new.</summary>
    public TimeSpan RetryWindow { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest <c>Retry-After</c> that is waited for; a server that asks for more is given up.</summary>
    public TimeSpan LongestRetryAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a connection may take, name resolution and TLS included.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long nothing may arrive before an attempt counts as stalled.</summary>
    public TimeSpan StallTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Reads <c>GREENTIC_OCI_INSECURE_REGISTRIES</c>, <c>OCI_USERNAME</c>, <c>OCI_PASSWORD</c>, <c>GREENTIC_REPO_REGISTRY_BASE</c> and
    /// <c>GREENTIC_STORE_REGISTRY_BASE</c> (worker-runtime.md §2.2). List entries are trimmed, blank ones dropped; a blank variable counts as absent.
    /// </summary>
    /// <param name="variable">Looks a variable up; null when it is not set.</param>
    public static PullOptions FromEnvironment(Func<string, string?> variable)
    {
        ArgumentNullException.ThrowIfNull(variable);
        var username = Text("OCI_USERNAME");
        // A password is taken as it is: blanks at its ends may belong to it.
        var password = variable("OCI_PASSWORD") is { Length: > 0 } secret ? secret : null;
        return new PullOptions
        {
            InsecureRegistries = [.. (variable("GREENTIC_OCI_INSECURE_REGISTRIES") ?? "")
                .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)],
            // Half a pair still counts as credentials: the registry's refusal is clearer than a silent anonymous pull over plain HTTP.
            Credentials = username is null && password is null ? null : new RegistryCredentials(username ?? "", password ?? ""),
            RepoRegistry = Text("GREENTIC_REPO_REGISTRY_BASE"),
            StoreRegistry = Text("GREENTIC_STORE_REGISTRY_BASE"),
        };

        string? Text(string name) => variable(name)?.Trim() is { Length: > 0 } text ? text : null;
    }
}
