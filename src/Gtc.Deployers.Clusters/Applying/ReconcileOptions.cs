namespace Gtc.Deployers.Clusters;

/// <summary>What becomes of fields that somebody else has changed.</summary>
public enum DriftChoice
{
    /// <summary>They are taken back.</summary>
    Repair,

    /// <summary>Objects with such fields are left as they are and told.</summary>
    Report,

    /// <summary>Such fields are left to who set them; the rest of the object is applied.</summary>
    Adopt,
}

/// <summary>How a cluster is converged.</summary>
public sealed record ReconcileOptions
{
    /// <summary>What becomes of fields that somebody else has changed.</summary>
    public DriftChoice Drift { get; init; }

    /// <summary>Whether objects that carry no label of an environment, or that of another store, are taken over.</summary>
    public bool Adopts { get; init; }

    /// <summary>Whether the server only says what would be; nothing is changed.</summary>
    public bool IsDryRun { get; init; }

    /// <summary>Whether the identity is bound to the namespace: objects of the whole cluster are neither read nor written.</summary>
    public bool IsBound { get; init; }

    /// <summary>The label value of the store that the environment is of; null not to stamp objects with it.</summary>
    public string? Store { get; init; }

    /// <summary>How long rollouts are waited for; null not to wait.</summary>
    public TimeSpan? Wait { get; init; } = TimeSpan.FromSeconds(300);

    /// <summary>How often rollouts are looked at where they may not be watched.</summary>
    public TimeSpan Poll { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long running routers get to take new traffic shares over before workers are removed.</summary>
    public TimeSpan Settle { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Told what is being done, one line each; null to be quiet.</summary>
    public Action<string>? Progress { get; init; }
}
