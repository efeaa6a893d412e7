using System.Collections.Immutable;

namespace Gtc.Cli.Fleet.Applying;

/// <summary>What <c>gtc fleet apply</c> takes.</summary>
internal sealed record ApplyPayload
{
    /// <summary>The namespace when none is given.</summary>
    public const string DefaultNamespace = "fleet-demo";

    /// <summary>The name when none is given.</summary>
    public const string DefaultName = "hello-world";

    /// <summary>The image when none is given.</summary>
    public const string DefaultImage = "docker.io/library/nginx:latest";

    /// <summary>The port when none is given.</summary>
    public const string DefaultPort = "8080:80";

    public string? Namespace { get; init; }

    public string? Name { get; init; }

    public ImmutableArray<string> To { get => field.IsDefault ? [] : field; init; }

    public ImmutableArray<string> ToExpr { get => field.IsDefault ? [] : field; init; }

    public string? TargetDevice { get; init; }

    public string? Image { get; init; }

    public ImmutableArray<string> Port { get => field.IsDefault ? [] : field; init; }

    public bool NoPort { get; init; }

    public ImmutableArray<string> Env { get => field.IsDefault ? [] : field; init; }

    public ImmutableArray<string> Volume { get => field.IsDefault ? [] : field; init; }

    public string? Memory { get; init; }

    public string? Pull { get; init; }

    public string? Strategy { get; init; }

    public string? BatchSize { get; init; }

    public string? MaxUnavailable { get; init; }

    public uint? PauseOnFailedPercent { get; init; }

    public bool Print { get; init; }

    public bool Delete { get; init; }

    public bool NoWait { get; init; }

    public uint? Timeout { get; init; }

    public string? Kubeconfig { get; init; }

    public string? Context { get; init; }
}

/// <summary>What it answers.</summary>
/// <param name="Namespace">The deployment's namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="Generation">The generation that was made, or stayed.</param>
/// <param name="ScoreHash">The hash of the score.</param>
/// <param name="Selector">The selector as <c>kubectl -l</c> takes it; empty for every device.</param>
/// <param name="Image">The image in full.</param>
internal sealed record AppliedShown(string Namespace, string Name, long Generation, string ScoreHash, string Selector, string Image)
{
    /// <summary>What was warned of, or null.</summary>
    public IReadOnlyList<string>? Warnings { get; init; }
}

/// <summary>What <c>gtc fleet delete</c> takes.</summary>
internal sealed record DeletePayload
{
    public required string Name { get; init; }

    public string? Namespace { get; init; }

    public bool NoWait { get; init; }

    public uint? Timeout { get; init; }

    public string? Kubeconfig { get; init; }

    public string? Context { get; init; }
}

/// <summary>What it answers.</summary>
/// <param name="Namespace">The deployment's namespace.</param>
/// <param name="Name">Its name.</param>
/// <param name="State"><c>gone</c>, <c>going</c> when nobody waited, or <c>absent</c> when it was not there.</param>
internal sealed record DeletedShown(string Namespace, string Name, string State);
