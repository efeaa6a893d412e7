using System.Text.Json;
using Gtc.EnvPacks;
using Gtc.Model;

namespace Gtc.Conformance;

/// <summary>
/// One deployer with a provider of its own: what a check works on. Every check gets a fresh one, so that no check depends on another. The author of a
/// deployer overrides what the deployer can do.
/// </summary>
public abstract class ConformanceSubject : IAsyncDisposable
{
    /// <summary>The deployer under test.</summary>
    public abstract IDeployer Deployer { get; }

    /// <summary>The same deployer without a client for its provider; wanted from deployers that provide objects.</summary>
    public virtual IDeployer? Unconfigured => null;

    /// <summary>Its provider; wanted from deployers that provide anything.</summary>
    public virtual IObservedProvider? Provider => null;

    /// <summary>Answers that the deployer works with, a JSON object; null for its defaults.</summary>
    public virtual JsonElement? Answers => null;

    /// <summary>How long its warm waits for health. Keep it short: a check waits for its end.</summary>
    public virtual TimeSpan WarmTimeout => TimeSpan.FromSeconds(10);

    /// <summary>Where its documentation says what becomes of a split over a revision that was never warmed; null when such a split is refused.</summary>
    public virtual string? AcceptsUnwarmedSplits => null;

    /// <summary>What its credentials are checked with, or null when there is nothing to check.</summary>
    public virtual CredentialsCase? Credentials => null;

    /// <summary>A text that the provider was given as a secret, e.g. a token; null when it knows none.</summary>
    public virtual string? SecretMarker => null;

    /// <summary>Makes an environment known to where deployer and workers look, beyond the document that each verb is given. Called once per environment.</summary>
    /// <param name="environment">The environment of a check.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <returns>The environment as the verbs will be given it; bundle sources and digests may be filled in, ids and splits not changed.</returns>
    public virtual Task<EnvironmentDocument> PlaceAsync(EnvironmentDocument environment, CancellationToken cancellationToken) => Task.FromResult(environment);

    /// <summary>Whether the deployer can tell what it would make (<see cref="RenderAsync"/>).</summary>
    public virtual bool Renders => false;

    /// <summary>What the deployer would make, as bytes; asked only where it <see cref="Renders"/>.</summary>
    /// <param name="environment">The environment.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public virtual Task<byte[]> RenderAsync(EnvironmentDocument environment, CancellationToken cancellationToken) => Task.FromResult<byte[]>([]);

    /// <summary>Everything that deployer and workers logged.</summary>
    /// <param name="cancellationToken">Stops it.</param>
    public virtual Task<string> LogsAsync(CancellationToken cancellationToken) => Task.FromResult("");

    /// <summary>Removes what is left.</summary>
    public virtual ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }
}

/// <summary>How the credentials contract of a deployer is checked.</summary>
/// <param name="Contract">The contract.</param>
/// <param name="Allowed">A setting with everything that is needed.</param>
/// <param name="Denied">A setting in which at least one capability is missing.</param>
public sealed record CredentialsCase(IDeployerCredentials Contract, CredentialsSetting Allowed, CredentialsSetting Denied);
